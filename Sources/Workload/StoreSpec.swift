/// The store that a workload asks for: its kind, its size and its configuration.
public struct StoreSpec: Sendable, Hashable {
    public var kind = Kind.dynamo
    /// How many nodes, named `n1`, `n2`, ….
    public var nodes = 5
    /// Replicas of a key.
    public var n = 3
    public var r = 2
    public var w = 2
    /// Ring partitions.
    public var ring = 64
    public var antiEntropy = true
    public var hintedHandoff = true
    public var readRepair = true
    public var sloppyQuorum = true
    /// How versions are told apart.
    public var clocks = Clocks.dotted
    /// Entries of a vector clock beyond which the oldest are dropped.
    public var truncate = 10
    /// What keeps a node's data.
    public var storage = Storage.sqlite
    /// How long a coordinator works on a request before it gives up.
    public var requestTimeout: Duration = .seconds(2)

    /// The data centre of each node; empty: there is only one.
    public var zones: [String] = []
    /// Each node's share of the ring, relative to the others'; empty: all alike.
    public var weights: [Int] = []

    public init() {}

    /// What is put on the bench.
    public enum Kind: String, Sendable, CaseIterable {
        case dynamo
    }

    public enum Clocks: String, Sendable, CaseIterable {
        case dotted, vector
    }

    public enum Storage: String, Sendable, CaseIterable {
        case sqlite, memory
    }

    /// `n1` to the last node, in order.
    public var nodeNames: [String] { (0..<max(0, nodes)).map { "n\($0 + 1)" } }

    /// Every data centre once, in the order of the nodes.
    public var zoneNames: [String] {
        var names: [String] = []
        for zone in zones where !names.contains(zone) { names.append(zone) }
        return names
    }
}
