import Checkers
import History
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The field's checkers say the same of a history, to the byte, however it is taken in groups of keys.
@Suite struct GroupedCheckTests {
    /// A history, cut into blocks with strings of their own.
    private struct Cut {
        var whole = History()
        var blocks: [History] = []

        init(_ drafts: [EventDraft], _ random: inout SeededRandom) {
            for draft in drafts {
                whole.append(draft)
                if blocks.isEmpty || random.chance(4) { blocks.append(History()) }
                blocks[blocks.count - 1].append(draft)
            }
        }
    }

    private static func model(of flavour: FieldSoup.Flavour) -> LinearizableModel? {
        switch flavour {
        case .set, .elements: .set
        case .counter: .counter
        case .register: .casRegister
        case .text: .kv
        case .mutex: .mutex
        case .transactions: .multiRegister
        case .ids: nil
        }
    }

    private static func options(_ random: inout SeededRandom) -> CheckOptions {
        var options = CheckOptions()
        options.model = random.pick(LinearizableModel.allCases)
        options.initialValue = random.pick(["null", "0", "nothing"]) ?? "null"
        if random.chance(30) { options.memory = 1 << 13 }
        if random.chance(50) { options.serviceLevel = Int64(random.below(20)) * 1_000_000 }
        if random.chance(50) { options.mostVersionsBehind = random.below(3) }
        if random.chance(30) { options.longestStaleness = Int64(random.below(30)) }
        return options
    }

    /// Random events, and what they are best held against.
    private static func drafts(
        _ seed: UInt64, _ random: inout SeededRandom
    ) -> (drafts: [EventDraft], options: CheckOptions) {
        var options = options(&random)
        var flavours = FieldSoup.Flavour.allCases
        if random.chance(80), let only = random.pick(flavours) {
            flavours = [only]
            if random.chance(80) { options.model = model(of: only) }
        }
        let field = FieldSoup(
            seed: seed, flavours: flavours, steps: random.chance(80) ? 150 : 0, hasKeyless: random.chance(50))
        if random.chance(50) { return (field.events, options) }
        return (field.events(with: Soup(seed: seed, scale: 2)), options)
    }

    private static let grouped: [CheckerName] = CheckerName.allCases.filter {
        !CheckerName.contract.contains($0) && $0 != .causal
    }

    @Test(arguments: 0..<4) func sameVerdictInGroups(block: Int) throws {
        var invalid: [CheckerName: Int] = [:]
        var valid: [CheckerName: Int] = [:]
        for seed in UInt64(block * 250)..<UInt64((block + 1) * 250) {
            var random = SeededRandom(seed: seed &* 31 &+ 5)
            let (drafts, options) = Self.drafts(seed, &random)
            let cut = Cut(drafts, &random)
            try cut.whole.validate(file: "seed \(seed)")
            let limit = random.pick([0, 2, 1000]) ?? 0
            let names = random.chance(50) ? Self.grouped : random.some(Self.grouped, 40)
            let whole = check(cut.whole, checkers: names, maxAnomalies: limit, options: options)
            for (name, result) in whole.checkers {
                if result.validity == .invalid { invalid[name, default: 0] += 1 }
                if result.validity == .valid { valid[name, default: 0] += 1 }
            }
            for groupSize in [1, 1 + random.below(20_000), nil] {
                var settings = GroupSettings(memory: 1 << 30, groupSize: groupSize)
                settings.mostWalks = random.chance(30) ? 0 : 40
                let split = GroupedCheck(
                    .blocks(cut.blocks), checkers: names, maxAnomalies: limit, options: options, settings: settings)
                let results = try #require(try split.results())
                let verdict = Verdict(results, events: cut.whole.events.count, truncation: nil)
                #expect(verdict.json == whole.json, "seed \(seed), groups of \(groupSize ?? -1)")
            }
        }
        for name in Self.grouped {
            #expect(invalid[name, default: 0] > 2, "\(name) found too little")
            #expect(name == .staleness || valid[name, default: 0] > 0, "\(name) found too much")
        }
    }

    /// `causal` wants the whole, with whatever other checkers.
    @Test func causalAsAWhole() throws {
        var invalid = 0
        for seed in UInt64(0)..<200 {
            var random = SeededRandom(seed: seed)
            let cut = Cut(Soup(seed: seed, scale: 2).events, &random)
            let names: [CheckerName] = random.chance(50) ? [.causal] : [.causal, .staleness, .linearizable]
            let whole = check(cut.whole, checkers: names, maxAnomalies: 5)
            let split = GroupedCheck(
                .blocks(cut.blocks), checkers: names, maxAnomalies: 5, options: CheckOptions(),
                settings: GroupSettings(memory: 1 << 30))
            let results = try #require(try split.results())
            #expect(Verdict(results, events: cut.whole.events.count, truncation: nil).json == whole.json)
            invalid += whole.validity == .invalid ? 1 : 0
        }
        #expect(invalid > 20)
    }

    /// What a write has seen is the one rule that is not checked before.
    @Test func impossibleSeenIsRefused() throws {
        var history = History()
        for (time, id, seen) in [(Int64(0), "a", "b"), (1, "b", "a")] {
            var event = EventDraft(time, .client(time), .invoke, .put)
            (event.key, event.value, event.list) = ("k", id, .ids([seen]))
            history.append(event)
        }
        for groupSize in [nil, 1] {
            let check = GroupedCheck(
                .blocks([history]), checkers: [.staleness], maxAnomalies: 5, options: CheckOptions(),
                settings: GroupSettings(memory: 1 << 20, groupSize: groupSize))
            #expect(try check.results() == nil)
        }
    }

    /// Of several objects that are too hard, the first of the history is named, whichever group has it.
    @Test(arguments: [["a", "b"], ["b", "a"]]) func theFirstUndecidedObjectIsNamed(keys: [String]) throws {
        var history = History()
        for (place, key) in keys.enumerated() {
            func event(_ number: Int, _ type: EventType, _ name: String, _ extras: String) -> EventDraft {
                var event = EventDraft(Int64(place), .client(Int64(place * 100 + number)), type, .other)
                (event.name, event.key, event.extras) = (name, key, extras)
                return event
            }
            // Any of them may have happened, and no sum of some is what was read.
            for bit in 0..<14 { history.append(event(bit, .invoke, "add", "\"value\":\(1 << bit)")) }
            history.append(event(50, .invoke, "read", ""))
            history.append(event(50, .ok, "read", "\"value\":-1"))
        }
        var options = CheckOptions()
        (options.model, options.memory) = (.counter, 1 << 10)
        let whole = check(history, checkers: [.linearizable], options: options)
        let sentence = "The operations of \(keys[0]) were not decided within the memory given (--memory)."
        #expect(whole[.linearizable]?.reason == sentence + " So it was with 1 more.")
        let split = GroupedCheck(
            .blocks([history]), checkers: [.linearizable], maxAnomalies: 5, options: options,
            settings: GroupSettings(memory: 1 << 30, groupSize: 1))
        let results = try #require(try split.results())
        #expect(Verdict(results, events: history.events.count, truncation: nil).json == whole.json)
    }

    // MARK: memory

    private static func adds(_ count: Int, key: String?) -> [EventDraft] {
        (0..<count).flatMap { number in
            let process = Process.client(Int64(number % 50))
            var begin = EventDraft(Int64(2 * number), process, .invoke, .other)
            (begin.name, begin.key, begin.extras) = ("add", key, "\"value\":\(number)")
            var end = EventDraft(Int64(2 * number + 1), process, .ok, .other)
            (end.name, end.key) = ("add", key)
            return [begin, end]
        }
    }

    @Test func whatCannotBeSplitIsRefusedBeforeItIsRead() throws {
        var random = SeededRandom(seed: 1)
        let options = CheckOptions()
        func check(_ key: String?, _ names: [CheckerName]) -> GroupedCheck {
            GroupedCheck(
                .blocks(Cut(Self.adds(10_000, key: key), &random).blocks), checkers: names, maxAnomalies: 5,
                options: options, settings: GroupSettings(memory: 1 << 20))
        }
        for key in [nil, "k"] {
            let error = #expect(throws: HistoryError.self) { try check(key, [.setFull]).results() }
            #expect(error?.reason.contains(key == nil ? "the operations without a key" : "one key") == true)
            #expect(error?.reason.hasSuffix("(set-full), and --memory gives 1 MB") == true)
        }
        // Without a key they have nothing to do with each other.
        #expect(try check(nil, [.availability]).results()?.count == 1)
        #expect(try check("k", [.availability]).results()?.count == 1)
        #expect(throws: HistoryError.self) { try check("k", [.availability, .staleness]).results() }
        let causal = try #require(try check("k", [.causal]).results()).first?.result
        #expect(causal?.validity == .unknown && causal?.reason?.contains("and --memory gives 1 MB") == true)
    }

    // MARK: files

    private static func path(_ ending: String) -> String {
        "/tmp/grouped-check-tests-\(UInt64.random(in: 0...UInt64.max))\(ending)"
    }

    @Test func longHistoriesInFiles() throws {
        let path = Self.path(".dyno")
        defer { remove(path) }
        let history = SyntheticHistory.generate(events: 150_000, keys: 40, clients: 9, seed: 3)
        try HistoryFile.write(history, to: path)
        var options = CheckOptions()
        (options.mostVersionsBehind, options.serviceLevel, options.model) = (0, 1, .register)
        let names: [CheckerName] = [.staleness, .availability, .linearizable, .cart, .uniqueIDs]
        let whole = check(history, checkers: names, maxAnomalies: 3, options: options)
        #expect((whole[.availability]?.figures.count ?? 0) == 8)
        let split = GroupedCheck(
            .file(path), checkers: names, maxAnomalies: 3, options: options,
            settings: GroupSettings(memory: 1 << 30, groupSize: 1 << 22))
        let results = try #require(try split.results())
        #expect(Verdict(results, events: history.events.count, truncation: nil).json == whole.json)
    }

    /// The figures of many values are those of a sorted list.
    @Test func quantilesAreExact() throws {
        let history = SyntheticHistory.generate(events: 150_000, keys: 40, clients: 9, seed: 4)
        let found = try #require(check(history, checkers: [.availability])[.availability])
        let partners = history.pairing()
        var spans: [Int64] = []
        for index in history.events.indices where history.events[index].type == .invoke {
            let end = Int(partners[index])
            if end >= 0, history.events[end].type == .ok {
                spans.append(history.events[end].time - history.events[index].time)
            }
        }
        spans.sort()
        for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)] {
            let rank = Int((share * Double(spans.count)).rounded(.up))
            #expect(found.figure("latency_ms_" + name) == Double(spans[max(rank, 1) - 1]) / 1e6)
        }
    }
}
