/// What a run does to a store, as a value: the store's shape, the load, the faults and what must have been seen at the end.
///
/// Made by ``WorkloadFile/parse(text:file:)`` from a YAML file, whose keys `WorkloadFiles.md` lists; every property here is the
/// key of the same name. A value is checked when it is parsed, not when it is built in code.
public struct Workload: Sendable, Hashable {
    public var name: String
    public var store = StoreSpec()
    /// Client processes at work at the same time.
    public var clients = 16
    public var client = ClientKind.anyNode
    public var length = Length.operations(10_000)
    /// Most operations begun in a second, over all clients; nil for as many as the store takes.
    public var rate: Int?
    public var keys = KeySpace()
    public var mix = Mix()
    /// Bytes of a written value, padding included; a value whose id and items need more is longer.
    public var valueSize = 100
    public var merge = Merge.register
    /// Quorums sent with each request of the load; nil leaves them to the store.
    public var requestQuorum = RequestQuorum()
    /// How long a client waits for the answer to a request.
    public var clientTimeout: Duration = .seconds(3)
    public var faults: [FaultSpec] = []
    public var network = Network.auto
    /// Faults whose times are drawn from the seed; nil: none.
    public var random: RandomFaults?
    /// `r` of the final reads; nil stands for the store's `n`.
    public var finalReadQuorum: Int?
    /// How long the load goes on after the last planned fault was undone, even when ``length`` is reached; nil for no time at all.
    public var settle: Duration?
    /// How long the store may take, once healed, until all replicas agree.
    public var convergeWithin: Duration = .seconds(30)
    public var checkers: [CheckerChoice] = CheckerChoice.byDefault
    /// What must have happened for a verdict to count, in the order of ``Requirement/allCases``.
    public var require: [Floor] = []
    public var seed: UInt64 = 1
    /// Most bytes of the compressed file of captured packets; 0: no file.
    public var captureLimit = 64_000_000

    public init(name: String) { self.name = name }

    /// Everything that may be done in a run, at whatever time.
    public var actions: [FaultSpec.Action] {
        faults.map(\.action) + (random?.choices.map(\.action) ?? [])
    }

    /// `r` of the final reads.
    public var finalReadR: Int { finalReadQuorum ?? store.n }

    /// How a client chooses the node that it speaks to.
    public enum ClientKind: String, Sendable, CaseIterable {
        /// One and the same while it answers, which passes on what others must coordinate.
        case anyNode = "any-node"
        /// For each operation a home of its key, by the key's preference list, which any node tells.
        case ringAware = "ring-aware"
    }

    /// When the load is over.
    public enum Length: Sendable, Hashable {
        /// So many client operations were begun.
        case operations(Int)
        case duration(Duration)
    }

    /// How the nodes are kept apart from each other and from the machine.
    public enum Network: String, Sendable, CaseIterable {
        /// Namespaces where the kernel gives them, else a relay.
        case auto
        case namespaces
        /// Plain processes on loopback addresses, whose connections are relayed.
        case relay
    }

    /// What a client writes after it read several siblings.
    public enum Merge: String, Sendable, CaseIterable {
        /// A new value that replaces what was read.
        case register
        /// The union of the items of all siblings, with one item added or removed.
        case cart
    }

    /// Weights of the kinds of operation: each is chosen as often as its share of the sum.
    public struct Mix: Sendable, Hashable {
        public var get = 50
        public var put = 45
        public var delete = 5
        /// The share of puts that pass back no context, 0…100.
        public var blindPercent = 10
        public init(get: Int = 50, put: Int = 45, delete: Int = 5, blindPercent: Int = 10) {
            self.get = get
            self.put = put
            self.delete = delete
            self.blindPercent = blindPercent
        }
    }

    /// Quorums of single requests, where they differ from the store's.
    public struct RequestQuorum: Sendable, Hashable {
        public var r: Int?
        public var w: Int?
        public init(r: Int? = nil, w: Int? = nil) {
            self.r = r
            self.w = w
        }
    }
}

/// A checker that a workload asks for, by the name that the verdict uses.
public enum CheckerChoice: String, Sendable, CaseIterable {
    case siblings, causality, durability, convergence, session
    case linearizable, availability, staleness, causal, cart

    /// The first four: a Dynamo does not promise what the others check, or not in every run.
    public static let byDefault: [CheckerChoice] = [.siblings, .causality, .durability, .convergence]
}
