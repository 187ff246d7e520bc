import Nemesis
import Testing
import Workload

@Suite struct FaultPlanTests {
    @Test func repeatedFaultsBeginAtEachStepUntilTheirCount() {
        let spec = FaultSpec(
            action: .kill(.home), schedule: .repeated(every: .seconds(3), from: .seconds(2), count: 3),
            duration: .seconds(1))
        let plan = FaultPlan([spec])
        #expect(plan.faults.map(\.begin) == [.seconds(2), .seconds(5), .seconds(8)])
        #expect(plan.lastBoundedEnd == .seconds(9))
    }

    @Test func faultsOfSeveralLinesAreOrderedByBeginAndThenByLine() {
        let plan = FaultPlan([
            FaultSpec(action: .pause(.random), schedule: .once(at: .seconds(5)), duration: .seconds(1), line: 1),
            FaultSpec(action: .kill(.random), schedule: .once(at: .seconds(2)), duration: .seconds(9), line: 2),
            FaultSpec(action: .kill(.home), schedule: .once(at: .seconds(5)), duration: .seconds(1), line: 3),
        ])
        #expect(plan.faults.map(\.line) == [2, 1, 3])
        #expect(plan.lastBoundedEnd == .seconds(11))
    }

    @Test func unboundedRepetitionStopsAtTheHorizonAndDoesNotHoldTheLoad() {
        let spec = FaultSpec(
            action: .kill(.home), schedule: .repeated(every: .seconds(10), from: .zero, count: nil),
            duration: .seconds(1))
        let plan = FaultPlan([spec], horizon: .seconds(35))
        #expect(plan.faults.count == 4)
        #expect(plan.lastBoundedEnd == .zero)
    }

    @Test func halvesDifferByAtMostOneAndHoldEveryNode() {
        let nodes = ["n1", "n2", "n3", "n4", "n5"]
        var shapes: Set<[String]> = []
        for seed in 0..<50 {
            var generator = FaultGenerator(seed: UInt64(seed))
            let groups = FaultSpec.Shape.halves.groups(of: nodes, isolated: nil, using: &generator)
            #expect(groups.count == 2)
            #expect(abs(groups[0].count - groups[1].count) <= 1)
            #expect(groups.flatMap { $0 }.sorted() == nodes)
            shapes.insert(groups[0].sorted())
        }
        #expect(shapes.count > 5, "the seed draws the sides")
    }

    @Test func majorityLeavesEveryOtherNodeAlone() {
        var generator = FaultGenerator(seed: 3)
        let groups = FaultSpec.Shape.majority.groups(of: ["a", "b", "c", "d", "e"], isolated: nil, using: &generator)
        #expect(groups.map(\.count) == [3, 1, 1])
    }

    @Test func theSameSeedDrawsTheSameSides() {
        var (left, right) = (FaultGenerator(seed: 9), FaultGenerator(seed: 9))
        let nodes = (1...9).map { "n\($0)" }
        #expect(
            FaultSpec.Shape.halves.groups(of: nodes, isolated: nil, using: &left)
                == FaultSpec.Shape.halves.groups(of: nodes, isolated: nil, using: &right))
    }
}
