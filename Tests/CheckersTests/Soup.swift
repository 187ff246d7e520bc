import History

/// A seeded generator of random numbers (SplitMix64): the same seed, the same history.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(bound, 1), using: &self) }
    mutating func pick<Element>(_ array: [Element]) -> Element? { array.randomElement(using: &self) }

    mutating func some<Element>(_ array: [Element], _ percent: Int) -> [Element] {
        array.filter { _ in chance(percent) }
    }
}

/// A random history that makes no sense but is well formed: every rule of SEMANTICS meets every other in it.
///
/// How likely each thing is differs from seed to seed, so that some soups are nearly sound histories and others noise.
struct Soup {
    private(set) var header = Header()
    private(set) var events: [EventDraft] = []

    private var random: SeededRandom
    private var time: Int64 = 0
    private let scale: Int
    private let nodes: [String]
    private let keys: [String]
    private let clockNoise: Int
    private let showsClocks: Int
    private let readNoise: Int
    private let deletes: Int
    private let failures: Int
    private let finalEarly: Bool
    private var nextProcess: Int64
    private var idle: [Int64]
    private var inFlight: [(process: Int64, draft: EventDraft)] = []
    private var written: [String: [String]] = [:]
    private var reserved: [String: [String]] = [:]
    private var seenBy: [String: [String]] = [:]
    private var dots: [String: DotDraft] = [:]
    private var clocks: [String: [String: UInt64]] = [:]
    private var counters: [String: UInt64] = [:]
    private var nextID = 0

    /// - Parameters:
    ///   - seed: decides everything.
    ///   - scale: how many times longer the history is, and how many times more versions a read may return.
    init(seed: UInt64, scale: Int = 1) {
        self.scale = scale
        random = SeededRandom(seed: seed)
        nodes = (1...(2 + random.below(3))).map { "n\($0)" }
        keys = (0...random.below(3)).map { "k\($0)" }
        clockNoise = random.pick([0, 0, 5, 30, 100]) ?? 0
        showsClocks = random.pick([0, 10, 50, 90]) ?? 0
        readNoise = random.pick([0, 5, 20, 60]) ?? 0
        deletes = random.pick([0, 10, 30]) ?? 0
        failures = random.pick([0, 10, 30]) ?? 0
        finalEarly = random.chance(30)
        idle = Array(0..<Int64(1 + random.below(4)))
        nextProcess = Int64(idle.count)
        if random.chance(70) { header.convergeWithin = Int64(random.pick([5, 40, 100_000]) ?? 5) }
        fill((20 + random.below(100)) * scale)
        seeAhead()
    }

    /// The same as the checkers read it.
    var history: History {
        var history = History()
        history.header = header
        for event in events { history.append(event) }
        return history
    }

    private mutating func fill(_ count: Int) {
        let heal = random.chance(75) ? random.below(count) : -1
        var final = finalEarly ? random.below(count) / 2 : count / 2 + random.below(count / 3)
        if random.chance(10) { final = -1 }
        for step in 0..<count {
            time += Int64(random.below(4))
            if step == heal { phase("heal") }
            if step == final { phase("final") }
            switch random.below(100) {
            case 0..<38: invoke()
            case 38..<70: complete()
            case 70..<85: observe()
            case 85..<95: fault()
            case 95..<98: events.append(EventDraft(time, .controller, .info, .converged))
            default: phase(random.pick(["load", "load", "heal", "final"]) ?? "load")
            }
        }
    }

    private mutating func phase(_ name: String) {
        var event = EventDraft(time, .controller, .info, .phase)
        event.value = name
        events.append(event)
    }
}

/// Clients.
extension Soup {
    private mutating func invoke() {
        guard let position = idle.indices.randomElement(using: &random), let key = random.pick(keys) else { return }
        let process = idle.remove(at: position)
        var event = EventDraft(time, .client(process), .invoke, .get)
        event.key = key
        event.node = random.chance(80) ? random.pick(nodes) : nil
        if random.chance(55) {
            event.function = random.chance(deletes) ? .delete : .put
            let id = freshID(key, process)
            event.value = id
            let known = Set(written[key, default: []])
            let seen = random.chance(25) ? [] : content(key).filter { known.contains($0) }
            if !seen.isEmpty || random.chance(30) { event.list = .ids(seen) }
            seenBy[id] = seen
            written[key, default: []].append(id)
            assignClock(id, key, seen)
        }
        events.append(event)
        inFlight.append((process, event))
    }

    private mutating func freshID(_ key: String, _ process: Int64) -> String {
        if random.chance(60), let id = reserved[key]?.popLast() { return id }
        nextID += 1
        return "\(process)-\(nextID)"
    }

    private mutating func complete() {
        guard let position = inFlight.indices.randomElement(using: &random) else { return }
        let (process, invocation) = inFlight.remove(at: position)
        let key = invocation.key ?? ""
        var event = EventDraft(time, .client(process), .ok, invocation.function)
        event.key = key
        if random.chance(failures) { event.type = random.chance(50) ? .fail : .info }
        if event.type == .ok {
            if event.function == .get {
                event.list = .versions(content(key).map { shown($0, key) })
            } else {
                event.value = invocation.value
                let version = shown(invocation.value ?? "", key)
                if version.dot != nil || version.clock != nil {
                    event.list = .versions([VersionDraft(id: nil, dot: version.dot, clock: version.clock)])
                }
            }
        }
        if event.type == .info {
            idle.append(nextProcess)
            nextProcess += 1
        } else {
            idle.append(process)
        }
        events.append(event)
    }

    /// Ids to be read or stored: what nobody replaced, or any, and now and then what should not be there.
    private mutating func content(_ key: String) -> [String] {
        let all = written[key, default: []]
        let replaced = Set(all.flatMap { seenBy[$0] ?? [] })
        var ids = all.filter { !replaced.contains($0) }
        if random.chance(readNoise) { ids = random.some(all, 30) }
        if random.chance(readNoise) { ids = random.some(ids, 60) }
        if random.chance(readNoise), let id = random.pick(all) { ids.append(id) }
        if random.chance(readNoise / 4) { ids.append("ghost-\(random.below(2))") }
        if random.chance(readNoise / 4), let other = random.pick(keys), let id = random.pick(written[other] ?? []) {
            ids.append(id)
        }
        if random.chance(readNoise / 4) {
            nextID += 1
            reserved[key, default: []].append("r-\(nextID)")
            ids.append("r-\(nextID)")
        }
        if ids.count > 5 * scale { ids = Array(ids.suffix(5 * scale)) }
        return ids
    }

    /// Gives a write the dot and the clock that a sound store would.
    private mutating func assignClock(_ id: String, _ key: String, _ seen: [String]) {
        var clock: [String: UInt64] = [:]
        for parent in seen {
            clock.merge(clocks[parent] ?? [:]) { max($0, $1) }
            if let dot = dots[parent] { clock[dot.actor] = max(clock[dot.actor] ?? 0, dot.counter) }
        }
        let actor = random.pick(nodes) ?? "n1"
        counters[key + actor, default: 0] += 1
        dots[id] = DotDraft(actor: actor, counter: counters[key + actor] ?? 1)
        clocks[id] = clock
    }

    private mutating func shown(_ id: String, _ key: String) -> VersionDraft {
        var version = VersionDraft(id: id)
        if random.chance(showsClocks) { version.dot = random.chance(clockNoise) ? randomDot() : dots[id] }
        if random.chance(showsClocks) {
            let clock = (clocks[id] ?? [:]).map { DotDraft(actor: $0.key, counter: $0.value) }
            version.clock = clock.sorted { $0.actor < $1.actor }
            if random.chance(clockNoise) { version.clock = random.some(nodes, 50).map { randomDot(of: $0) } }
        }
        version.tombstone = random.chance(4)
        return version
    }

    private mutating func randomDot(of actor: String? = nil) -> DotDraft {
        let node = actor ?? random.pick(nodes) ?? "n1"
        return DotDraft(actor: node, counter: UInt64(1 + random.below(5)))
    }

    /// Lets a few writes have seen ids that are invoked only further down: the rules do not forbid it.
    private mutating func seeAhead() {
        guard random.chance(15) else { return }
        for index in events.indices where events[index].type == .invoke && random.chance(10) {
            guard let id = events[index].value, let key = events[index].key, case .ids(let seen) = events[index].list,
                let later = random.pick(written[key] ?? []), later != id, !reaches(later, id)
            else { continue }
            events[index].list = .ids(seen + [later])
            seenBy[id] = seen + [later]
        }
    }

    private func reaches(_ newer: String, _ older: String) -> Bool {
        (seenBy[newer] ?? []).contains { $0 == older || reaches($0, older) }
    }
}

/// Observers and faults.
extension Soup {
    private mutating func observe() {
        let kind = random.below(10)
        var event = EventDraft(time, .inspector, .ok, kind < 7 ? .replica : kind == 7 ? .hints : .root)
        event.node = random.pick(nodes)
        switch event.function {
        case .replica:
            let key = random.pick(keys) ?? "k0"
            event.key = key
            event.home = random.chance(80)
            if random.chance(75) { event.value = random.chance(85) ? "r-" + key : "r-k0" }
            event.list = .versions(content(key).map { shown($0, key) })
        case .hints:
            event.number = Int64(random.below(3))
        default:
            event.value = "r-" + (random.pick(keys) ?? "k0")
            event.hash = random.chance(75) ? "same" : "h\(random.below(3))"
        }
        events.append(event)
    }

    private mutating func fault() {
        let functions: [Function] = [
            .kill, .restart, .pause, .resume, .wipe, .partition, .heal, .other, .kill, .restart,
        ]
        var event = EventDraft(time, .nemesis, .info, random.pick(functions) ?? .kill)
        switch event.function {
        case .partition:
            var groups: [[String]] = [[], []]
            for node in nodes where random.chance(80) { groups[random.below(2)].append(node) }
            event.list = .groups(groups)
        case .heal:
            break
        case .other:
            event.name = "clock-skew"
            event.list = .ids(random.some(nodes, 50))
        default:
            event.list = .ids(random.some(nodes, 50))
        }
        events.append(event)
    }
}
