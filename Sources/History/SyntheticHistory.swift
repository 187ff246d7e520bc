/// Histories of any length of a store that is never wrong, for measuring: every checker of SEMANTICS section 3 finds
/// them `true`.
///
/// Clients get, and put or delete with the context of their last get, or blindly; keys are skewed; nodes are killed,
/// paused and cut off while writes are acknowledged; a few operations fail or end in `info`. Then come the phases
/// `heal` and `final`.
public enum SyntheticHistory {
    /// A whole history in memory.
    ///
    /// - Parameters:
    ///   - events: how many there are to be; more when fewer would not hold the final reads of every key.
    ///   - keys: at least 1.
    ///   - clients: how many operations may be in flight at once; at least 1.
    ///   - seed: the same numbers give the same history.
    public static func generate(events: Int, keys: Int, clients: Int, seed: UInt64) -> History {
        var run = SyntheticRun(events: events, keys: max(keys, 1), clients: max(clients, 1), seed: seed)
        while !run.isOver { run.step() }
        return run.events.part
    }

    /// The same history in parts of about `chunk` events, each with a header and strings of its own, handed to `sink`
    /// in order.
    public static func generate<Failure: Error>(
        events: Int, keys: Int, clients: Int, seed: UInt64, chunk: Int,
        _ sink: (History) throws(Failure) -> Void
    ) throws(Failure) {
        var run = SyntheticRun(events: events, keys: max(keys, 1), clients: max(clients, 1), seed: seed)
        while !run.isOver {
            run.step()
            if run.events.part.events.count >= max(chunk, 1) {
                try sink(run.events.part)
                run.events.startPart()
            }
        }
        if !run.events.part.events.isEmpty { try sink(run.events.part) }
    }

    /// The header that the history of these numbers has.
    public static func header(seed: UInt64) -> Header {
        var header = Header()
        header.name = "synthetic"
        header.nodes = SyntheticStore.nodes
        header.n = Int64(SyntheticStore.copies)
        header.r = 2
        header.w = 2
        header.convergeWithin = 30_000_000_000
        header.extras = "\"seed\":\(seed)"
        return header
    }
}

/// One synthetic run: steps of one event, or of a few that belong together.
struct SyntheticRun {
    private enum Stage {
        case load, heal
        case reads(Int)
        case replicas(Int)
        case roots(Int)
        case hints, over
    }

    private struct Client {
        var process: Int64
        var writes: Int64 = 0
        /// The key of its last get with what came of it, until it has written.
        var read: (key: Int, seen: [SyntheticStore.ID], clock: SyntheticStore.Clock)?
        var operation: Operation?
    }

    private struct Operation {
        var function: Function
        var key: Int
        var id: SyntheticStore.ID
        var clock = SyntheticStore.Clock()
        var node: Int
        /// It must succeed, for a checker has to find something to check.
        var isPledged = false
    }

    private(set) var isOver = false
    var events: SyntheticEvents
    private var store: SyntheticStore
    private var random: SeededGenerator
    private var clients: [Client]
    private var inFlight = 0
    private var nextProcess: Int64
    private var stage = Stage.load
    private let keys: Int
    private let ranges: Int
    /// Events until the phase `heal`.
    private let loadCount: Int
    private var faults: [SyntheticFault]
    private var downNode: Int?
    /// The key of the next write, at a node just killed.
    private var pledge: Int?

    init(events count: Int, keys: Int, clients: Int, seed: UInt64) {
        self.keys = keys
        ranges = min(keys, 4 * SyntheticStore.nodes.count)
        let finalCount = 3 + 2 * keys + SyntheticStore.copies * (keys + ranges) + SyntheticStore.nodes.count
        loadCount = max(count - finalCount, 64 + 8 * clients)
        faults = SyntheticFault.schedule(loadCount)
        events = SyntheticEvents(header: SyntheticHistory.header(seed: seed), keys: keys)
        store = SyntheticStore(keys: keys)
        random = SeededGenerator(seed: seed)
        self.clients = (0..<clients).map { Client(process: Int64($0)) }
        nextProcess = Int64(clients)
    }

    mutating func step() {
        switch stage {
        case .load: stepLoad()
        case .heal:
            control(.phase, "heal")
            control(.converged, nil)
            control(.phase, "final")
            stage = .reads(0)
        case .reads(let key):
            let client = key % clients.count
            start(client, .get, key)
            complete(client)
            stage = key + 1 < keys ? .reads(key + 1) : .replicas(0)
        case .replicas(let key):
            addReplicas(key)
            stage = key + 1 < keys ? .replicas(key + 1) : .roots(0)
        case .roots(let range):
            addRoots(range)
            stage = range + 1 < ranges ? .roots(range + 1) : .hints
        case .hints:
            addHints()
            stage = .over
            isOver = true
        case .over: isOver = true
        }
    }

    private mutating func stepLoad() {
        if events.count == 0 { return control(.phase, "load") }
        let left = loadCount - events.count
        if left <= 0 {
            stage = .heal
            return
        }
        if let fault = faults.first, fault.position <= events.count || left == faults.count {
            faults.removeFirst()
            inject(fault)
            return
        }
        let mayStart = left >= inFlight + 2 + faults.count
        var client = random.below(clients.count)
        if clients[client].operation == nil && mayStart { return startAny(client) }
        if inFlight == 0 { return fill() }
        while clients[client].operation == nil { client = (client + 1) % clients.count }
        complete(client)
    }

    /// An event that changes nothing, where an operation would not fit any more.
    private mutating func fill() {
        events.add(events.event(pause(), .nemesis, .info, .heal))
    }

    /// Nanoseconds until the next event: 30 microseconds in the mean, skewed.
    private mutating func pause() -> Int { random.below(1 + random.below(120_000)) + 1 }

    private mutating func control(_ function: Function, _ value: String?) {
        var event = events.event(pause(), .controller, .info, function)
        if let value { event.value = events.text(value) }
        events.add(event)
    }

    private mutating func inject(_ fault: SyntheticFault) {
        var event = events.event(pause(), .nemesis, .info, fault.function)
        switch fault.function {
        case .partition: events.groups([[0, 1], [2, 3, 4]], of: &event)
        case .heal: break
        default: events.nodes([fault.node], of: &event)
        }
        events.add(event)
        let isDown = fault.function == .kill || fault.function == .pause
        if isDown || downNode == fault.node { downNode = isDown ? fault.node : nil }
        if isDown { pledge = fault.node % keys }
    }
}

extension SyntheticRun {
    /// Begins an operation of the client's choice.
    private mutating func startAny(_ client: Int) {
        if let key = pledge, SyntheticStore.homes(key).contains(downNode ?? -1) {
            pledge = nil
            clients[client].read = nil
            start(client, .put, key)
            clients[client].operation?.isPledged = true
            return
        }
        if let read = clients[client].read, random.chance(60) {
            return start(client, random.chance(8) ? .delete : .put, read.key)
        }
        clients[client].read = nil
        // The product of two uniform numbers: few keys get most of the traffic.
        let key = random.below(1 + random.below(keys))
        start(client, random.chance(12) ? .put : .get, key)
    }

    private mutating func start(_ client: Int, _ function: Function, _ key: Int) {
        var node = random.below(SyntheticStore.nodes.count)
        if node == downNode { node = (node + 1) % SyntheticStore.nodes.count }
        let process = clients[client].process
        var event = events.event(pause(), .client(process), .invoke, function)
        event.key = events.key(key)
        event.node = events.node(node)
        var operation = Operation(function: function, key: key, id: .init(process: process, number: 0), node: node)
        if function.isWrite {
            clients[client].writes += 1
            operation.id.number = clients[client].writes
            operation.clock = clients[client].read?.clock ?? SyntheticStore.Clock()
            event.value = events.id(operation.id)
            events.ids(clients[client].read?.seen ?? [], of: &event)
            clients[client].read = nil
        }
        events.add(event)
        clients[client].operation = operation
        inFlight += 1
    }

    private mutating func complete(_ client: Int) {
        guard let operation = clients[client].operation else { return }
        clients[client].operation = nil
        inFlight -= 1
        let type = outcome(of: operation)
        var event = events.event(pause(), .client(clients[client].process), type, operation.function)
        event.key = events.key(operation.key)
        if operation.function.isWrite {
            event.value = events.id(operation.id)
            // What ended in `info` may have happened; what failed has not.
            if type == .ok || type == .info && random.chance(50) {
                let stored = store.write(
                    operation.id, key: operation.key, context: operation.clock, actor: coordinator(operation),
                    isTombstone: operation.function == .delete)
                if type == .ok { events.acknowledge(stored, in: &event) }
            }
        } else if type == .ok {
            let visible = store.content(operation.key).filter { !$0.isTombstone }
            events.versions(visible, of: &event)
            clients[client].read = (operation.key, visible.map(\.id), store.context(operation.key))
        }
        events.add(event)
        if type == .info {
            clients[client] = Client(process: nextProcess)
            nextProcess += 1
        }
    }

    private mutating func outcome(of operation: Operation) -> EventType {
        if case .reads = stage { return .ok }
        if operation.isPledged { return .ok }
        let dice = random.below(1000)
        return dice < 2 ? .info : dice < 4 ? .fail : .ok
    }

    /// The node contacted when it is a home of the key; else the first home that is up.
    private func coordinator(_ operation: Operation) -> Int {
        let homes = SyntheticStore.homes(operation.key)
        if homes.contains(operation.node) { return operation.node }
        return homes.first { $0 != downNode } ?? operation.node
    }

    private mutating func addReplicas(_ key: Int) {
        for node in SyntheticStore.homes(key) {
            var event = events.event(pause(), .inspector, .ok, .replica)
            event.node = events.node(node)
            event.key = events.key(key)
            event.home = 2
            event.value = events.text("r\(key % ranges)")
            events.versions(store.content(key), of: &event)
            events.add(event)
        }
    }

    private mutating func addRoots(_ range: Int) {
        let digest = store.digest(stride(from: range, to: keys, by: ranges))
        let hash = events.text(String(digest, radix: 16))
        for node in SyntheticStore.homes(range) {
            var event = events.event(pause(), .inspector, .ok, .root)
            event.node = events.node(node)
            event.value = events.text("r\(range)")
            event.hash = hash
            events.add(event)
        }
    }

    private mutating func addHints() {
        for node in SyntheticStore.nodes.indices {
            var event = events.event(pause(), .inspector, .ok, .hints)
            event.node = events.node(node)
            event.number = 0
            events.add(event)
        }
    }
}

/// A fault of a synthetic run, and after how many events it comes.
struct SyntheticFault {
    var position: Int
    var function: Function
    var node: Int

    /// One node at a time is down, and all are up at the end.
    static func schedule(_ count: Int) -> [SyntheticFault] {
        [
            (20, .kill, 1), (35, .restart, 1), (45, .pause, 3), (50, .resume, 3), (60, .partition, 0), (70, .heal, 0),
            (75, .kill, 4), (85, .restart, 4),
        ].map { (percent, function, node) in
            SyntheticFault(position: count * percent / 100, function: function, node: node)
        }
    }
}
