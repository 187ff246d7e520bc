import History
import Nemesis

/// A store on the bench, as far as the controller knows it: how a node is run, where its clients connect, and what an observer
/// can read. `DynamoStore` is the first conformer; nothing in the controller knows more than this.
public protocol Store: Sendable {
    /// What the run's header calls the store.
    var name: String { get }
    /// Where a node's clients connect, and with which protocol they speak (Riak's protocol buffers).
    var clientPort: Int { get }

    /// What to run for `node`, whose files belong under `dataDirectory`.
    func command(for node: NodeLink, among nodes: [NodeLink], dataDirectory: String) -> NodeCommand
    /// What to run for `newcomer`, a node that was not there before and joins the ring through `member`; nil for a store
    /// that cannot.
    func joinCommand(for newcomer: NodeLink, through member: NodeLink, dataDirectory: String) -> NodeCommand?
    /// What an administrator runs to change the ring, one after the other: the last ends with 0 once the change is complete.
    /// Empty for a store that cannot.
    func commands(for change: RingChange, through member: NodeLink) -> [NodeCommand]
    /// Whether the node serves.
    func isReady(_ node: NodeLink) async -> Bool
    /// What the node itself stores, its hints and its Merkle roots; nil for a store that shows none of that.
    func observe(_ node: NodeLink) async throws -> NodeObservation?
    /// Running totals of the node since it started; nil for a store that counts nothing.
    func counters(_ node: NodeLink) async throws -> StoreCounters?
    /// The node's own wall clock, in microseconds since 1970; nil for a store that does not tell it.
    func wallClock(of node: NodeLink) async throws -> Int64?
    /// The preference list of a key as `node` sees it, homes first; nil where it is not known.
    func preferenceList(of key: String, from node: NodeLink) async throws -> [String]?
    /// The Merkle roots that the node reports; nil for a store that shows none.
    func roots(_ node: NodeLink) async throws -> [NodeObservation.Root]?
    /// The ring as `node` sees it; nil for a store that has none.
    func ringTable(from node: NodeLink) async throws -> RingTable?
}

extension Store {
    public func roots(_ node: NodeLink) async throws -> [NodeObservation.Root]? { nil }
    public func ringTable(from node: NodeLink) async throws -> RingTable? { nil }
}

/// A change of the ring that an administrator asks for.
public enum RingChange: Sendable, Hashable {
    /// A node hands over what it has, to be stopped after that.
    case leave(NodeLink)
    /// The first is gone for ever, the second is going to be started in its place.
    case replace(NodeLink, with: NodeLink)
    /// Nothing new: only waits until a node that was started as one that joins has all that it should have.
    case settle(NodeLink)
}

/// What an observer read of a node.
public struct NodeObservation: Sendable {
    /// One key in one place of a node.
    public struct Replica: Sendable {
        public var key: String
        public var home: Bool
        /// The Merkle range of the key, where the node is its home.
        public var range: String?
        public var versions: [VersionDraft]
    }

    public struct Root: Sendable, Hashable {
        public var range: String
        public var hash: String
    }

    public var replicas: [Replica]
    /// Hinted versions held for other nodes.
    public var hints: Int
    public var roots: [Root]

    public init(replicas: [Replica], hints: Int, roots: [Root]) {
        self.replicas = replicas
        self.hints = hints
        self.roots = roots
    }
}

/// What a node counts about itself.
public struct StoreCounters: Sendable, Hashable {
    public var hintsWaiting = 0
    public var hintsStored = 0
    public var hintsDelivered = 0
    /// Keys that a Merkle exchange found different and repaired.
    public var keysRepaired = 0
    public var readRepairs = 0
    /// Messages about reads and writes sent to other replicas.
    public var replicationMessages = 0
    public init() {}
}
