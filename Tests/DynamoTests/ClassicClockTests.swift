import Causality
import Dynamo
import Simulation
import Testing

/// A store that tells versions apart as the paper does: the anomalies that it is known for show, and no others.
struct ClassicClockTests {
    private func bench(limit: Int = 10) throws -> Bench {
        try Bench { $0.configuration.clocks = .vector(limit: limit) }
    }

    @Test func whoReadsBeforeWritingLosesNothing() throws {
        var bench = try bench()
        for round in 0..<12 {
            let seen = try #require(bench.get(at: bench.order[round % 5])?.siblings?.context)
            #expect(bench.put("\(round)", at: bench.order[(round + 1) % 5], context: seen)?.dot != nil)
        }
        bench.cluster.run(for: 2_000_000_000)
        for home in bench.order.prefix(3) { #expect(bench.stored(home) == ["11"]) }
        #expect(bench.cluster.disagreements == [])
    }

    /// Through two coordinators concurrent writes become siblings, through one the first of them is lost.
    @Test func concurrentWritesThroughOneCoordinatorAreLost() throws {
        var bench = try bench()
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        #expect(bench.put("b", at: bench.order[1])?.siblings?.values == ["a", "b"])
        #expect(bench.put("c", at: bench.order[0])?.dot != nil)
        bench.cluster.run(for: 1_000_000_000)
        #expect(bench.get(at: bench.order[2]) { $0.r = .all }?.siblings?.values == ["b", "c"])
    }

    /// Under load: falsely claimed pasts and lost writes, as the bench's checkers name them, and nothing that points to
    /// anything else than clocks.
    @Test func theJudgeNamesTheAnomalies() throws {
        var kinds: [Judge.Anomaly.Kind: Int] = [:]
        for seed in 1...4 as ClosedRange<UInt64> {
            var scenario = Scenario.rough(seed: seed * 4) { $0.clocks = .vector(limit: 100) }
            scenario.clients.deletesPerCent = 0
            for anomaly in try scenario.judged() { kinds[anomaly.kind, default: 0] += 1 }
        }
        #expect((kinds[.falseDominance] ?? 0) > 0 && (kinds[.lostWrite] ?? 0) > 0, "\(kinds)")
        let expected: Set<Judge.Anomaly.Kind> = [.falseDominance, .lostWrite]
        #expect(Set(kinds.keys).isSubset(of: expected), "\(kinds)")
    }

    /// Clocks that are cut short forget what a version was made of: it comes back beside it.
    @Test func truncatedClocksBringReplacedVersionsBack() throws {
        var bench = try bench(limit: 1)
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        let seen = try #require(bench.get(at: bench.order[1])?.siblings?.context)
        #expect(bench.put("b", at: bench.order[1], context: seen)?.dot != nil)
        bench.cluster.run(for: 1_000_000_000)
        #expect(bench.get(at: bench.order[2]) { $0.r = .all }?.siblings?.values == ["a", "b"])
        // Repairs do not cut clocks, so that they come to an end (basho/riak_kv#26).
        let repairs = bench.cluster.notes.count
        for _ in 0..<5 { _ = bench.get(at: bench.order[0]) { $0.r = .all } }
        bench.cluster.run(for: 3_000_000_000)
        #expect(
            !bench.cluster.notes.dropFirst(repairs).contains { if case .readRepaired = $0.note { true } else { false } }
        )
        #expect(bench.cluster.disagreements == [])
    }
}
