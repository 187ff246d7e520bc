import Causality
import Dynamo
import Foundation
import GRDB

/// `hints.sqlite`: siblings held for homes that could not be reached, apart from the node's own data.
struct HintFile: Sendable {
    private let file: DatabaseFile

    private static let schema = """
        CREATE TABLE hints (
            home TEXT NOT NULL, bucket BLOB NOT NULL, key BLOB NOT NULL, siblings BLOB NOT NULL,
            incarnation INTEGER NOT NULL, checksum INTEGER NOT NULL, stored_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (home, bucket, key)) WITHOUT ROWID
        """

    init(directory: String) throws(StoreError) {
        file = try DatabaseFile(
            path: directory + "/hints.sqlite", schema: Self.schema, format: 2,
            migrations: [1: "ALTER TABLE hints ADD COLUMN stored_at INTEGER NOT NULL DEFAULT 0"])
    }

    func checkpointIfLong() throws(StoreError) { try file.checkpointIfLong() }
    func close() throws(StoreError) { try file.close() }

    func hint(_ key: Key, home: String) throws(StoreError) -> HintedObject? {
        try file.read { db in
            let statement = try db.cachedStatement(
                sql:
                    "SELECT siblings, incarnation, checksum, stored_at FROM hints WHERE home = ? AND bucket = ? AND key = ?"
            )
            let arguments: StatementArguments = [home, Data(key.bucket), Data(key.name)]
            guard let row = try Row.fetchOne(statement, arguments: arguments) else { return nil }
            return try hint(key: key, home: home, row: row, from: 0)
        }
    }

    func contains(_ key: Key, home: String) throws(StoreError) -> Bool {
        try file.read { db in
            let statement = try db.cachedStatement(sql: "SELECT 1 FROM hints WHERE home = ? AND bucket = ? AND key = ?")
            return try Row.fetchOne(statement, arguments: [home, Data(key.bucket), Data(key.name)]) != nil
        }
    }

    /// Up to `limit` hints for a home after a key, in ascending order of key. Corrupt rows go to `corrupt` and are left
    /// out.
    func hints(
        home: String, after key: Key?, limit: Int, corrupt: (StoreError) -> Void
    ) throws(StoreError) -> [HintedObject] {
        try file.read { db in
            let condition = key == nil ? "" : "AND (bucket, key) > (?, ?)"
            let statement = try db.cachedStatement(
                sql: """
                    SELECT bucket, key, siblings, incarnation, checksum, stored_at FROM hints WHERE home = ? \(condition)
                    ORDER BY bucket, key LIMIT ?
                    """)
            let position: StatementArguments = key.map { [Data($0.bucket), Data($0.name)] } ?? []
            let rows = try Row.fetchCursor(statement, arguments: [home] + position + [limit])
            var hints: [HintedObject] = []
            while let row = try rows.next() {
                guard let bucket = row.bytes(0), let name = row.bytes(1) else { continue }
                do throws(StoreError) {
                    hints.append(try hint(key: Key(bucket: bucket, name: name), home: home, row: row, from: 2))
                } catch {
                    corrupt(error)
                }
            }
            return hints
        }
    }

    /// Every key that has a hint, with its home.
    func places() throws(StoreError) -> [WriteBatch.HintKey] {
        try file.read { db in
            let rows = try Row.fetchCursor(db, sql: "SELECT home, bucket, key FROM hints")
            var places: [WriteBatch.HintKey] = []
            while let row = try rows.next() {
                guard let home = row.text(0), let bucket = row.bytes(1), let name = row.bytes(2) else { continue }
                places.append(WriteBatch.HintKey(home: home, key: Key(bucket: bucket, name: name)))
            }
            return places
        }
    }

    /// Writes what of the changes belongs here, in one transaction.
    func commit(_ batch: WriteBatch) throws(StoreError) {
        try file.write { db in
            let insertion = try db.cachedStatement(sql: "INSERT OR REPLACE INTO hints VALUES (?, ?, ?, ?, ?, ?, ?)")
            let deletion = try db.cachedStatement(sql: "DELETE FROM hints WHERE home = ? AND bucket = ? AND key = ?")
            for (place, change) in batch.hints {
                let position: StatementArguments = [place.home, Data(place.key.bucket), Data(place.key.name)]
                switch change {
                case .delete: try deletion.execute(arguments: position)
                case .store(let hint):
                    let bytes = SiblingsCodec.encode(hint.siblings)
                    try insertion.execute(
                        arguments: position + [
                            Data(bytes), Int64(bitPattern: hint.incarnation), Int64(RowChecksum.of(hint, bytes)),
                            Int64(bitPattern: hint.storedAt),
                        ])
                }
            }
        }
    }

    private func hint(key: Key, home: String, row: Row, from column: Int) throws(StoreError) -> HintedObject {
        guard let bytes = row.bytes(column), let incarnation = row.integer(column + 1),
            let siblings = try? SiblingsCodec.decode(bytes), let storedAt = row.integer(column + 3)
        else { throw .corruptRow(path: file.path, key: "\(key.readable) for \(home)") }
        let hint = HintedObject(
            key: key, home: home, siblings: siblings, incarnation: incarnation, storedAt: storedAt)
        guard row.integer(column + 2) == UInt64(RowChecksum.of(hint, bytes)) else {
            throw .corruptRow(path: file.path, key: "\(key.readable) for \(home)")
        }
        return hint
    }
}
