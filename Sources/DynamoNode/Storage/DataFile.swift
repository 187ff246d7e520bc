import Causality
import Dynamo
import Foundation
import GRDB

/// `data.sqlite`: the objects that this node is home of (or was), its own numbers, and the buckets' properties.
struct DataFile: Sendable {
    let file: DatabaseFile

    /// Objects are in order of ring position, so that a ring partition, and any part of one, is a range of rows. What is
    /// read of many rows at once stands before the siblings, which may spill over onto pages of their own.
    private static let schema = """
        CREATE TABLE objects (
            position BLOB NOT NULL, bucket BLOB NOT NULL, key BLOB NOT NULL, hash BLOB NOT NULL,
            checksum INTEGER NOT NULL, siblings BLOB NOT NULL,
            PRIMARY KEY (position, bucket, key)) WITHOUT ROWID;
        CREATE TABLE totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO totals VALUES ('objects', 0), ('log-segment', 0), ('log-record', 0);
        CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE buckets (
            bucket BLOB PRIMARY KEY, properties BLOB NOT NULL, version INTEGER NOT NULL, set_by TEXT NOT NULL,
            checksum INTEGER NOT NULL) WITHOUT ROWID
        """

    init(directory: String) throws(StoreError) {
        file = try DatabaseFile(
            path: directory + "/data.sqlite", schema: Self.schema + Self.membershipSchema, format: 3,
            migrations: [2: "INSERT OR IGNORE INTO totals VALUES ('log-segment', 0), ('log-record', 0)"])
    }

    var path: String { file.path }

    func checkpointIfLong() throws(StoreError) { try file.checkpointIfLong() }
    func close() throws(StoreError) { try file.close() }

    func object(_ key: Key) throws(StoreError) -> Siblings? {
        try file.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT siblings, checksum FROM objects WHERE position = ? AND bucket = ? AND key = ?")
            guard let row = try Row.fetchOne(statement, arguments: Self.place(key)) else { return nil }
            return try siblings(of: key, row: row, siblingsAt: 0, checksumAt: 1)
        }
    }

    func contains(_ key: Key) throws(StoreError) -> Bool {
        try file.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT 1 FROM objects WHERE position = ? AND bucket = ? AND key = ?")
            return try Row.fetchOne(statement, arguments: Self.place(key)) != nil
        }
    }

    /// Up to `limit` objects after a key, in ascending order of position. A corrupt row is handed to `corrupt` and left
    /// out.
    func objects(
        after key: Key?, limit: Int, corrupt: (Key, StoreError) -> Void
    ) throws(StoreError) -> (objects: [(Key, Siblings)], last: Key?) {
        try file.read { db in
            let condition = key == nil ? "" : "WHERE (position, bucket, key) > (?, ?, ?)"
            let statement = try db.cachedStatement(
                sql: """
                    SELECT bucket, key, siblings, checksum FROM objects \(condition)
                    ORDER BY position, bucket, key LIMIT ?
                    """)
            let place = key.map { Self.place($0) } ?? []
            let rows = try Row.fetchCursor(statement, arguments: place + [limit])
            var objects: [(Key, Siblings)] = []
            var last: Key?
            while let row = try rows.next() {
                guard let bucket = row.bytes(0), let name = row.bytes(1) else { continue }
                let key = Key(bucket: bucket, name: name)
                last = key
                do throws(StoreError) {
                    objects.append((key, try siblings(of: key, row: row, siblingsAt: 2, checksumAt: 3)))
                } catch {
                    corrupt(key, error)
                }
            }
            return (objects, last)
        }
    }

    /// Up to `limit` objects after a key, in ascending order of position, read to be checked; nil siblings: the row is
    /// corrupt. `isIndexed`: what entries tell of it is right.
    func check(
        after key: Key?, limit: Int
    ) throws(StoreError) -> [(key: Key, siblings: Siblings?, isIndexed: Bool)] {
        try file.read { db in
            let condition = key == nil ? "" : "WHERE (position, bucket, key) > (?, ?, ?)"
            let statement = try db.cachedStatement(
                sql: """
                    SELECT bucket, key, hash, siblings, checksum FROM objects \(condition)
                    ORDER BY position, bucket, key LIMIT ?
                    """)
            let place = key.map { Self.place($0) } ?? []
            let rows = try Row.fetchCursor(statement, arguments: place + [limit])
            var checked: [(key: Key, siblings: Siblings?, isIndexed: Bool)] = []
            while let row = try rows.next() {
                guard let bucket = row.bytes(0), let name = row.bytes(1) else { continue }
                let key = Key(bucket: bucket, name: name)
                let siblings = try? siblings(of: key, row: row, siblingsAt: 3, checksumAt: 4)
                checked.append((key, siblings, siblings?.hash == row.hash(2)))
            }
            return checked
        }
    }

    /// Up to `limit` entries at positions `from ... through`, after a key, in ascending order.
    func entries(
        from: Hash128, through: Hash128, after key: Key?, limit: Int
    ) throws(StoreError) -> [StoredEntry] {
        try file.read { db in
            let condition = key == nil ? "position >= ?" : "(position, bucket, key) > (?, ?, ?)"
            let statement = try db.cachedStatement(
                sql: """
                    SELECT position, bucket, key, hash FROM objects
                    WHERE \(condition) AND position <= ? AND length(hash) = 16
                    ORDER BY position, bucket, key LIMIT ?
                    """)
            let start = key.map { Self.place($0) } ?? [from.data]
            let rows = try Row.fetchCursor(statement, arguments: start + [through.data, limit])
            var entries: [StoredEntry] = []
            while let row = try rows.next() {
                guard let position = row.hash(0), let bucket = row.bytes(1), let name = row.bytes(2),
                    let hash = row.hash(3)
                else { throw StoreError.corruptRow(path: file.path, key: "an object") }
                entries.append(StoredEntry(position: position, key: Key(bucket: bucket, name: name), hash: hash))
            }
            return entries
        }
    }

    func countObjects() throws(StoreError) -> Int {
        try file.read { db in try Int.fetchOne(db, sql: "SELECT value FROM totals WHERE name = 'objects'") ?? 0 }
    }

    /// From where on the commit log holds what is not here.
    func mark() throws(StoreError) -> CommitLog.Mark { try file.read(Self.mark) }

    /// Says where the commit log begins.
    func setMark(_ mark: CommitLog.Mark) throws(StoreError) { try file.write { db in try Self.write(mark, db) } }

    private static func mark(_ db: Database) throws -> CommitLog.Mark {
        func total(_ name: String) throws -> UInt64 {
            let value = try Int64.fetchOne(db, sql: "SELECT value FROM totals WHERE name = ?", arguments: [name])
            return UInt64(bitPattern: value ?? 0)
        }
        return CommitLog.Mark(segment: try total("log-segment"), record: try total("log-record"))
    }

    private static func write(_ mark: CommitLog.Mark, _ db: Database) throws {
        for (name, value) in [("log-segment", mark.segment), ("log-record", mark.record)] {
            try db.execute(
                sql: "INSERT OR REPLACE INTO totals VALUES (?, ?)", arguments: [name, Int64(bitPattern: value)])
        }
    }

    func numbers() throws(StoreError) -> [String: UInt64] {
        try file.read { db in
            var numbers: [String: UInt64] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT name, value FROM numbers") {
                guard let name = row.text(0), let value = row.integer(1) else {
                    throw StoreError.corruptRow(path: file.path, key: "a number")
                }
                numbers[name] = value
            }
            return numbers
        }
    }

    func buckets() throws(StoreError) -> [BucketEntry] {
        try file.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT bucket, properties, version, set_by, checksum FROM buckets")
            return try rows.map { row in
                guard let bucket = row.bytes(0), let bytes = row.bytes(1), let version = row.integer(2),
                    let setBy = row.text(3), row.integer(4) == UInt64(Self.checksum(bucket: bucket, bytes)),
                    let properties = BucketCodec.decode(bytes)
                else { throw StoreError.corruptRow(path: file.path, key: "a bucket") }
                return BucketEntry(bucket: bucket, properties: properties, version: version, setBy: setBy)
            }
        }
    }

    /// Writes what of the changes belongs here, and how far the commit log is no longer needed, in one transaction. Does
    /// nothing when an earlier call did it.
    func commit(_ batch: WriteBatch, _ mark: CommitLog.Mark) throws(StoreError) {
        try file.write { db in
            if try Self.mark(db).segment >= mark.segment { return }
            try Self.write(mark, db)
            try Self.commitObjects(batch, db)
            for (name, value) in batch.numbers {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO numbers VALUES (?, ?)", arguments: [name, Int64(bitPattern: value)])
            }
            if let membership = batch.membership { try Self.write(membership, db) }
            for entry in batch.buckets.values {
                let bytes = BucketCodec.encode(entry.properties)
                try db.execute(
                    sql: "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        Data(entry.bucket), Data(bytes), Int64(bitPattern: entry.version), entry.setBy,
                        Int64(Self.checksum(bucket: entry.bucket, bytes)),
                    ])
            }
        }
    }

    private static func commitObjects(_ batch: WriteBatch, _ db: Database) throws {
        // Marked by a hash that is none: entries leave such rows out.
        for key in batch.corrupt {
            try db.execute(
                sql: "UPDATE objects SET hash = x'' WHERE position = ? AND bucket = ? AND key = ?",
                arguments: place(key))
        }
        if batch.objects.isEmpty { return }
        let insertion = try db.cachedStatement(sql: "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)")
        let deletion = try db.cachedStatement(
            sql: "DELETE FROM objects WHERE position = ? AND bucket = ? AND key = ?")
        // In the order of the rows, so that those of a page are written one after the other.
        let changes = batch.objects.sorted { $0.value.position < $1.value.position }
        for (key, change) in changes {
            let place = place(key, at: change.position)
            guard let siblings = change.siblings else {
                try deletion.execute(arguments: place)
                continue
            }
            let bytes = SiblingsCodec.encode(siblings)
            try insertion.execute(
                arguments: place + [siblings.hash.data, Int64(RowChecksum.of(key, bytes)), Data(bytes)])
        }
        if batch.objectsAdded != 0 {
            try db.execute(
                sql: "UPDATE totals SET value = value + ? WHERE name = 'objects'", arguments: [batch.objectsAdded])
        }
    }

    /// The primary key of an object's row.
    private static func place(_ key: Key, at position: Hash128? = nil) -> StatementArguments {
        [(position ?? key.position).data, Data(key.bucket), Data(key.name)]
    }

    private func siblings(
        of key: Key, row: Row, siblingsAt: Int, checksumAt: Int
    ) throws(StoreError) -> Siblings {
        guard let bytes = row.bytes(siblingsAt), row.integer(checksumAt) == UInt64(RowChecksum.of(key, bytes)),
            let siblings = try? SiblingsCodec.decode(bytes)
        else { throw .corruptRow(path: file.path, key: key.readable) }
        return siblings
    }

    private static func checksum(bucket: [UInt8], _ bytes: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.addCounted(bucket)
        checksum.addCounted(bytes)
        return checksum.value
    }
}
