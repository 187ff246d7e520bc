import Checkers
import History
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A history that is taken apart gets the verdict of the whole, to the byte, however it is taken apart.
@Suite struct PartitionTests {
    /// A random way to take a history apart.
    private static func settings(_ random: inout SeededRandom) -> (PartitionSettings, threads: Int) {
        var settings = PartitionSettings()
        settings.parts = 1 + random.below(5)
        // So little that streams go to the temporary file again and again.
        settings.memory = random.chance(50) ? 1 << 11 : 1 << 30
        return (settings, random.chance(20) ? 3 : 1)
    }

    @Test(arguments: 0..<4) func sameVerdictHoweverItIsSplit(block: Int) throws {
        var (invalid, spilled, several, strange) = (0, 0, 0, 0)
        for seed in UInt64(block * 600)..<UInt64((block + 1) * 600) {
            var random = SeededRandom(seed: ~seed)
            let history = Soup(seed: seed, scale: seed % 20 == 0 ? 6 : 1).history
            let limit = random.pick([0, 2, 1000]) ?? 0
            let whole = check(history, checkers: CheckerName.contract, maxAnomalies: limit)
            let (settings, threads) = Self.settings(&random)
            let partition = try HistoryPartition.of(history, settings: settings)
            let split = try PartitionedCheck(
                partition, checkers: CheckerName.contract, maxAnomalies: limit, threads: threads,
                countsExercise: true)
            #expect(try split.verdict()?.json == whole.json, "seed \(seed)")
            #expect(split.exercise == Exercise(history), "seed \(seed)")
            invalid += whole.validity == .invalid ? 1 : 0
            spilled += partition.isSpilled ? 1 : 0
            several += (0..<partition.partCount).count { !partition.isEmpty(part: $0) } > 1 ? 1 : 0
            strange += whole.json.contains("wrong-key") ? 1 : 0
        }
        #expect(invalid > 100 && spilled > 100 && several > 100 && strange > 10)
    }

    /// What the decoder of parts says of a part's events is what a walk through them would find.
    @Test func partsComeWithTheirIndex() throws {
        var keys = 0
        for seed in UInt64(0)..<400 {
            var random = SeededRandom(seed: seed &* 31)
            var history = Soup(seed: seed, scale: seed % 9 == 0 ? 4 : 1).history
            if random.chance(30) { Self.renumberProcesses(&history) }
            let partition = try HistoryPartition.of(history, settings: Self.settings(&random).0)
            guard !partition.isMalformed else { continue }
            var decoder = try PartDecoder(partition)
            for number in [nil] + (0..<partition.partCount).map(Optional.some) {
                try decoder.decode(number)
                let told = decoder.part.index
                let found = HistoryIndex(decoder.part.history, keyNumbers: decoder.part.keyNumbers)
                #expect(told.partner == found.partner && told.writes == found.writes && told.common == found.common)
                #expect(told.keys == found.keys && told.keyStart == found.keyStart)
                #expect(told.keyEvents == found.keyEvents && told.firstReplica == found.firstReplica)
                keys += told.keys.count
            }
        }
        #expect(keys > 500)
    }

    /// Gives client processes such numbers that a run with very many of them has.
    private static func renumberProcesses(_ history: inout History) {
        for index in history.events.indices where history.events[index].process.isClient {
            history.events[index].process = .client(history.events[index].process.rawValue + 65_534)
        }
    }

    /// The rules checked on the way refuse exactly what ``History/validate(file:)`` refuses.
    @Test func sameRulesHoweverItIsSplit() throws {
        var (refused, accepted) = (0, 0)
        for seed in UInt64(0)..<3000 {
            var random = SeededRandom(seed: seed &* 77)
            var history = Soup(seed: seed).history
            Self.spoil(&history, &random)
            let (settings, threads) = Self.settings(&random)
            let isSound = (try? history.validate(file: "h")) != nil
            let partition = try HistoryPartition.of(history, settings: settings)
            let split = try PartitionedCheck(
                partition, checkers: CheckerName.contract, maxAnomalies: 0, threads: threads)
            #expect((try split.verdict() != nil) == isSound, "seed \(seed)")
            if isSound { accepted += 1 } else { refused += 1 }
        }
        #expect(refused > 500 && accepted > 500)
    }

    /// Changes one thing of a history, which often makes it malformed.
    private static func spoil(_ history: inout History, _ random: inout SeededRandom) {
        let index = random.below(history.events.count), other = random.below(history.events.count)
        switch random.below(10) {
        case 0: history.events.remove(at: index)
        case 1: history.events.insert(history.events[index], at: index)
        case 2: history.events[index].key = history.events[other].key
        case 3: history.events[index].value = history.events[other].value
        case 4 where !history.events[index].hasList: history.events[index].type = EventType.allCases[random.below(4)]
        case 5: history.events[index].time += Int64(random.below(9)) - 4
        case 6: history.events[index].process = history.events[other].process
        case 7: history.events[index].node = Interner.none
        case 8:
            guard let place = history.ids.indices.randomElement(using: &random) else { return }
            let id = history.ids[random.below(history.ids.count)]
            if id != Interner.none, history.ids[place] != Interner.none { history.ids[place] = id }
        default: return
        }
    }

    @Test func filesAreTakenApartBlockByBlock() throws {
        let path = "/tmp/partition-tests-\(UInt64.random(in: 0...UInt64.max)).dyno"
        defer { remove(path) }
        let history = SyntheticHistory.generate(events: 90_000, keys: 40, clients: 9, seed: 3)
        let writer = try NativeWriter(path: path, header: history.header)
        try writer.append(history)
        var settings = PartitionSettings()
        (settings.parts, settings.threads) = (5, 2)
        let alive = try PartitionedCheck(
            HistoryPartition.read(path: path, settings: settings), checkers: CheckerName.defaults, maxAnomalies: 9,
            threads: 2)
        #expect(
            try alive.verdict()?.reason
                == "The history is not complete: the file was not closed: it ends after a whole block")
        try writer.close()
        let closed = try PartitionedCheck(
            HistoryPartition.read(path: path, settings: settings), checkers: CheckerName.defaults, maxAnomalies: 9,
            threads: 2)
        #expect(try closed.verdict()?.json == check(history, maxAnomalies: 9).json)
    }
}
