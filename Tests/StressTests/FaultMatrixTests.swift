import Stress
import Testing
import Workload

@Suite struct FaultMatrixTests {
    @Test func everyCaseIsAWorkloadWithAllItsFaults() throws {
        let singles = FaultMatrix.cases(.singles)
        for item in singles {
            let workload = try WorkloadFile.parse(text: item.text, file: "\(item.name).yml")
            #expect(workload.faults.count == 1 && workload.name == item.name)
        }
        let pairs = FaultMatrix.cases(.pairs)
        #expect(pairs.count == singles.count * (singles.count - 1) / 2 && Set(pairs.map(\.name)).count == pairs.count)
        for item in pairs {
            let workload = try WorkloadFile.parse(text: item.text, file: "\(item.name).yml")
            #expect(workload.faults.count == 2 && workload.require.contains(Floor(.faultsWitnessed, 2)))
        }
        #expect(FaultMatrix.cases(.pairs, only: "kill").count == singles.count - 1)
    }

    /// A kind of fault that the matrix forgets is never tried.
    @Test func everyKindOfFaultIsInTheMatrix() throws {
        let tried = try Set(
            FaultMatrix.cases(.singles).flatMap {
                try WorkloadFile.parse(text: $0.text, file: "f.yml").faults.map(\.action.word)
            })
        // The ring changes for good by these three; a cut is what partitions come to.
        let others: Set<String> = ["join", "leave", "replace", "cut"]
        #expect(Set(FaultLine.kinds.map(\.name)).subtracting(others) == tried)
    }
}
