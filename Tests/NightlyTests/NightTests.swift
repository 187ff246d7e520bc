import Foundation
import Gate
import Nightly
import Testing
import Workload

/// A whole night with a bench that answers at once.
@Suite struct NightTests {
    private let root = NSTemporaryDirectory() + "dyno-night-\(UInt64.random(in: 0 ... .max))"

    private func plan(_ change: (inout NightPlan) -> Void = { _ in }) throws -> NightPlan {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for name in ["one", "two"] {
            try RecipeTests.text.replacingOccurrences(of: "handoff", with: name)
                .write(toFile: "\(root)/\(name).yml", atomically: true, encoding: .utf8)
        }
        var plan = NightPlan(name: "test", workloads: ["one.yml", "two.yml"])
        var flawed = NightPlan.StoreVariant(name: "secret")
        flawed.node = "mutant"
        plan.stores.append(flawed)
        plan.canary = NightPlan.Canary(workload: "one.yml", flaw: "forget-hints", anomaly: "phantom-value")
        plan.matrixRuns = 8
        change(&plan)
        return plan
    }

    private func begin(_ index: NightIndex, _ plan: NightPlan) throws -> NightIndex.NightRow {
        try index.begin(
            plan: plan.name, seed: 4, started: 1_000, budget: 3_600, build: "b", directory: root)
    }

    private func night(
        _ plan: NightPlan, _ row: NightIndex.NightRow, _ index: NightIndex, _ bench: FakeBench
    ) -> Night {
        Night(plan: plan, base: root, row: row, index: index, maker: bench, now: { 1_001 }, say: { _ in })
    }

    @Test func aNightFoldsReproducesAndReduces() async throws {
        let plan = try plan()
        let index = try NightIndex(path: "\(root)/index.sqlite")
        let row = try begin(index, plan)
        let bench = FakeBench()
        try await night(plan, row, index, bench).carryOut(jobs: 2)
        let summary = try NightSummary(row, index)
        #expect(summary.runs.filter { $0.kind == .matrix }.count == 8)
        // Every pair was run twice, with seeds of its own.
        #expect(Set(summary.runs.filter { $0.kind == .matrix }.map { "\($0.workload)\($0.store)" }).count == 4)
        #expect(Set(summary.runs.filter { $0.kind == .matrix }.map(\.seed)).count == 8)
        #expect(summary.signatures.map(\.signature).sorted() == ["phantom-value in one", "phantom-value in two"])
        for signature in summary.signatures {
            #expect(signature.count == 2 && !signature.isKnown)
            #expect(signature.reproduced == 3 && signature.attempts == 3)
            #expect((signature.reducedOperations ?? .max) < signature.operations / 10)
            #expect(signature.isStudied && signature.neededFaults == ["kill"])
        }
        // Both need the same fault: one failure, which two workloads show.
        #expect(summary.failures.map(\.signature) == ["phantom-value in one and two, needs kill"])
        #expect(summary.failures.first?.rows.count == 2)
        let cases = DecisionJUnit.xml(summary.decision).components(separatedBy: "name=\"signature\"").count - 1
        #expect(cases == 1)
        #expect(summary.outcome == .fail)
        #expect(try index.nights().first?.outcome == "fail")
        #expect(try index.unfinishedNight(of: "test") == nil)
        #expect(summary.trend.contains("8 runs, 4 red, 0 unknown"))
        // A second night knows the signatures.
        let second = try begin(index, plan)
        try await night(plan, second, index, FakeBench()).carryOut(jobs: 1)
        #expect(try NightSummary(second, index).signatures.allSatisfy(\.isKnown))
        try FileManager.default.removeItem(atPath: root)
    }

    @Test func aNightWithoutARedCanaryIsInconclusive() async throws {
        let plan = try plan {
            $0.stores.removeLast()
            $0.canary?.anomaly = "missed-handoff"
        }
        let index = try NightIndex(path: "\(root)/index.sqlite")
        let row = try begin(index, plan)
        try await night(plan, row, index, FakeBench()).carryOut(jobs: 1)
        #expect(try NightSummary(row, index).outcome == .inconclusive)
        try FileManager.default.removeItem(atPath: root)
    }

    @Test func aKilledNightGoesOnWhereItWas() async throws {
        struct Killed: Error {}
        let plan = try plan { $0.stores.removeLast() }
        let index = try NightIndex(path: "\(root)/index.sqlite")
        let row = try begin(index, plan)
        await #expect(throws: Killed.self) {
            try await night(plan, row, index, FakeBench { if $0 == 4 { throw Killed() } }).carryOut(jobs: 1)
        }
        let open = try #require(try index.unfinishedNight(of: "test"))
        #expect(open == row)
        let bench = FakeBench()
        try await night(plan, open, index, bench).carryOut(jobs: 1)
        let summary = try NightSummary(row, index)
        // The canary and three runs were done before: the rest is made, the broken one first.
        #expect(await bench.orders.count == 5)
        #expect(summary.runs.filter { $0.kind == .matrix }.count == 8)
        #expect(summary.runs.allSatisfy { $0.status != "running" })
        #expect(summary.outcome == .pass)
        try FileManager.default.removeItem(atPath: root)
    }

    @Test func virtualTimeGoesFirst() async throws {
        let plan = try plan {
            $0.workloads = ["one.yml"]
            $0.matrixRuns = 2
            $0.stores[1].node = nil
            $0.stores[1].flaw = "unheard-of"
        }
        let index = try NightIndex(path: "\(root)/index.sqlite")
        let row = try begin(index, plan)
        let bench = FakeBench(), rehearsal = FakeRehearsal()
        try await Night(
            plan: plan, base: root, row: row, index: index, maker: bench, rehearsal: rehearsal, now: { 1_001 },
            say: { _ in }
        ).carryOut(jobs: 1)
        let summary = try NightSummary(row, index)
        let signature = try #require(summary.signatures.first)
        #expect((signature.reducedOperations ?? .max) < signature.operations / 10)
        #expect(signature.neededFaults == ["kill"])
        // Nearly all that was tried was played, and the flaw's name went no further than to the store.
        #expect(rehearsal.count > 20)
        #expect(summary.runs.count { $0.kind == .reduce } < 20)
        #expect(!DecisionText.plain(summary.decision).contains("unheard-of"))
        try FileManager.default.removeItem(atPath: root)
    }

    @Test func aStudyThatWasKilledKeepsWhatItHad() async throws {
        struct Killed: Error {}
        let plan = try plan {
            $0.workloads = ["one.yml"]
            $0.matrixRuns = 2
        }
        let index = try NightIndex(path: "\(root)/index.sqlite")
        let row = try begin(index, plan)
        // The canary, two runs of the matrix, three again, and some smaller ones.
        await #expect(throws: Killed.self) {
            try await night(plan, row, index, FakeBench { if $0 == 12 { throw Killed() } }).carryOut(jobs: 1)
        }
        let half = try #require(try index.signatures(of: row.id).first)
        #expect(half.attempts == 3 && !half.isStudied && half.reducedOperations != nil)
        let bench = FakeBench()
        try await night(plan, row, index, bench).carryOut(jobs: 1)
        let whole = try #require(try NightSummary(row, index).signatures.first)
        #expect(whole.isStudied && whole.attempts == 3)
        #expect((whole.reducedOperations ?? .max) <= (half.reducedOperations ?? 0))
        let runs = try index.runs(of: row.id)
        #expect(runs.allSatisfy { $0.status != "running" } && Set(runs.map(\.path)).count == runs.count)
        #expect(runs.count { $0.kind == .reproduce } == 3 && runs.count { $0.kind == .matrix } == 2)
        try FileManager.default.removeItem(atPath: root)
    }

    @Test func noTimeMeansNothingWasProven() async throws {
        let plan = try plan()
        let index = try NightIndex(path: "\(root)/index.sqlite")
        let row = try index.begin(plan: "test", seed: 4, started: 0, budget: 1, build: "b", directory: root)
        try await night(plan, row, index, FakeBench()).carryOut(jobs: 1)
        #expect(try NightSummary(row, index).outcome == .inconclusive)
        try FileManager.default.removeItem(atPath: root)
    }
}

@Suite struct PlanFileTests {
    @Test func everyKeyIsRead() throws {
        let plan = try PlanFile.parse(
            text: """
                name: weekly
                workloads: [a.yml, b.yml]
                stores:
                  - { name: default }
                  - { name: wide, settings: { nodes: 7, anti-entropy: off }, node: ./mutant, flaw: no-exchange }
                canary: { workload: a.yml, flaw: forget-hints, anomaly: missed-handoff }
                reproduce: 5
                reduce: 30%
                runs: 9
                """, file: "p.yml")
        #expect(plan.name == "weekly" && plan.workloads == ["a.yml", "b.yml"])
        #expect(plan.stores.map(\.name) == ["default", "wide"])
        #expect(plan.stores[1].node == "./mutant" && plan.stores[1].flaw == "no-exchange")
        #expect(Set(plan.stores[1].settings.keys) == ["nodes", "anti-entropy"])
        #expect(plan.canary?.anomaly == "missed-handoff")
        #expect(plan.reproductions == 5 && plan.reductionShare == 30 && plan.matrixRuns == 9)
    }

    @Test(arguments: [
        ("name: x", "workloads must name at least one"),
        ("workloads: [a, a]", "each once"),
        ("workloads: [a]\nstore: []", "unknown key \"store\""),
        ("workloads: [a]\nstores: [{ settings: {} }]", "stores[0].name is missing"),
        ("workloads: [a]\ncanary: { workload: a, flaw: f, anomaly: x }", "p.yml:2: canary.anomaly must be one of"),
    ])
    func errorsNameThePlace(_ text: String, _ message: String) {
        do {
            _ = try PlanFile.parse(text: text, file: "p.yml")
            Issue.record("no error")
        } catch { #expect("\(error)".contains(message)) }
    }
}
