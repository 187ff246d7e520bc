import GRDB
import Synchronization

/// Moves SQLite's write-ahead log into the database file, so that it does not grow for ever.
///
/// To copy thousands of pages takes tens of milliseconds, and a commit must not wait for it. So the bulk is copied over
/// a connection of its own while commits go on. They leave a rest in the log, which the writer copies before its next
/// transaction: that is quick, and then the log begins anew.
final class Checkpoints: Sendable {
    private struct State {
        var connection: DatabaseQueue?
        var isBegun = false
    }

    private let path: String
    private let configuration: GRDB.Configuration
    private let state = Mutex(State())

    init(path: String, configuration: GRDB.Configuration) {
        self.path = path
        self.configuration = configuration
    }

    /// Copies the bulk. Opened when first needed: a node that writes little never is.
    func run() throws {
        let connection = try state.withLock { state in
            if let connection = state.connection { return connection }
            let connection = try DatabaseQueue(path: path, configuration: configuration)
            state.connection = connection
            return connection
        }
        try connection.inDatabase { db in _ = try db.checkpoint(.passive) }
        state.withLock { $0.isBegun = true }
    }

    /// Copies the rest over the writer's connection, outside of any transaction of it.
    func completeIfBegun(_ writer: Database) throws {
        let isBegun = state.withLock { state in
            defer { state.isBegun = false }
            return state.isBegun
        }
        if isBegun { try writer.checkpoint(.passive) }
    }

    func close() throws { try state.withLock { try $0.connection?.close() } }
}
