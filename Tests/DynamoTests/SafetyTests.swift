import Dynamo
import Simulation
import Testing

/// The store keeps its promises through crashes, network partitions, failing disks and lost messages.
struct SafetyTests {
    @Test(arguments: 1...6) func everyMechanism(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            let found = try Scenario.rough(seed: seed).judged()
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }

    @Test(arguments: 1...3) func hintsAlone(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            let scenario = Scenario.rough(seed: seed) {
                $0.antiEntropy = false
                $0.readRepair = false
            }
            let found = try scenario.judged(converges: false)
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }

    @Test(arguments: 1...2) func exchangeAlone(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            let scenario = Scenario.rough(seed: seed) {
                $0.hintedHandoff = false
                $0.readRepair = false
            }
            let found = try scenario.judged()
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }

    @Test(arguments: 1...4) func failingDisks(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            var scenario = Scenario.rough(seed: seed)
            var mix = FaultMix()
            mix.storage = true
            mix.interval = 250_000_000
            scenario.faults = []
            scenario.add(mix)
            let found = try scenario.judged()
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }

    /// One node loses its disk for good: hints that it held are gone, and the exchange brings the rest back.
    @Test(arguments: 1...1) func aLostDisk(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            var scenario = Scenario.rough(seed: seed)
            let node = "n\(seed % 5 + 1)"
            scenario.faults = [TimedFault(at: 500_000_000 + Int64(seed % 25) * 80_000_000, .wipe(node))]
            let found = try scenario.judged()
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }
}
