import Nemesis
import Testing
import Workload

@Suite struct RandomPlanTests {
    private func random(swarm: Bool = false, overlap: Int = 2) -> RandomFaults {
        let actions: [FaultSpec.Action] = [
            .kill(.home()), .pause(.random), .partition(.halves, clientsCut: false), .clock(.drift(100), .random),
        ]
        var random = RandomFaults(choices: actions.map { .init(action: $0, weight: 2) }, until: .seconds(60))
        (random.swarm, random.overlap, random.meanInterval) = (swarm, overlap, .milliseconds(700))
        return random
    }

    @Test func theSeedDecidesAndNothingElse() {
        let plan = RandomPlan(random(swarm: true), seed: 3)
        #expect(plan == RandomPlan(random(swarm: true), seed: 3))
        #expect(plan.faults != RandomPlan(random(swarm: true), seed: 4).faults)
        #expect(!plan.faults.isEmpty)
    }

    @Test func noMoreFaultsAtATimeThanAllowedAndAllWithinTheTime() {
        for overlap in 1...3 {
            for seed in 0..<20 as Range<UInt64> {
                let faults = RandomPlan(random(overlap: overlap), seed: seed).faults
                #expect(faults.allSatisfy { $0.begin >= .seconds(1) && $0.end <= .seconds(60) })
                for fault in faults {
                    let inForce = faults.count { $0.begin <= fault.begin && fault.begin < $0.end }
                    #expect(inForce <= overlap)
                }
            }
        }
        // As many as the intervals allow, where lengths do not hold them back.
        #expect(RandomPlan(random(overlap: 100), seed: 1).faults.count > 50)
    }

    @Test func weightsDecideHowOftenAChoiceIsTaken() {
        var random = random(overlap: 100)
        random.choices[0].weight = 60
        let faults = RandomPlan(random, seed: 5).faults
        let kills = faults.count { $0.action == .kill(.home()) }
        #expect(kills > faults.count * 3 / 4)
    }

    @Test func theSwarmTurnsSomeOffAndOthersUpAndNeverAll() {
        var offs: Set<Int> = []
        var ups: Set<Int> = []
        for seed in 0..<200 as Range<UInt64> {
            let weights = RandomPlan(random(swarm: true), seed: seed).weights
            #expect(weights.contains { $0 > 0 })
            offs.formUnion(weights.indices.filter { weights[$0] == 0 })
            ups.formUnion(weights.indices.filter { weights[$0] == 8 })
        }
        #expect(offs == [0, 1, 2, 3] && ups == [0, 1, 2, 3])
        let plan = RandomPlan(random(), seed: 1)
        #expect(plan.weights == [2, 2, 2, 2] && plan.words == "kill ×2, pause ×2, partition ×2, clock ×2")
    }

    @Test func theLoadOutlastsTheLastDrawnFault() {
        let plan = FaultPlan([], random: random(), seed: 8)
        #expect(plan.faults.map(\.end).max() == plan.lastBoundedEnd)
    }
}
