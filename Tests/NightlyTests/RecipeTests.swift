import Nightly
import Testing
import Workload

@Suite struct RecipeTests {
    static let text = """
        name: handoff
        store: { nodes: 5, ring: 64 }
        clients: 16
        operations: 3000
        keys: { count: 500, distribution: zipf(0.99) }
        faults:
          - { kill: home, every: 3s, for: 2s }
          - { partition: halves, at: 10s, for: 5s }
          - { pause: random, at: 20s, for: 1s }
        require: { kills: 3 }
        """

    @Test func anUntouchedRecipeIsTheSameWorkload() throws {
        let recipe = try Recipe(workload: Self.text, file: "h.yml")
        let original = try WorkloadFile.parse(text: Self.text, file: "h.yml")
        var again = try WorkloadFile.parse(text: recipe.text(file: "h.yml"), file: "h.yml")
        // Only the lines on which the faults stand may differ.
        for index in again.faults.indices { again.faults[index].line = original.faults[index].line }
        #expect(again == original)
    }

    @Test func whatIsTakenAwayIsGone() throws {
        var recipe = try Recipe(workload: Self.text, file: "h.yml")
        recipe.faults = [1]
        recipe.operations = 100
        recipe.clients = 2
        recipe.keys = 7
        recipe.keepsFloors = false
        recipe.store = ["anti-entropy": "off\n", "nodes": "7\n"]
        let workload = try WorkloadFile.parse(text: recipe.text(file: "h.yml"), file: "h.yml")
        #expect(workload.faults.count == 1)
        #expect(workload.length == .operations(100))
        #expect(workload.clients == 2 && workload.keys.count == 7 && workload.require.isEmpty)
        #expect(workload.keys.distribution == .zipf(0.99))
        #expect(!workload.store.antiEntropy && workload.store.nodes == 7 && workload.store.ring == 64)
    }

    @Test func aScheduleTakesThePlaceOfTheFaults() throws {
        var recipe = try Recipe(workload: Self.text, file: "h.yml")
        try recipe.replaceFaults(
            bySchedule: """
                workload: handoff
                nodes: [n1, n2, n3, n4, n5]
                faults:
                  - { kill: [n3], at: 2001ms, for: 3000ms }  # home of key-0; witnessed
                  - { partition: [[n1], [n2, n3, n4, n5]], at: 22501ms, for: 2000ms }
                """, file: "schedule.yml")
        #expect(recipe.faults == [0, 1])
        recipe.faults = [1]
        let workload = try WorkloadFile.parse(text: recipe.text(file: "h.yml"), file: "h.yml")
        #expect(workload.faults.count == 1)
        #expect(workload.faults.first?.schedule == .once(at: .milliseconds(22_501)))
        #expect(throws: WorkloadError.self) { try recipe.replaceFaults(bySchedule: "name: x", file: "s.yml") }
    }

    @Test func faultsComeSoonerAndShorter() throws {
        var recipe = try Recipe(workload: Self.text, file: "h.yml")
        #expect(recipe.spans == [nil, .init(begin: 10_000, end: 15_000), .init(begin: 20_000, end: 21_000)])
        recipe.faults = [1, 2]
        recipe.earlier = 9_000
        recipe.squeeze = 4
        recipe.rate = 25
        recipe.patience = 5_000
        let workload = try recipe.workload(file: "h.yml")
        #expect(workload.faults.map(\.schedule) == [.once(at: .milliseconds(250)), .once(at: .milliseconds(2_750))])
        #expect(workload.faults.map(\.duration) == [.milliseconds(1_250), .milliseconds(250)])
        #expect(workload.rate == 25 && workload.convergeWithin == .seconds(5))
        recipe.faults = []
        #expect(try recipe.workload(file: "h.yml").faults.isEmpty)
    }

    @Test func settingsThatNoStoreHasAreAnError() throws {
        var recipe = try Recipe(workload: Self.text, file: "h.yml")
        recipe.store = ["nods": "7"]
        #expect(throws: WorkloadError.self) { try recipe.text(file: "h.yml") }
    }
}

@Suite struct SignatureTests {
    @Test(arguments: ["lost-write in calm", "missed-handoff in handoff during kill+partition"])
    func aSignatureIsReadAsItIsWritten(_ text: String) throws {
        let signature = try #require(Signature(text))
        #expect(signature.description == text)
        #expect(signature.family.faults.isEmpty && signature.family.anomaly == signature.anomaly)
        #expect(Signature("nonsense") == nil)
    }
}

@Suite struct ReducerTests {
    private func recipe(faults: Int) throws -> Recipe {
        let lines = (0..<faults).map { "  - { kill: n1, at: \($0 + 1)s, for: 100ms }" }
        return try Recipe(
            workload: "name: x\noperations: 8000\nclients: 16\nkeys: { count: 64 }\nfaults:\n"
                + lines.joined(separator: "\n"),
            file: "x.yml")
    }

    /// Whatever faults are needed together, those are left, and of operations little more than needed.
    @Test(arguments: [[0], [7], [2, 5], [0, 7], [1, 3, 6], [0, 1, 2, 3, 4, 5, 6, 7]])
    func nothingNeededIsLostAndLittleElseIsLeft(_ needed: [Int]) async throws {
        var reducer = Reducer(hasTime: { _ in true }) { candidate in
            Set(needed).isSubset(of: candidate.faults) && (candidate.operations ?? 0) >= 300 && candidate.clients >= 3
        }
        let reduced = try await reducer.reduce(recipe(faults: 8))
        #expect(reduced.faults == needed)
        #expect((300..<600).contains(reduced.operations ?? 0))
        #expect((3..<6).contains(reduced.clients))
        #expect(reduced.keys == 1)
        #expect(reducer.attempts < 80)
    }

    /// What happened after the evidence goes at once, and what is left begins at once.
    @Test func evidenceCutsTheRun() async throws {
        var reducer = Reducer(hasTime: { _ in true }) { $0.faults.contains(5) && ($0.operations ?? 0) >= 100 }
        let reduced = try await reducer.reduce(
            recipe(faults: 40), evidence: Reducer.Evidence(milliseconds: 6_050, operations: 600))
        #expect(reduced.faults == [5] && reducer.hasMinimalFaults)
        // The sixth began after six seconds.
        #expect(reduced.earlier == 5_700)
        #expect((100..<200).contains(reduced.operations ?? 0))
        #expect(reducer.attempts < 40)
        // Each step failed, and the last is what came of it.
        #expect(reducer.trail.last == reduced)
    }

    @Test func aFailureThatNeedsNoFaultLosesThemAtOnce() async throws {
        var reducer = Reducer(hasTime: { _ in true }) { ($0.operations ?? 0) >= 30 }
        let reduced = try await reducer.reduce(
            recipe(faults: 9), evidence: Reducer.Evidence(milliseconds: 100, operations: 40))
        #expect(reduced.faults.isEmpty && reduced.operations == 40 && reduced.rate == nil)
        #expect(reducer.trail.first?.faults.isEmpty == true)
    }

    @Test func wantOfTimeIsNoProofThatAFaultIsNeeded() async throws {
        var reducer = Reducer(hasTime: { !$0.faults.isEmpty }) { _ in true }
        let reduced = try await reducer.reduce(recipe(faults: 4))
        #expect(reduced.faults.count == 1 && !reducer.hasMinimalFaults)
    }

    @Test func withoutTimeNothingIsTried() async throws {
        let recipe = try recipe(faults: 3)
        var reducer = Reducer(hasTime: { _ in false }) { _ in
            Issue.record("a run was made")
            return true
        }
        let reduced = try await reducer.reduce(recipe)
        #expect(reduced.faults == recipe.faults && reduced.operations == recipe.operations)
        #expect(reducer.attempts == 0)
    }
}
