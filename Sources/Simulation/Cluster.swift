import Causality
import Dynamo

/// A cluster of real replicas in virtual time, on a simulated network and simulated disks. All chance comes from the
/// seed: the same calls give the same run.
public struct Cluster {
    public struct Settings: Sendable {
        public var members: [Member]
        /// Every node's configuration but for its name and the members.
        public var configuration: Configuration
        public var network = NetworkSettings()
        /// How long a sync takes, in nanoseconds.
        public var syncTime: ClosedRange<Int64> = 100_000...3_000_000
        /// How far apart the nodes' wall clocks may be, in microseconds.
        public var clockSkew: Int64 = 0
        public var seed: UInt64 = 1
        /// Keep a line for each effect; see ``Cluster/trace``.
        public var keepsTrace = false

        /// - Parameter nodes: named `n1`, `n2`, …
        public init(nodes: Int) {
            members = (0..<max(1, nodes)).map { Member(name: "n\($0 + 1)") }
            configuration = Configuration(node: "n1", members: members)
        }
    }

    enum Event {
        case message(Message, from: Int, to: Int)
        case unreachable(Int, at: Int, life: Int)
        case timer(Timer, generation: UInt64, node: Int, life: Int)
        case synced(tokens: [UInt64], writes: Int, node: Int, life: Int)
        case request(Input, node: Int, life: Int)
    }

    struct Node {
        let name: String
        var configuration: Configuration
        var replica: Replica<MemoryStore>?
        /// The disk while the node is down.
        var disk = MemoryStore()
        /// Counts starts: what was scheduled for an earlier one is void.
        var life = 0
        var timers: [Timer: UInt64] = [:]
        /// Tokens that the next sync will answer, and whether one is under way: as a real node does, one at a time, for
        /// all who asked.
        var waitingTokens: [UInt64] = []
        var isSyncing = false
        var syncsFail = false
        /// Microseconds that its wall clock is ahead.
        var skew: Int64
        /// How much longer its syncs take, in nanoseconds.
        var syncLag: Int64 = 0
        /// While it is paused: what would have happened to it.
        var held: [Event]?
    }

    /// Virtual nanoseconds since the cluster was made.
    public private(set) var now: Instant = 0
    /// Client requests answered and not taken yet, in order.
    public private(set) var replies: [(request: RequestID, reply: ClientReply)] = []
    /// Pages of listings answered and not taken yet, in order.
    public private(set) var pages: [(request: RequestID, page: Result<ListPage, RequestFailure>)] = []
    /// Administrators' requests answered and not taken yet, in order.
    public private(set) var membershipAnswers: [(request: RequestID, answer: MembershipAnswer)] = []
    /// How often each kind of thing was noted, by the node that did.
    public private(set) var notes: [(node: String, note: Note)] = []
    /// `time node effect`, when asked for.
    public private(set) var trace: [String] = []
    /// Objects sent in Merkle repairs so far.
    public private(set) var repairedObjects = 0
    /// Messages sent so far.
    public private(set) var messages = 0

    let settings: Settings
    private(set) var nodes: [Node]
    /// Nodes that were asked in and start once the answer is there, by request.
    private var joining: [RequestID: Member] = [:]
    private var index: [String: Int] = [:]
    private var queue = EventQueue<Event>()
    private var network: Network
    private var generator: SplitMix64
    private var nextRequest: RequestID = 1
    private var generation: UInt64 = 0

    /// Makes a cluster and starts its nodes.
    ///
    /// - Throws: ``ConfigurationError``.
    public init(_ settings: Settings) throws {
        self.settings = settings
        network = Network(settings: settings.network)
        generator = SplitMix64(seed: settings.seed)
        nodes = []
        for member in settings.members {
            var configuration = settings.configuration
            configuration.node = member.name
            configuration.members = settings.members
            index[member.name] = nodes.count
            let skew =
                settings.clockSkew == 0
                ? 0 : Int64.random(in: -settings.clockSkew...settings.clockSkew, using: &generator)
            nodes.append(Node(name: member.name, configuration: configuration, skew: skew))
        }
        for node in nodes.indices { try start(node) }
    }

    // MARK: Clients

    /// Hands a get to a node; nil when it is down.
    public mutating func get(_ request: GetRequest, at node: String) -> RequestID? {
        submit(at: node) { .get($0, request) }
    }

    /// Hands a put to a node; nil when it is down.
    public mutating func put(_ request: PutRequest, at node: String) -> RequestID? {
        submit(at: node) { .put($0, request) }
    }

    /// Hands a change of a bucket to a node; nil when it is down.
    public mutating func setBucket(_ bucket: [UInt8], _ properties: BucketProperties, at node: String) -> RequestID? {
        submit(at: node) { .setBucket($0, bucket: bucket, properties) }
    }

    /// Asks a node for a page of a listing; nil when it is down.
    public mutating func list(_ request: ListRequest, at node: String) -> RequestID? {
        submit(at: node) { .list($0, request) }
    }

    /// Takes the pages so far.
    public mutating func takePages() -> [(request: RequestID, page: Result<ListPage, RequestFailure>)] {
        defer { pages = [] }
        return pages
    }

    /// Hands an administrator's request to a node; nil when it is down.
    public mutating func change(_ request: MembershipRequest, at node: String) -> RequestID? {
        submit(at: node) { .membership($0, request) }
    }

    /// Takes the answers to administrators so far.
    public mutating func takeMembershipAnswers() -> [(request: RequestID, answer: MembershipAnswer)] {
        defer { membershipAnswers = [] }
        return membershipAnswers
    }

    /// Takes the replies so far.
    public mutating func takeReplies() -> [(request: RequestID, reply: ClientReply)] {
        defer { replies = [] }
        return replies
    }

    private mutating func submit(at name: String, _ input: (RequestID) -> Input) -> RequestID? {
        guard let node = index[name], nodes[node].replica != nil else { return nil }
        let request = nextRequest
        nextRequest += 1
        happen(.request(input(request), node: node, life: nodes[node].life))
        return request
    }

    // MARK: Time

    /// The instant of the next event.
    public var nextEvent: Instant? { queue.nextTime }

    /// Lets everything happen that is due within so many nanoseconds.
    public mutating func run(for nanoseconds: Int64) { run(until: now + nanoseconds) }

    /// Lets everything happen that is due until then.
    public mutating func run(until end: Instant) {
        while let time = queue.nextTime, time <= end { step() }
        now = max(now, end)
    }

    /// Lets the next event happen.
    public mutating func step() {
        guard let (time, event) = queue.next() else { return }
        now = time
        happen(event)
    }

    private mutating func happen(_ event: Event) {
        if let node = event.node, nodes[node].held != nil {
            nodes[node].held?.append(event)
            return
        }
        switch event {
        case .message(let message, let from, let to): arrive(message, from: from, to: to)
        case .unreachable(let other, let node, let life):
            if nodes[node].life == life { hand(.unreachable(node: nodes[other].name), to: node) }
        case .timer(let timer, let generation, let node, let life):
            guard nodes[node].life == life, nodes[node].timers[timer] == generation else { return }
            nodes[node].timers[timer] = nil
            hand(.timer(timer), to: node)
        case .synced(let tokens, let writes, let node, let life):
            if nodes[node].life == life { endSync(tokens, writes: writes, node) }
        case .request(let input, let node, let life):
            if nodes[node].life == life { hand(input, to: node) }
        }
    }

    // MARK: Faults

    /// Kills a node: what its store had not synced is gone.
    public mutating func crash(_ name: String) {
        guard let node = index[name], let replica = nodes[node].replica else { return }
        nodes[node].disk = replica.store
        nodes[node].disk.loseUnsynced()
        nodes[node].replica = nil
        nodes[node].held = nil
        nodes[node].life += 1
        nodes[node].timers = [:]
        nodes[node].waitingTokens = []
        nodes[node].isSyncing = false
        for other in nodes.indices where nodes[other].replica != nil && network.connects(name, nodes[other].name) {
            // Connections that break at once tell the others.
            if refuses() { schedule(.unreachable(node, at: other, life: nodes[other].life), after: 200_000) }
        }
    }

    /// Starts a node that is down.
    ///
    /// - Parameter wiped: its disk is lost.
    /// - Throws: what the start of a replica throws.
    public mutating func restart(_ name: String, wiped: Bool = false) throws {
        guard let node = index[name], nodes[node].replica == nil else { return }
        if wiped { nodes[node].disk = MemoryStore() }
        try start(node)
    }

    /// Cuts the network between groups, in place of any earlier cut. A node in no group is cut off from nobody.
    public mutating func cut(_ groups: [[String]]) { network.cut(groups) }

    /// Ends every cut.
    public mutating func heal() { network.heal() }

    /// Lets nothing pass in some directions, in place of those before, beside what ``cut(_:)`` does.
    public mutating func block(_ links: [(from: String, to: String)]) {
        network.block(Set(links.map { Network.Link(from: $0.from, to: $0.to) }))
    }

    /// Loses so many of a thousand messages from or to a node; they are sent again, and arrive later.
    public mutating func lose(_ perThousand: Int, of name: String) { network.lose(perThousand, of: name) }

    /// Puts a node's wall clock so many microseconds ahead, or behind.
    public mutating func setClock(_ name: String, ahead microseconds: Int64) {
        if let node = index[name] { nodes[node].skew = microseconds }
    }

    /// Makes every sync of a node take so many nanoseconds longer.
    public mutating func slowDisk(_ name: String, by nanoseconds: Int64) {
        if let node = index[name] { nodes[node].syncLag = nanoseconds }
    }

    /// Makes every message from or to a node take so many nanoseconds longer.
    public mutating func delay(_ name: String, by nanoseconds: Int64) { network.delay(name, by: nanoseconds) }

    /// Stops a node without ending it: what happens to it happens when it resumes.
    public mutating func pause(_ name: String) {
        guard let node = index[name], nodes[node].replica != nil, nodes[node].held == nil else { return }
        nodes[node].held = []
    }

    public mutating func resume(_ name: String) {
        guard let node = index[name], let held = nodes[node].held else { return }
        nodes[node].held = nil
        for event in held { happen(event) }
    }

    /// Makes a node's storage fail, or work again: reads and writes at once, or syncs only.
    public mutating func failStorage(_ name: String, operations: Bool, syncs: Bool) {
        guard let node = index[name] else { return }
        nodes[node].replica?.store.isFailing = operations
        nodes[node].syncsFail = syncs
    }

    /// Flips bits of what a node has stored for a key.
    public mutating func corrupt(_ key: Key, at name: String) {
        guard let node = index[name] else { return }
        nodes[node].replica?.store.flip(key)
    }

    public func isUp(_ name: String) -> Bool { index[name].map { nodes[$0].replica != nil } ?? false }

    /// Counts a node's starts and deaths: a connection to it lasts no longer than this number stays.
    public func life(_ name: String) -> Int { index[name].map { nodes[$0].life } ?? 0 }

    // MARK: Observers

    /// A node's replica; nil while it is down.
    public func replica(_ name: String) -> Replica<MemoryStore>? { index[name].flatMap { nodes[$0].replica } }

    public var members: [String] { nodes.map(\.name) }

    // MARK: Membership

    /// Asks a node to let a new member join, or take another's place, and starts it on an empty disk once that is
    /// granted. False when the node asked is down.
    public mutating func admit(_ member: Member, inPlaceOf old: String? = nil, at node: String) -> Bool {
        let change = old.map { MembershipRequest.replace($0, by: member) } ?? .join(member)
        let request = nextRequest
        joining[request] = member
        return self.change(change, at: node) == request
    }

    private mutating func admit(_ member: Member, _ state: MembershipState) {
        if index[member.name] == nil {
            var configuration = settings.configuration
            configuration.node = member.name
            configuration.members = settings.members
            index[member.name] = nodes.count
            nodes.append(Node(name: member.name, configuration: configuration, skew: 0))
        }
        guard let node = index[member.name], nodes[node].replica == nil else { return }
        // A disk that cannot be written yet cannot fail either.
        try? nodes[node].disk.setMembership(nodes[node].disk.membership()?.merging(state) ?? state)
        nodes[node].disk.completeSync(covering: nodes[node].disk.appliedWrites)
        do {
            try start(node)
        } catch {
            notes.append((member.name, .membershipRefused(from: member.name)))
        }
    }

    // MARK: Interpreting effects

    private mutating func start(_ node: Int) throws {
        nodes[node].disk.isFailing = false
        nodes[node].syncsFail = false
        var replica = try Replica(
            configuration: nodes[node].configuration, store: nodes[node].disk,
            generator: SplitMix64(seed: generator.next()), now: now, wallClock: wallClock(node))
        nodes[node].disk = MemoryStore()
        nodes[node].life += 1
        let effects = replica.start(at: now)
        nodes[node].replica = replica
        interpret(effects, of: node)
    }

    private mutating func hand(_ input: Input, to node: Int) {
        let clock = wallClock(node)
        guard let effects = nodes[node].replica?.handle(input, at: now, wallClock: clock) else { return }
        interpret(effects, of: node)
    }

    private mutating func interpret(_ effects: [Effect], of node: Int) {
        for effect in effects {
            if settings.keepsTrace { trace.append("\(now) \(nodes[node].name) \(effect)") }
            switch effect {
            case .send(let message, let peer): transmit(message, from: node, to: peer)
            case .sync(let token):
                nodes[node].waitingTokens.append(token)
                beginSync(node)
            case .setTimer(let timer, let nanoseconds):
                generation += 1
                nodes[node].timers[timer] = generation
                let event = Event.timer(timer, generation: generation, node: node, life: nodes[node].life)
                schedule(event, after: max(0, nanoseconds))
            case .cancelTimer(let timer): nodes[node].timers[timer] = nil
            case .reply(let request, let reply): replies.append((request, reply))
            case .listed(let request, let page): pages.append((request, page))
            case .note(let note): notes.append((nodes[node].name, note))
            case .membership(let request, let answer):
                membershipAnswers.append((request, answer))
                if let member = joining.removeValue(forKey: request), case .accepted(let state) = answer {
                    admit(member, state)
                }
            // Every node can reach every other by its name, here.
            case .connect, .disconnect: break
            }
        }
    }

    private mutating func transmit(_ message: Message, from node: Int, to peer: String) {
        guard let other = index[peer] else { return }
        messages += 1
        if case .repair(_, _, let objects, _) = message { repairedObjects += objects.count }
        let late =
            network.lag(nodes[node].name) + network.lag(peer) + network.stall(nodes[node].name, peer, &generator)
        guard let arrival = network.arrival(from: node, to: other, sent: now + late, &generator) else { return }
        queue.schedule(.message(message, from: node, to: other), at: arrival)
    }

    private mutating func arrive(_ message: Message, from sender: Int, to node: Int) {
        guard network.connects(nodes[sender].name, nodes[node].name) else { return }
        if nodes[node].replica != nil {
            hand(.message(message, from: nodes[sender].name), to: node)
        } else if refuses() {
            schedule(.unreachable(node, at: sender, life: nodes[sender].life), after: 200_000)
        }
    }

    private mutating func beginSync(_ node: Int) {
        guard !nodes[node].isSyncing, !nodes[node].waitingTokens.isEmpty,
            let writes = nodes[node].replica?.store.appliedWrites
        else { return }
        let tokens = nodes[node].waitingTokens
        nodes[node].waitingTokens = []
        nodes[node].isSyncing = true
        let time = Int64.random(in: settings.syncTime, using: &generator) + nodes[node].syncLag
        schedule(.synced(tokens: tokens, writes: writes, node: node, life: nodes[node].life), after: time)
    }

    private mutating func endSync(_ tokens: [UInt64], writes: Int, _ node: Int) {
        let fails = nodes[node].syncsFail
        if fails {
            nodes[node].replica?.store.refuseSync(covering: writes)
        } else {
            nodes[node].replica?.store.completeSync(covering: writes)
        }
        nodes[node].isSyncing = false
        for token in tokens { hand(fails ? .syncFailed(token, reason: "the disk is full") : .synced(token), to: node) }
        beginSync(node)
    }

    private mutating func schedule(_ event: Event, after nanoseconds: Int64) {
        queue.schedule(event, at: now + nanoseconds)
    }

    private mutating func refuses() -> Bool {
        Int.random(in: 0..<100, using: &generator) < settings.network.refusedPerCent
    }

    /// Microseconds since 1970 on a node's wall clock.
    private func wallClock(_ node: Int) -> UInt64 {
        UInt64(max(0, 1_700_000_000_000_000 + now / 1000 + nodes[node].skew))
    }
}

extension Cluster.Event {
    /// Whom it happens to.
    fileprivate var node: Int? {
        switch self {
        case .message(_, _, let node), .unreachable(_, let node, _), .timer(_, _, let node, _),
            .synced(_, _, let node, _), .request(_, let node, _):
            node
        }
    }
}
