import History
import Testing

@Suite struct SyntheticHistoryTests {
    @Test func sameNumbersSameHistory() {
        let one = SyntheticHistory.generate(events: 4000, keys: 30, clients: 7, seed: 9)
        let other = SyntheticHistory.generate(events: 4000, keys: 30, clients: 7, seed: 9)
        #expect(JSONLines.text(of: one) == JSONLines.text(of: other))
        let third = SyntheticHistory.generate(events: 4000, keys: 30, clients: 7, seed: 10)
        #expect(JSONLines.text(of: one) != JSONLines.text(of: third))
    }

    @Test(arguments: 0..<40) func isAHistory(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (events, keys, clients) = (1000 + random.below(4000), 1 + random.below(50), 1 + random.below(20))
        let history = SyntheticHistory.generate(events: events, keys: keys, clients: clients, seed: seed)
        try history.validate(file: "synthetic")
        #expect(history.events.count == events)
        #expect(history.header.name == "synthetic")
        let kinds = Set(history.events.map(\.function))
        #expect(
            kinds.isSuperset(of: [
                .get, .put, .kill, .restart, .partition, .heal, .phase, .converged, .replica, .hints, .root,
            ]))
    }

    @Test func ifThereIsNoRoomItTakesMore() throws {
        let history = SyntheticHistory.generate(events: 0, keys: 0, clients: 0, seed: 1)
        try history.validate(file: "synthetic")
        #expect(history.events.contains { $0.function == .replica })
    }

    @Test func partsMakeUpTheWhole() throws {
        let whole = SyntheticHistory.generate(events: 5000, keys: 20, clients: 5, seed: 4)
        var text = ""
        var parts = 0
        SyntheticHistory.generate(events: 5000, keys: 20, clients: 5, seed: 4, chunk: 700) { part in
            let lines = JSONLines.text(of: part)
            text += String(
                decoding: parts == 0 ? lines[...] : lines[((lines.firstIndex(of: UInt8(ascii: "\n")) ?? 0) + 1)...],
                as: UTF8.self)
            parts += 1
        }
        #expect(parts > 6)
        #expect(text == String(decoding: JSONLines.text(of: whole), as: UTF8.self))
    }

    /// The published first numbers of SplitMix64 for seed 1234567.
    @Test func generatorIsSplitMix64() {
        var random = SeededGenerator(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        ]
        #expect(expected.map { _ in random.next() } == expected)
        #expect((0..<100).allSatisfy { _ in random.below(3) < 3 })
        #expect(random.below(0) == 0)
    }
}
