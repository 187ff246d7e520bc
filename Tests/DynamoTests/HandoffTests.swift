import Causality
import Dynamo
import Simulation
import Testing

/// Sloppy quorums, hints, and dots that are never assigned twice.
struct HandoffTests {
    @Test func aHintGoesHome() throws {
        var bench = try Bench { $0.configuration.antiEntropy = false }
        bench.crash([bench.order[1]])
        #expect(bench.put("a", at: bench.order[0]) != nil)
        bench.cluster.run(for: 500_000_000)
        #expect(bench.hinted(bench.order[3], for: bench.order[1]) == ["a"])
        try bench.cluster.restart(bench.order[1])
        bench.cluster.run(for: 2_000_000_000)
        #expect(bench.stored(bench.order[1]) == ["a"])
        #expect(bench.hinted(bench.order[3], for: bench.order[1]) == [])
    }

    @Test func hintsSurviveARestart() throws {
        var bench = try Bench { $0.configuration.antiEntropy = false }
        bench.crash([bench.order[1]])
        #expect(bench.put("a", at: bench.order[0]) != nil)
        bench.cluster.run(for: 500_000_000)
        bench.cluster.crash(bench.order[3])
        try bench.cluster.restart(bench.order[3])
        try bench.cluster.restart(bench.order[1])
        bench.cluster.run(for: 2_000_000_000)
        #expect(bench.stored(bench.order[1]) == ["a"])
    }

    /// Three nodes, N 3: nobody is left to hold a hint but the coordinator.
    @Test func withoutAFallbackTheCoordinatorKeepsTheHint() throws {
        var bench = try Bench(nodes: 3) { $0.configuration.antiEntropy = false }
        bench.crash([bench.order[2]])
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        #expect(bench.hinted(bench.order[0], for: bench.order[2]) == ["a"])
        try bench.cluster.restart(bench.order[2])
        bench.cluster.run(for: 2_000_000_000)
        #expect(bench.stored(bench.order[2]) == ["a"])
        #expect(bench.hinted(bench.order[0], for: bench.order[2]) == [])
    }

    /// A home falls silent, nobody suspects it yet, and the coordinator dies the instant it has acknowledged: the write
    /// still reaches that home, though only hints can bring it there.
    @Test func anAcknowledgedWriteOutlivesItsCoordinator() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            var bench = try Bench(seed: seed) {
                $0.configuration.antiEntropy = false
                $0.configuration.readRepair = false
                $0.network.refusedPerCent = 0
            }
            bench.cluster.crash(bench.order[2])
            #expect(bench.put("a", at: bench.order[0])?.dot != nil)
            bench.cluster.crash(bench.order[0])
            bench.cluster.run(for: 2_000_000_000)
            try bench.cluster.restart(bench.order[0])
            try bench.cluster.restart(bench.order[2])
            bench.cluster.run(for: 3_000_000_000)
            #expect(bench.stored(bench.order[2]) == ["a"], "seed \(seed)")
        }
    }

    @Test func aSlowHomeLeavesNoHintBehind() throws {
        var bench = try Bench { $0.network.latency = 1_000_000...60_000_000 }
        for number in 0..<20 { #expect(bench.put("\(number)", at: bench.order[0])?.dot != nil) }
        bench.cluster.run(for: 3_000_000_000)
        #expect(bench.cluster.members.allSatisfy { (try? bench.cluster.replica($0)?.hintCounts) == [:] })
    }

    /// With every home down a fallback coordinates. Once its hint is delivered it has forgotten which dots it assigned:
    /// the next time it must not assign them again, nor count on as if it remembered.
    @Test func aFallbackNeverRepeatsADot() throws {
        var bench = try Bench { $0.configuration.antiEntropy = false }
        var dots: [Dot] = []
        var values: [String] = []
        for round in 0..<4 {
            bench.crash(bench.order.prefix(3))
            for part in ["x", "y"] {
                let reply = bench.put("\(round)\(part)", at: bench.order[3])
                dots.append(try #require(reply?.dot))
                values.append("\(round)\(part)")
            }
            #expect(Set(dots.suffix(2).map(\.actor)).count == 1)
            for home in bench.order.prefix(3) { try bench.cluster.restart(home) }
            bench.cluster.run(for: 4_000_000_000)
            #expect(bench.cluster.members.allSatisfy { (try? bench.cluster.replica($0)?.hintCounts) == [:] })
        }
        #expect(dots.allSatisfy { $0.actor.node == bench.order[3] })
        #expect(Set(dots).count == 8 && Set(dots.map(\.actor)).count == 4)
        for home in bench.order.prefix(3) { #expect(bench.stored(home) == values) }
    }

    /// The same while the fallback itself dies between rounds, with and without its disk.
    @Test(arguments: [false, true]) func norAfterARestart(wiped: Bool) throws {
        var bench = try Bench { $0.configuration.antiEntropy = false }
        var dots: [Dot] = []
        for round in 0..<4 {
            bench.crash(bench.order.prefix(3))
            dots.append(try #require(bench.put("\(round)", at: bench.order[3])?.dot))
            for home in bench.order.prefix(3) { try bench.cluster.restart(home) }
            bench.cluster.run(for: 4_000_000_000)
            bench.cluster.crash(bench.order[3])
            try bench.cluster.restart(bench.order[3], wiped: wiped)
            bench.cluster.run(for: 1_000_000_000)
        }
        #expect(Set(dots).count == 4)
        #expect(bench.stored(bench.order[0]) == ["0", "1", "2", "3"])
    }

    /// Riak once went on counting where a lost disk had begun anew, and dominated what others still held
    /// (basho/riak_kv#679).
    @Test func aWipedHomeNeverRepeatsADot() throws {
        var bench = try Bench()
        var dots: [Dot] = []
        for round in 0..<4 {
            dots.append(try #require(bench.put("\(round)", at: bench.order[0])?.dot))
            bench.cluster.run(for: 500_000_000)
            bench.cluster.crash(bench.order[0])
            try bench.cluster.restart(bench.order[0], wiped: true)
        }
        bench.cluster.run(for: 4_000_000_000)
        #expect(Set(dots.map(\.actor)).count == 4)
        for home in bench.order.prefix(3) { #expect(bench.stored(home) == ["0", "1", "2", "3"]) }
    }

    @Test func aRestartGoesOnCounting() throws {
        var bench = try Bench()
        let first = bench.put("a", at: bench.order[0])?.dot
        bench.cluster.crash(bench.order[0])
        try bench.cluster.restart(bench.order[0])
        bench.cluster.run(for: 500_000_000)
        let second = bench.put("b", at: bench.order[0])?.dot
        #expect(first?.actor == second?.actor && first?.counter == 1 && second?.counter == 2)
    }
}
