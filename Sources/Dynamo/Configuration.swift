/// How a replica is set up. Times in nanoseconds.
public struct Configuration: Sendable, Hashable {
    /// This node's name, one of ``members``.
    public var node: String
    /// The founders, in the same order everywhere: the first ring is derived from it. A store that knows of later
    /// changes goes by what it knows.
    public var members: [Member]
    /// Ring partitions, Q in the paper.
    public var partitions = 64
    public var n = 3
    public var r: Quorum = .count(2)
    public var w: Quorum = .count(2)
    public var allowMultiple = true
    public var sloppyQuorum = true
    public var hintedHandoff = true
    public var antiEntropy = true
    public var readRepair = true
    /// How long a client request may take.
    public var requestTimeout: Int64 = 2_000_000_000
    /// How long the coordinator waits for a replica before it asks the next node of the preference list.
    public var replicaTimeout: Int64 = 250_000_000
    public var probeInterval: Int64 = 200_000_000
    /// About as many probes in a row must go unanswered until a node is suspected; see ``FailureDetector``.
    public var missesUntilSuspected = 3
    public var handoffInterval: Int64 = 500_000_000
    /// Hinted objects in flight to one home.
    public var handoffBatch = 64
    public var exchangeInterval: Int64 = 250_000_000
    /// How often some stored objects are checked …
    public var verifyInterval: Int64 = 1_000_000_000
    /// … and how many.
    public var verifyRows = 200
    /// A put that leaves more siblings than this is noted …
    public var siblingsWarning = 25
    /// … and one that would leave more than this is refused.
    public var siblingsLimit = 100
    /// How long a hint is kept for a home that cannot be reached, since it was last added to; nil: until it is
    /// delivered. By the wall clock.
    public var hintWindow: Int64?
    /// How old a tombstone must be to be reaped; nil: tombstones are kept for ever.
    ///
    /// Not below the time for which the network may still deliver what a node sent before it was killed.
    public var reapAfter: Int64? = 3_000_000_000
    public var gossipInterval: Int64 = 1_000_000_000
    /// How often a node that gains something looks for what it can fetch next.
    public var transferInterval: Int64 = 100_000_000
    /// Bytes of values a second that a node fetches of what it gains; 0: as fast as it can.
    public var transferRate: Int64 = 16 << 20
    /// The planted fault, if any.
    public var flaw: Flaw?

    public init(node: String, members: [Member]) {
        self.node = node
        self.members = members
    }
}

/// A node of the cluster as the ring sees it.
public struct Member: Sendable, Hashable {
    public var name: String
    /// The share of virtual nodes, relative to the other members.
    public var weight: Int
    /// Data centre; replicas are spread over zones where there are several.
    public var zone: String
    /// Where other nodes reach it, as the shell understands it (host and port of its peer port); the core only passes
    /// it on.
    public var address: String
    public init(name: String, weight: Int = 1, zone: String = "", address: String = "") {
        self.name = name
        self.weight = weight
        self.zone = zone
        self.address = address
    }
}
