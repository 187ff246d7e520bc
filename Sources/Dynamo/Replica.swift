import Causality

/// One Dynamo node, pure: ring, coordinators, hinted handoff, Merkle exchange, failure detection and bucket properties,
/// composed.
///
/// A replica does nothing by itself. Whoever owns it (`dynamo-node`, the simulator) hands in what happened, by
/// ``handle(_:at:wallClock:)``, and interprets the effects in order. It has no clock, no randomness beyond the
/// generator it is given, and lets no order of a hash table reach an effect: the same inputs give the same effects.
///
/// What the shell owes it:
/// - a message arrives at most once (a forwarded put that arrived twice would be executed twice); messages may be lost
///   and late, but those from one node to another arrive in the order in which they were sent (reaping relies on it),
///   also over a new connection, and after a restart of the sender within ``Configuration/reapAfter``;
/// - ``Effect/sync(_:)`` is answered by exactly one ``Input/synced(_:)`` or ``Input/syncFailed(_:reason:)``, in the
///   order of the tokens; after a failure the store reads as the disk does, but for what was applied since the sync
///   began;
/// - after a crash the store holds what the last completed sync covered, or more.
public struct Replica<Store: LocalStore> {
    /// Where objects and hints are kept.
    public var store: Store
    public private(set) var configuration: Configuration
    /// The ring by which requests go.
    public var ring: Ring { membership.current }

    /// What is being answered.
    var now: Instant
    var wallClock: UInt64
    var effects: [Effect] = []

    var generator: SplitMix64
    /// The next number of a request, exchange or batch of this node. It starts at random: an answer to an earlier life
    /// of the node must not be taken for an answer to this one.
    var nextNumber: UInt64
    var incarnations: Incarnations
    var membership: Membership
    /// By peer: where the shell was told that it is.
    var addresses: [String: String] = [:]
    /// Nodes that are gone from the membership and still answer: they pass their clients' requests on until they are
    /// stopped.
    var lingering: Set<String> = []
    var detector: FailureDetector
    var ledger = DurabilityLedger<AfterSync>()
    /// The input in hand has asked for a sync.
    var wantsSync = false
    var catalog: BucketCatalog
    var forest: MerkleForest

    var puts: [UInt64: PutOperation] = [:]
    /// Puts that are not on this node's disk yet, as they were asked for.
    var unsynced: [UInt64: PutRequest] = [:]
    var gets: [UInt64: GetOperation] = [:]
    var conditionalPuts: [UInt64: ConditionalPut] = [:]
    /// Who waits for the puts and gets that have not been answered.
    var origins: [UInt64: Origin] = [:]
    var forwards: [UInt64: Forward] = [:]
    var listings: [UInt64: Listing] = [:]
    var bucketSets: [BucketSet] = []
    var handoffs: [String: HandoffBatch] = [:]
    /// By home: the last hint whose age was looked at.
    var expiryCursors: [String: Key] = [:]
    /// Hints that this node, which has left, has given to others to keep, until they are on disk there.
    var relays: [UInt64: HintRelay] = [:]
    var exchanges: [UInt64: Exchange] = [:]
    /// Comparisons of roots that are under way, by peer, and the peer that had its turn last.
    var sweeps: [String: Sweep] = [:]
    var exchangeCursor = 0
    /// The tree with which reading the forest goes on.
    var forestCursor = 0
    /// The last object that was checked; nil: begin with the first.
    var verifiedUpTo: Key?
    /// When this life began.
    let startedAt: Instant
    var graves = Graves()
    /// The round of reaping that this node leads.
    var reapRound: ReapRound?
    /// By leader: what this node watches in its name.
    var watches: [String: ReapWatch] = [:]
    /// What this node fetches before it becomes a home of it; nil: nothing.
    var transfer: Transfer?
    /// What it is not home of (any more).
    var surplus = Surplus()
    /// Hints deleted at the start by a planted flaw, by home, to be noted.
    var forgotten: [(home: String, count: Int)] = []

    /// Sets a node up on its store: reads what must not be forgotten. What the Merkle trees do not know from the life before is
    /// read later, bit by bit.
    ///
    /// - Parameters:
    ///   - generator: seeded by the shell, anew for every start.
    ///   - now: the monotonic clock.
    ///   - wallClock: microseconds since 1970.
    /// - Throws: ``ConfigurationError``, or what the store throws.
    public init(
        configuration: Configuration, store: Store, generator: SplitMix64, now: Instant, wallClock: UInt64
    ) throws {
        self.configuration = configuration
        self.store = store
        membership = try Membership(try Replica.state(configuration, store))
        guard membership.state.everybody.contains(where: { $0.name == configuration.node }) else {
            throw ConfigurationError.notAMember(configuration.node)
        }
        self.configuration.partitions = membership.state.partitions
        self.configuration.n = membership.state.n
        self.now = now
        startedAt = now
        self.wallClock = wallClock
        self.generator = generator
        nextNumber = (self.generator.next() >> 16) << 1
        incarnations = try Incarnations(
            store: &self.store, generator: &self.generator, reusesActor: configuration.flaw == .reusedActor)
        detector = FailureDetector(
            peers: [],
            patience: .init(probeInterval: configuration.probeInterval, misses: configuration.missesUntilSuspected),
            isYoung: true)
        catalog = try BucketCatalog(entries: self.store.buckets())
        forest = MerkleForest(membership, node: configuration.node)
        if configuration.flaw == .forgetHints { try forgetHints() }
        takeNewIncarnation()
        plantForest()
        if let trees = self.store.takeTrees() { forest.adopt(trees) }
        meet()
    }

    /// What the store knows of the membership, or else the founders as configured. Where founders are reached is up to
    /// the configuration in any case.
    private static func state(_ configuration: Configuration, _ store: Store) throws -> MembershipState {
        let configured = MembershipState(
            founders: configuration.members, partitions: configuration.partitions, n: configuration.n)
        guard var state = try store.membership() else { return configured }
        for (place, founder) in state.founders.enumerated() {
            let address = configuration.members.first { $0.name == founder.name }?.address ?? ""
            if !address.isEmpty { state.founders[place].address = address }
        }
        return state
    }

    /// Call once, before any input: sets the timers and probes the peers.
    public mutating func start(at now: Instant) -> [Effect] {
        self.now = now
        for (home, count) in forgotten {
            for _ in 0..<count { note(.hintDropped(home: home)) }
        }
        forgotten = []
        sync(.nothing)
        beginMembership()
        probe()
        effects.append(.setTimer(.gossip, after: configuration.gossipInterval))
        effects.append(.setTimer(.handoff, after: configuration.handoffInterval))
        effects.append(.setTimer(.verify, after: configuration.verifyInterval))
        if configuration.antiEntropy { effects.append(.setTimer(.exchange, after: configuration.exchangeInterval)) }
        if let reapAfter = configuration.reapAfter { effects.append(.setTimer(.reap, after: reapAfter)) }
        return takeEffects()
    }

    /// Takes one input and says what is to be done.
    ///
    /// - Parameters:
    ///   - now: nanoseconds on the monotonic clock.
    ///   - wallClock: microseconds since 1970, for ``Content/lastModified`` only.
    public mutating func handle(_ input: Input, at now: Instant, wallClock: UInt64) -> [Effect] {
        self.now = now
        self.wallClock = wallClock
        switch input {
        case .get(let id, let request): beginGet(request, from: .client(id))
        case .put(let id, let request): beginPut(request, from: .client(id))
        case .setBucket(let id, let bucket, let properties): setBucket(bucket, properties, from: id)
        case .list(let id, let request): beginList(request, from: id)
        case .membership(let id, let request): change(request, for: id)
        case .message(let message, let peer): receive(message, from: peer)
        case .timer(let timer): fire(timer)
        case .synced(let token): ended(token, failure: nil)
        case .syncFailed(let token, let reason): ended(token, failure: reason)
        case .unreachable(let peer): lost(peer)
        }
        takeCorruptObjects()
        return takeEffects()
    }

    private mutating func fire(_ timer: Timer) {
        switch timer {
        case .request(let number): requestTimer(number)
        case .probe: probe()
        case .handoff: handoffTick()
        case .exchange: exchangeTick()
        case .forest: readForest()
        case .verify: verifyTick()
        case .reap: reapTick()
        case .gossip: gossipTick()
        case .transfer: transferTick()
        case .surplus: surplusTick()
        case .stalled(let number):
            handoffStalled(number)
            exchangeStalled(number)
            reapStalled(number)
            surplusStalled(number)
        }
    }

    private mutating func requestTimer(_ number: UInt64) {
        // Numbers come in twos: the even one is the request and its deadline, the odd one its next step.
        let request = number & ~1
        if puts[request] != nil {
            putTimer(request, deadline: number == request)
        } else if gets[request] != nil {
            getTimer(request, deadline: number == request)
        } else if listings[request] != nil {
            listTimer(request, deadline: number == request)
        } else if forwards[request] != nil {
            forwardTimer(request, deadline: number == request)
        } else {
            bucketSetTimer(request)
        }
    }

    private mutating func takeEffects() -> [Effect] {
        if wantsSync { effects.append(.sync(ledger.begin())) }
        wantsSync = false
        defer { effects = [] }
        return effects
    }
}

extension Replica {
    var node: String { configuration.node }

    /// A fresh even number; the odd one after it is free to use, too.
    mutating func number() -> UInt64 {
        nextNumber &+= 2
        return nextNumber
    }

    mutating func send(_ message: Message, to peer: String) { effects.append(.send(message, to: peer)) }

    mutating func note(_ note: Note) { effects.append(.note(note)) }

    /// Who asked: a client of this node, a node that forwarded its client's request, or a put of this node that is bound
    /// to a condition.
    enum Origin: Hashable {
        case client(RequestID)
        case peer(String, request: UInt64)
        case condition(UInt64)

        var isClient: Bool {
            if case .client = self { true } else { false }
        }
    }

    mutating func answer(_ origin: Origin, _ reply: ClientReply) {
        switch origin {
        case .client(let id): effects.append(.reply(id, reply))
        case .peer(let peer, let request): send(.forwarded(request: request, reply), to: peer)
        case .condition(let put): conditionRead(put, reply)
        }
    }
}
