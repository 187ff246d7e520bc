import Dynamo
import Simulation
import Testing

/// The store keeps its promises through crashes, network partitions, failing disks and lost messages.
struct SafetyTests {
    @Test(arguments: 1...8) func everyMechanism(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            #expect(try Scenario.rough(seed: seed).judged() == [], "seed \(seed)")
        }
    }

    @Test(arguments: 1...4) func hintsAlone(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            let scenario = Scenario.rough(seed: seed) {
                $0.antiEntropy = false
                $0.readRepair = false
            }
            #expect(try scenario.judged(converges: false) == [], "seed \(seed)")
        }
    }

    @Test(arguments: 1...4) func exchangeAlone(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 25 {
            let scenario = Scenario.rough(seed: seed) {
                $0.hintedHandoff = false
                $0.readRepair = false
            }
            #expect(try scenario.judged() == [], "seed \(seed)")
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
            #expect(try scenario.judged() == [], "seed \(seed)")
        }
    }
}
