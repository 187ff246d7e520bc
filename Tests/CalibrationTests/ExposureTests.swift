import Calibration
import Checkers
import Dynamo
import Foundation
import Testing
import Workload

/// What exposes each flaw is there, and told of.
struct ExposureTests {
    @Test func thereAreThirtyAndMore() {
        #expect(Flaw.allCases.count >= 30)
        #expect(Set(Flaw.allCases.map(\.rawValue)).count == Flaw.allCases.count)
    }

    /// The anomaly that is looked for must be one that the checker reports, and the workload one that runs.
    @Test(arguments: Flaw.allCases) func itsWorkloadRuns(flaw: Flaw) throws {
        let exposure = flaw.exposure
        #expect(!exposure.anomalies.isEmpty)
        #expect(throws: Never.self) { try Project.workload(exposure.workload) }
    }

    @Test(arguments: Flaw.allCases) func thePageOfFlawsHasIt(flaw: Flaw) throws {
        let file = Project.root.appending(path: "Sources/Dynamo/Dynamo.docc/Flaws.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `\(flaw.rawValue)` |") }
        let row = try #require(rows.first)
        #expect(rows.count == 1)
        #expect(row.contains("`\(flaw.exposure.workload)`") && row.contains(flaw.exposure.checker.rawValue))
        for anomaly in flaw.exposure.anomalies { #expect(row.contains("`\(anomaly.name)`")) }
    }
}
