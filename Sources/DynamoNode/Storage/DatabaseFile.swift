import Foundation
import GRDB

/// One SQLite file in WAL mode: a connection that writes, every commit synced to disk, and one that reads beside it.
struct DatabaseFile: Sendable {
    let path: String
    private let writer: DatabaseQueue
    private let reader: DatabaseQueue

    /// Opens the file, and creates it with `schema` when it is not there.
    ///
    /// - Parameter migrations: by an earlier format, what makes the next one of it.
    init(path: String, schema: String, format: Int, migrations: [Int: String] = [:]) throws(StoreError) {
        self.path = path
        do {
            writer = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: false))
            try writer.inDatabase { db in
                // Not by GRDB's own setting, which would make commits of its own and sync none.
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                // Checkpoints are made when ``checkpointIfLong()`` finds it is time.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
                let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                if found == 0 {
                    try db.inTransaction(.immediate) {
                        try db.execute(sql: schema + ";PRAGMA user_version = \(format)")
                        return .commit
                    }
                } else if found != format {
                    try Self.migrate(db, path: path, from: found, to: format, migrations)
                }
            }
            reader = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
            // What is mapped counts as memory of the process: enough for what is read often.
            try reader.inDatabase { try $0.execute(sql: "PRAGMA mmap_size = 16777216") }
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError where Self.unusable.contains(error.resultCode) {
            throw .unusable(path: path, reason: Self.reason(error))
        } catch {
            throw .cannotOpen(path: path, reason: Self.reason(error))
        }
    }

    /// Bytes of SQLite's log after which it is moved into the file.
    private static let longLog = 1 << 20

    /// What SQLite says of a file that is no database, or whose pages are damaged.
    private static let unusable: [ResultCode] = [.SQLITE_NOTADB, .SQLITE_CORRUPT]

    private static func migrate(
        _ db: Database, path: String, from found: Int, to format: Int, _ migrations: [Int: String]
    ) throws {
        guard found < format else { throw StoreError.unknownFormat(path: path, version: found) }
        try db.inTransaction(.immediate) {
            for version in found..<format {
                guard let sql = migrations[version] else {
                    throw StoreError.unknownFormat(path: path, version: found)
                }
                try db.execute(sql: sql)
            }
            try db.execute(sql: "PRAGMA user_version = \(format)")
            return .commit
        }
    }

    private static func configuration(readonly: Bool) -> GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Runs `body` on the reading connection, which sees every commit so far.
    func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do {
            return try reader.unsafeRead(body)
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError where Self.unusable.contains(error.resultCode) {
            throw .unusable(path: path, reason: Self.reason(error))
        } catch {
            throw .readFailed(path: path, reason: Self.reason(error))
        }
    }

    /// Runs `body` in one transaction; when this returns, the transaction is on disk.
    func write(_ body: (Database) throws -> Void) throws(StoreError) {
        do {
            try writer.inTransaction(.immediate) { db in
                try body(db)
                return .commit
            }
        } catch {
            throw .writeFailed(path: path, reason: Self.reason(error))
        }
    }

    /// Moves what SQLite's own log holds into the file once it is long, beside whoever reads meanwhile.
    func checkpointIfLong() throws(StoreError) {
        var status = stat()
        guard stat(path + "-wal", &status) == 0, status.st_size >= Self.longLog else { return }
        do {
            // Nobody writes meanwhile, and readers are short: all of it is moved, and the next transaction begins it anew.
            try writer.inDatabase { db in _ = try db.checkpoint(.truncate) }
        } catch {
            throw .writeFailed(path: path, reason: Self.reason(error))
        }
    }

    /// Closes the connections; the last one to go moves the log into the file.
    func close() throws(StoreError) {
        do {
            try reader.close()
            try writer.close()
        } catch {
            throw .writeFailed(path: path, reason: Self.reason(error))
        }
    }

    /// SQLite's own words, without the statement and its arguments: those may hold a user's data.
    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        let code = "SQLite error \(error.extendedResultCode.rawValue)"
        return error.message.map { "\(code): \($0)" } ?? code
    }
}

extension Row {
    /// The bytes in a column; nil when something else is there, as in a file that was tampered with.
    func bytes(_ column: Int) -> [UInt8]? {
        let value: DatabaseValue = self[column]
        return Data.fromDatabaseValue(value).map { [UInt8]($0) }
    }

    /// The integer in a column, as the 64 bits that were stored.
    func integer(_ column: Int) -> UInt64? {
        let value: DatabaseValue = self[column]
        return Int64.fromDatabaseValue(value).map { UInt64(bitPattern: $0) }
    }

    func text(_ column: Int) -> String? {
        let value: DatabaseValue = self[column]
        return String.fromDatabaseValue(value)
    }
}
