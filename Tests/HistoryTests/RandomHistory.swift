import History

/// Histories that hold every shape of event, valid or not: what the forms must carry, whatever it means.
struct RandomHistory {
    private var random: SeededGenerator
    private var history = History()
    private var time: Int64 = 0

    static func make(seed: UInt64, events: Int) -> History {
        var maker = RandomHistory(random: SeededGenerator(seed: seed))
        maker.makeHeader()
        for _ in 0..<events { maker.makeEvent() }
        return maker.history
    }

    private init(random: SeededGenerator) { self.random = random }

    private mutating func makeHeader() {
        if random.chance(50) { history.header.name = string() }
        if random.chance(50) { history.header.nodes = strings() }
        if random.chance(50) { history.header.n = 3 }
        if random.chance(50) { history.header.r = Int64(random.below(5)) }
        if random.chance(50) { history.header.w = Int64.max }
        if random.chance(50) { history.header.convergeWithin = Int64(random.below(1 << 40)) }
        if random.chance(50) { history.header.extras = "\"store\":{\"a\":[1, 2.50,null]},\"\\u00e9\":\"\(1)\"" }
    }

    private mutating func makeEvent() {
        // Mostly forwards, and now and then anywhere at all.
        time = random.chance(98) ? time &+ Int64(random.below(1 << random.below(34))) : Int64(bitPattern: random.next())
        let function = Function.allCases[random.below(Function.allCases.count)]
        let type = EventType.allCases[random.below(4)]
        var draft = EventDraft(time, process(), type, function)
        if function == .other { draft.name = random.chance(50) ? "clock-skew" : string() + "?" }
        if random.chance(80) { draft.key = "k\(random.below(4))" }
        if random.chance(50) { draft.node = node() }
        fill(&draft)
        if random.chance(10) {
            draft.extras = "\"error\":\"timeout\",\"at\":[1, {\"b\":-0.5e3}]"
        } else if random.chance(60) {
            draft.extras = extras(of: draft)
        }
        history.append(draft)
    }

    /// Items and acknowledgements, as a run writes them down or almost so.
    private mutating func extras(of draft: EventDraft) -> String {
        if draft.function == .other {
            let puts = (0..<random.below(4)).map { _ in item() }.joined(separator: random.chance(90) ? " " : "  ")
            return "\"w\":\(random.below(12)),\"acks\":\(random.chance(90) ? "1" : "1.0"),\"puts\":\"\(puts)\""
        }
        guard draft.function == .put || draft.function == .delete, random.chance(90) else { return "" }
        var items = Set((0..<random.below(6)).map { _ in item() })
        if let own = draft.value, random.chance(50), own.utf8.allSatisfy({ $0 > 0x1F && $0 != 0x22 && $0 != 0x5C }) {
            items.insert(own)
        }
        let sorted = items.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let list = (random.chance(90) ? sorted : sorted.reversed()).map { "\"\($0)\"" }.joined(separator: ",")
        return "\"items\":[\(list)]\(random.chance(95) ? "" : ",\"more\":true")"
    }

    private mutating func item() -> String {
        let rare = [
            "\\u00e9", "a\\\"b", "日本語", "", "a string of more than sixteen bytes", "a string of more than sixteen",
        ]
        return random.chance(90) ? "\(random.below(3))-\(random.below(40))" : rare[random.below(rare.count)]
    }

    private mutating func fill(_ draft: inout EventDraft) {
        switch draft.function {
        case .get:
            if random.chance(50) { draft.number = Int64(random.below(4)) }
            if draft.type != .invoke && random.chance(80) { draft.list = versions() }
        case .put, .delete:
            if random.chance(50) { draft.number = Int64(bitPattern: random.next()) | 1 }
            if random.chance(80) { draft.value = id() }
            if random.chance(60) { draft.list = draft.type == .invoke ? .ids(ids()) : acknowledgement() }
        case .replica:
            if random.chance(80) { draft.home = random.chance(50) }
            if random.chance(50) { draft.value = "range-\(random.below(3))" }
            if random.chance(90) { draft.list = versions() }
        case .hints: draft.number = Int64(random.below(100)) - 50
        case .root:
            draft.value = "range-\(random.below(3))"
            draft.hash = random.chance(50) ? String(random.next(), radix: 16) : "0012"
        case .kill, .restart, .pause, .resume, .wipe:
            if random.chance(90) { draft.list = .ids((0..<random.below(4)).map { _ in node() }) }
        case .partition:
            if random.chance(90) {
                draft.list = .groups((0..<random.below(4)).map { _ in (0..<random.below(3)).map { _ in node() } })
            }
        case .phase: draft.value = ["load", "heal", "final", string()][random.below(4)]
        case .heal, .converged: break
        case .other: draft.list = [.absent, .ids([string()]), .groups([[node()], []]), versions()][random.below(4)]
        }
    }

    private mutating func process() -> Process {
        switch random.below(8) {
        case 0: .nemesis
        case 1: .controller
        case 2: .inspector
        case 3: .other(name: history.strings.intern("worker \(string())"))
        case 4: .client(Int64(random.next() >> 1))
        default: .client(Int64(random.below(3)))
        }
    }

    private mutating func versions() -> EventDraft.List {
        .versions((0..<random.below(5)).map { _ in version(id()) })
    }

    private mutating func acknowledgement() -> EventDraft.List {
        var version = version(nil)
        version.tombstone = false
        if version.dot == nil && version.clock == nil { version.clock = [] }
        return .versions([version])
    }

    private mutating func version(_ id: String?) -> VersionDraft {
        var version = VersionDraft(id: id)
        if random.chance(60) { version.dot = DotDraft(actor: node(), counter: counter()) }
        if random.chance(60) { version.clock = clock() }
        version.tombstone = random.chance(20)
        return version
    }

    private mutating func clock() -> [DotDraft] {
        var entries = ["n1", "n2", "n3", "a\u{301}", ""].filter { _ in random.chance(50) }.map {
            DotDraft(actor: $0, counter: counter())
        }
        if random.chance(20) { entries.reverse() }
        return entries
    }

    private mutating func counter() -> UInt64 { random.chance(90) ? UInt64(random.below(6)) : random.next() }
    private mutating func node() -> String { random.chance(90) ? "n\(1 + random.below(3))" : string() }
    private mutating func id() -> String { random.chance(90) ? "\(random.below(3))-\(random.below(40))" : string() }
    private mutating func ids() -> [String] { (0..<random.below(4)).map { _ in id() } }
    private mutating func strings() -> [String] { (0..<random.below(4)).map { _ in string() } }

    /// Strings that are easily spoilt.
    private mutating func string() -> String {
        let awkward = [
            "", "0", "007", "a\"b", "back\\slash", "line\nbreak\r\t", "\u{0}\u{1F}\u{7F}", "\u{E9}", "e\u{301}", "日本語",
            "😀",
            "\u{2028}", "99999999999999999999", "x-000", "9223372036854775807", "/", "-1", "n1",
            String(repeating: "long", count: 80),
        ]
        return awkward[random.below(awkward.count)]
    }
}
