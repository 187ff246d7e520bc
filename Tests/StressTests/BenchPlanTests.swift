import Foundation
import Stress
import Testing

@Suite struct BenchPlanTests {
    @Test func everyMixMeetsEveryNumberOfClientsAndFaultsComeLast() {
        let rows = BenchPlan().rows
        #expect(rows.count == 8)
        #expect(rows.prefix(6).map(\.connections) == [16, 32, 64, 16, 32, 64])
        #expect(rows.prefix(6).map(\.mix) == ["50/50", "50/50", "50/50", "all puts", "all puts", "all puts"])
        #expect(rows.suffix(2).map(\.fault) == [.kill, .pause])
        #expect(rows.suffix(2).allSatisfy { $0.connections == 32 && $0.mix == "50/50" })
    }

    @Test func aPlanThatCannotBeCarriedOutSaysWhy() {
        #expect(BenchPlan().objection == nil)
        let spoilt: [(inout BenchPlan) -> Void] = [
            { $0.connections = [] }, { $0.connections = [0] }, { $0.putPercentages = [101] }, { $0.duration = 0 },
            { $0.duration = .infinity }, { $0.duration = .nan }, { $0.warmUp = -1 }, { $0.keys = 0 },
            { $0.valueSize = 0 }, { $0.patience = 0 },
        ]
        for spoil in spoilt {
            var plan = BenchPlan()
            spoil(&plan)
            #expect(plan.objection != nil)
        }
    }

    @Test func rowsOfTheTableStandUnderTheirHeads() {
        let measure = BenchMeasure(
            connections: 16, mix: "50/50", fault: .kill, operations: 34_250, errors: 3, seconds: 10,
            operationsPerSecond: 3_425, p50: 4.5, p99: 20.25, p999: 41.9, max: 120, nodeMicroseconds: 410,
            loadMicroseconds: 31)
        let line = BenchReport.line(measure)
        #expect(line.count == BenchReport.header.count)
        #expect(
            line.split(separator: " ") == [
                "16", "50/50", "kill", "3425", "4.50", "20.25", "41.90", "120", "3", "410", "31",
            ])
        var foreign = measure
        foreign.nodeMicroseconds = nil
        #expect(BenchReport.line(foreign).contains(" - "))
    }
}
