import Foundation
import Gate
import Nightly
import Testing
import Workload

/// The examples that a reader copies are ones that work.
@Suite struct ExampleTests {
    private let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

    @Test func thePolicyIsOne() throws {
        let file = sources.appendingPathComponent("Gate/Examples/release.yml")
        let policy = try PolicyFile.parse(text: String(contentsOf: file, encoding: .utf8), file: file.path)
        #expect(policy.demandsSameBuild && policy.demandsWitnesses)
    }

    @Test(arguments: ["nightly", "two-flaws"]) func thePlanIsOneAndItsWorkloadsAreThere(_ name: String) throws {
        let file = sources.appendingPathComponent("Nightly/Examples/\(name).yml")
        let plan = try PlanFile.parse(text: String(contentsOf: file, encoding: .utf8), file: file.path)
        let folder = file.deletingLastPathComponent().path
        for workload in plan.workloads + [plan.canary?.workload].compactMap({ $0 }) {
            let text = try String(contentsOfFile: "\(folder)/\(workload)", encoding: .utf8)
            for store in plan.stores {
                var recipe = try Recipe(workload: text, file: workload)
                recipe.store = store.settings
                #expect(throws: Never.self) { try recipe.text(file: workload) }
            }
        }
    }
}
