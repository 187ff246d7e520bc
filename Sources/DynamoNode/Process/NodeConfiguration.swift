import Dynamo
import Logging

/// Everything that a node is told when it starts.
public struct NodeConfiguration: Sendable {
    /// What the replica is told.
    public var replica: Configuration
    /// Nodes of different clusters refuse each other.
    public var cluster: String
    public var storage: Storage
    public var client: Endpoint
    public var peer: Endpoint
    public var http: Endpoint
    /// The HTTP port of a member that is to let this node in, if its store does not know yet that it is one.
    public var join: Endpoint?
    public var logLevel: Logger.Level
    public var logFormat = LogFormat.logfmt

    /// Where a node keeps what it stores.
    public enum Storage: Hashable, Sendable {
        /// In SQLite databases in a directory.
        case sqlite(directory: String)
        /// In memory: every start is that of a new, empty node.
        case memory

        func open() throws(StoreError) -> any StorageEngine {
            switch self {
            case .sqlite(let directory): try SQLiteStore(directory: directory)
            case .memory: MemoryEngine()
            }
        }
    }

    /// What clients may take of each port.
    var clientLimits = ConnectionRegistry.Limits()
    var webLimits: ConnectionRegistry.Limits = {
        var limits = ConnectionRegistry.Limits()
        limits.idle = .seconds(120)
        return limits
    }()

    public init(
        replica: Configuration, cluster: String = "dyno", storage: Storage, client: Endpoint, peer: Endpoint,
        http: Endpoint, join: Endpoint? = nil, logLevel: Logger.Level = .info
    ) {
        self.replica = replica
        self.cluster = cluster
        self.storage = storage
        self.client = client
        self.peer = peer
        self.http = http
        self.join = join
        self.logLevel = logLevel
    }
}
