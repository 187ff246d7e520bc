import Dynamo
import Simulation
import Testing

/// Each planted flaw is found by the same judgement that the sound store passes, and for the right reason.
struct FlawTests {
    private func kinds(_ seeds: ClosedRange<UInt64>, _ flaw: Flaw?, _ shape: (UInt64, Flaw?) throws -> [Judge.Anomaly])
        throws
        -> Set<Judge.Anomaly.Kind>
    {
        var found: Set<Judge.Anomaly.Kind> = []
        for seed in seeds { found.formUnion(try shape(seed, flaw).map(\.kind)) }
        return found
    }

    /// Every other node restarts while one home is down, and hints alone can bring it up to date.
    private func restartingFallbacks(seed: UInt64, flaw: Flaw?) throws -> [Judge.Anomaly] {
        var scenario = Scenario.rough(seed: seed) {
            $0.antiEntropy = false
            $0.readRepair = false
            $0.flaw = flaw
        }
        // So many that most are written once: a later write would bring the whole set of its key home.
        scenario.clients.keys = 1_000
        scenario.faults = [TimedFault(at: 300_000_000, .crash("n1")), TimedFault(at: 2_800_000_000, .restart("n1"))]
        for (index, node) in ["n2", "n3", "n4", "n5"].enumerated() {
            let time = 1_000_000_000 + Int64(index) * 400_000_000
            scenario.faults += [TimedFault(at: time, .crash(node)), TimedFault(at: time + 200_000_000, .restart(node))]
        }
        return try scenario.judged(converges: false)
    }

    @Test func forgottenHintsLoseWrites() throws {
        #expect(try kinds(1...5, nil, restartingFallbacks) == [])
        #expect(try kinds(1...5, .forgetHints, restartingFallbacks) == [.lostWrite])
    }

    @Test func wallClockMergesLoseWrites() throws {
        let found = try kinds(1...5, .wallClockMerge) { seed, flaw in
            try Scenario.rough(seed: seed) { $0.flaw = flaw }.judged()
        }
        #expect(found.contains(.lostWrite))
        #expect(!found.contains(.duplicateDot))
    }

    @Test func anExchangeThatRepairsNothingLeavesReplicasApart() throws {
        let found = try kinds(1...5, .noExchange) { seed, flaw in
            try Scenario.rough(seed: seed) {
                $0.hintedHandoff = false
                $0.readRepair = false
                $0.flaw = flaw
            }.judged()
        }
        #expect(found.isSuperset(of: [.diverged, .rootMismatch]))
    }

    /// Nobody else is there to hold a copy, and the coordinator has not noticed yet.
    @Test(arguments: [nil, Flaw.ackEarly])
    func anEarlyAcknowledgementWaitsForNobody(flaw: Flaw?) throws {
        var bench = try Bench { $0.configuration.flaw = flaw }
        for node in bench.order.dropFirst() { bench.cluster.crash(node) }
        let reply = bench.put("a", at: bench.order[0])
        #expect((reply?.dot != nil) == (flaw == .ackEarly))
    }
}
