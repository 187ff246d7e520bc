import History

/// Random operations of the other tools' objects, well formed and often wrong: sets, counters, registers, texts, locks, ids,
/// transactions; beside them a ``Soup`` of puts and gets, whose puts say which items of a cart they put.
struct FieldSoup {
    /// What the clients do.
    enum Flavour: CaseIterable {
        case set, counter, register, text, elements, mutex, transactions, ids
    }

    private(set) var events: [EventDraft] = []
    private var random: SeededRandom
    private var time: Int64 = 0
    private let flavours: [Flavour]
    private let keys: [String?]
    private let noise: Int
    private var idle: [Int64] = Array(1000..<1004)
    private var nextProcess: Int64 = 1004
    private var inFlight: [(process: Int64, draft: EventDraft, flavour: Flavour)] = []
    private var sets: [String: [Int]] = [:]
    private var sums: [String: Int] = [:]
    private var registers: [String: Int] = [:]
    private var texts: [String: String] = [:]
    private var nextID = 0

    init(seed: UInt64, flavours: [Flavour], steps: Int, hasKeyless: Bool) {
        random = SeededRandom(seed: seed)
        self.flavours = flavours
        keys = (0...random.below(4)).map { "f\($0)" } + (hasKeyless ? [nil] : [])
        noise = random.pick([0, 0, 10, 40]) ?? 0
        for _ in 0..<steps {
            time += Int64(random.below(3000)) * 1000
            if random.chance(55) { invoke() } else { complete() }
        }
    }

    /// The same, and the events of a soup, in the order of their times.
    func events(with soup: Soup) -> [EventDraft] {
        var random = SeededRandom(seed: 7)
        let puts = soup.events.map { event in
            guard event.function == .put, event.type == .invoke, random.chance(80) else { return event }
            var event = event
            let items = random.some(["milk", "tea", "bread"], 60).map { "\"\($0)\"" }
            event.extras = "\"items\":[\(items.joined(separator: ","))]"
            return event
        }
        let all = (puts + events).enumerated()
        return all.sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    private mutating func invoke() {
        guard let position = idle.indices.randomElement(using: &random), let flavour = random.pick(flavours) else {
            return
        }
        let process = idle.remove(at: position)
        var event = EventDraft(time, .client(process), .invoke, .other)
        event.key = (random.pick(keys) ?? nil)
        if random.chance(50) { event.node = "n\(1 + random.below(3))" }
        let (name, value) = begun(flavour)
        event.name = name
        if let value { event.extras = "\"value\":\(value)" }
        events.append(event)
        inFlight.append((process, event, flavour))
    }

    private mutating func begun(_ flavour: Flavour) -> (name: String, value: String?) {
        let value = random.below(6)
        switch flavour {
        case .set: return random.chance(60) ? ("add", "\(value)") : ("read", nil)
        case .counter: return random.chance(60) ? ("add", "\(value - 2)") : ("read", nil)
        case .register:
            if random.chance(40) { return ("read", nil) }
            return random.chance(60) ? ("write", "\(value)") : ("cas", "[\(value),\(random.below(6))]")
        case .text:
            if random.chance(40) { return ("read", nil) }
            return random.chance(80) ? ("append", "\"\(value)\"") : ("write", "\"\(value)\"")
        case .elements:
            if random.chance(40) { return ("contains", "\(value)") }
            return (random.chance(70) ? "add" : "remove", "\(value)")
        case .mutex: return (random.chance(50) ? "acquire" : "release", nil)
        case .transactions: return ("txn", "[[\"w\",\"x\",\(value)],[\"r\",\"y\",null]]")
        case .ids: return ("generate", nil)
        }
    }

    private mutating func complete() {
        guard let position = inFlight.indices.randomElement(using: &random) else { return }
        let (process, invocation, flavour) = inFlight.remove(at: position)
        var event = EventDraft(time, .client(process), .ok, .other)
        event.name = invocation.name
        event.key = random.chance(50) ? invocation.key : nil
        // Also where the invocation named none.
        if invocation.key == nil, random.chance(10) { event.key = random.pick(keys) ?? nil }
        if random.chance(15) { event.type = random.chance(50) ? .fail : .info }
        if event.type != .fail, let value = ended(invocation, flavour) { event.extras = "\"value\":\(value)" }
        if event.type == .info {
            idle.append(nextProcess)
            nextProcess += 1
        } else {
            idle.append(process)
        }
        events.append(event)
    }

    /// What an operation does, and what it answers.
    private mutating func ended(_ invocation: EventDraft, _ flavour: Flavour) -> String? {
        let key = invocation.key ?? ""
        let given = Int(invocation.extras.drop { !$0.isNumber && $0 != "-" }.prefix { $0.isNumber || $0 == "-" }) ?? 0
        let isWrong = random.chance(noise)
        switch (flavour, invocation.name) {
        case (.set, "add"):
            if !isWrong { sets[key, default: []].append(given) }
            return nil
        case (.set, _):
            var seen = sets[key, default: []]
            if isWrong { seen = random.some(seen, 70) + [random.below(7)] }
            return "[" + (isWrong ? seen : Array(Set(seen)).sorted()).map(String.init).joined(separator: ",") + "]"
        case (.counter, "add"):
            if !isWrong { sums[key, default: 0] += given }
            return nil
        case (.counter, _): return "\(sums[key, default: 0] + (isWrong ? random.below(3) : 0))"
        case (.register, "write"):
            registers[key] = given
            return nil
        case (.register, "cas"): return nil
        case (.register, _): return isWrong ? "\(random.below(6))" : registers[key].map(String.init) ?? "null"
        case (.text, "append"):
            texts[key, default: ""] += "\(given)"
            return nil
        case (.text, "write"):
            texts[key] = "\(given)"
            return nil
        case (.text, _): return "\"\(texts[key, default: ""])\(isWrong ? "0" : "")\""
        case (.elements, "add"):
            sets[key, default: []].append(given)
            return nil
        case (.elements, "remove"):
            sets[key, default: []].removeAll { $0 == given }
            return nil
        case (.elements, _): return "[\(given),\(sets[key, default: []].contains(given) != isWrong)]"
        case (.transactions, _): return "[[\"w\",\"x\",\(given)],[\"r\",\"y\",\(isWrong ? "1" : "null")]]"
        case (.ids, _):
            nextID += 1
            return "\(isWrong ? random.below(nextID) : nextID)"
        case (.mutex, _): return nil
        }
    }
}
