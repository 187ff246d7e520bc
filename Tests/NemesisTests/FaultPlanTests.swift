import Nemesis
import Testing
import Workload

@Suite struct FaultPlanTests {
    @Test func repeatedFaultsBeginAtEachStepUntilTheirCount() {
        let spec = FaultSpec(
            action: .kill(.home()), schedule: .repeated(every: .seconds(3), from: .seconds(2), count: 3),
            duration: .seconds(1))
        let plan = FaultPlan([spec])
        #expect(plan.faults.map(\.begin) == [.seconds(2), .seconds(5), .seconds(8)])
        #expect(plan.lastBoundedEnd == .seconds(9))
    }

    @Test func faultsOfSeveralLinesAreOrderedByBeginAndThenByLine() {
        let plan = FaultPlan([
            FaultSpec(action: .pause(.random), schedule: .once(at: .seconds(5)), duration: .seconds(1), line: 1),
            FaultSpec(action: .kill(.random), schedule: .once(at: .seconds(2)), duration: .seconds(9), line: 2),
            FaultSpec(action: .kill(.home()), schedule: .once(at: .seconds(5)), duration: .seconds(1), line: 3),
        ])
        #expect(plan.faults.map(\.line) == [2, 1, 3])
        #expect(plan.lastBoundedEnd == .seconds(11))
    }

    @Test func unboundedRepetitionStopsAtTheHorizonAndDoesNotHoldTheLoad() {
        let spec = FaultSpec(
            action: .kill(.home()), schedule: .repeated(every: .seconds(10), from: .zero, count: nil),
            duration: .seconds(1))
        let plan = FaultPlan([spec], horizon: .seconds(35))
        #expect(plan.faults.count == 4)
        #expect(plan.faults.allSatisfy { !$0.isBounded })
        #expect(plan.lastBoundedEnd == .zero)
    }
}
