import Calibration
import Checkers
import Dynamo
import History
import Testing
import Workload

/// Every flaw is found in virtual time, and the sound store raises no alarm under the same workloads.
struct SimulatedCalibrationTests {
    /// Seeds tried before a flaw counts as missed.
    private static let seeds: ClosedRange<UInt64> = 1...4

    private func find(_ flaw: Flaw) throws -> Find? {
        let exposure = flaw.exposure
        let workload = try Project.workload(exposure.workload).thinned(by: 2 * exposure.thin)
        for seed in Self.seeds {
            let history = try SimulatedRun.history(of: .init(workload: workload, seed: seed, flaw: flaw))
            if let find = Trial.find(exposure, in: history) { return find }
        }
        return nil
    }

    @Test(arguments: Flaw.allCases.filter { $0.exposure.processesOnly == nil }) func everyFlawIsFound(flaw: Flaw) throws
    {
        let find = try #require(try find(flaw))
        #expect(find.checker == flaw.exposure.checker)
        #expect(flaw.exposure.anomalies.contains(find.anomaly))
        #expect(find.operations > 0 && find.seconds > 0)
    }

    @Test(arguments: try Project.workloadNames) func noneIsSeenWhereThereIsNone(name: String) throws {
        let workload = try Project.workload(name).thinned(by: 4)
        let history: History
        do {
            history = try SimulatedRun.history(of: .init(workload: workload, seed: 77))
        } catch is NotSimulated {
            // Some faults need real processes; such a workload is for dyno run alone.
            return
        }
        try history.validate(file: name)
        #expect(Trial.alarms(in: history) == [])
        #expect(history.events.contains { $0.function == .phase })
        for flaw in Flaw.allCases where flaw.exposure.workload == name {
            #expect(Trial.find(flaw.exposure, in: history) == nil, "\(flaw.rawValue)")
        }
    }
}
