import Foundation
import History
import Report
import Workload

/// What a night does with a new kind of failure: it makes the first run again, then smaller.
extension Night {
    /// A failure under study.
    private struct Study {
        var entry: NightIndex.SignatureRow
        var cell: Cell
        /// The type of the anomaly that must show.
        var anomaly: String
        /// When its part of the time is over, in seconds since 1970.
        var deadline: Double
        /// How often a reduced run is tried before it counts as one that does not fail.
        var tries: Int { entry.attempts == 0 || entry.reproduced < entry.attempts ? 3 : 2 }
    }

    /// How much of the time of a study may go into making the run again as it was, and into virtual time.
    private static let reproducing = 0.5, rehearsing = 0.6
    /// A reduced run has no use for the time that a large one may take to converge, in milliseconds.
    private static let patience = 5_000

    /// Makes the first run of a signature again, then smaller, within its part of the time that is left.
    func study(_ signature: NightIndex.SignatureRow) async throws {
        guard let first = try index.runs(of: row.id).first(where: { $0.path == signature.firstRun }),
            let anomaly = Signature(signature.signature)?.anomaly, now() < end
        else { return }
        let left = try index.signatures(of: row.id).filter { !$0.isStudied }.count
        let began = now()
        var study = Study(
            entry: signature, cell: cell(first.number), anomaly: anomaly,
            deadline: began + max(0, end - began) / Double(max(left, 1)))
        try await reproduce(&study, first, until: began + (study.deadline - began) * Self.reproducing)
        study.entry.isStudied = study.entry.attempts > 0 || plan.reproductions == 0
        if study.entry.reproduced > 0 || plan.reproductions == 0 { try await reduce(&study, first) }
        try index.put(study.entry)
    }

    private func reproduce(_ study: inout Study, _ first: NightIndex.RunRow, until deadline: Double) async throws {
        let recipe = try recipe(study.cell)
        // A second helping of time goes into making it smaller.
        if study.entry.reducedRun != nil { return }
        while study.entry.attempts < plan.reproductions {
            // At least one, where there is any time at all.
            let limit = study.entry.attempts == 0 ? study.deadline : deadline
            guard now() + first.seconds <= limit else { return }
            let again = try await attempt(study, recipe, .reproduce)
            study.entry.attempts += 1
            if again != nil { study.entry.reproduced += 1 }
            try index.put(study.entry)
        }
    }

    /// One run; its row when it shows the anomaly.
    private func attempt(
        _ study: Study, _ recipe: Recipe, _ kind: NightIndex.Kind
    ) async throws -> NightIndex.RunRow? {
        var cell = study.cell
        cell.kind = kind
        cell.number = nextNumber(kind)
        let (run, result) = try await run(cell, recipe)
        return result.anomalies.contains(study.anomaly) ? run : nil
    }

    // MARK: - Smaller

    private func reduce(_ study: inout Study, _ first: NightIndex.RunRow) async throws {
        let result = RunResult.read(exitStatus: 1, path: first.path, workload: first.workload)
        var best = try beginning(of: study, first)
        best.patience = study.anomaly == "not-converged" ? nil : min(Self.patience, try patience(of: best, study))
        let evidence = study.entry.reducedRun == nil ? result.evidence[study.anomaly] : nil
        let rehearsed = try await rehearse(best, study, evidence)
        let trail = rehearsed?.trail ?? []
        // The smallest that real processes confirm; the less was taken away, the surer they do.
        var isMinimal = false
        for place in Self.places(in: trail) where try await confirm(trail[place], study) {
            best = trail[place]
            isMinimal = rehearsed?.hasMinimalFaults == true && best.faults == trail.last?.faults
            break
        }
        let deadline = study.deadline
        var reducer = Reducer(hasTime: { [now] in now() + Self.seconds($0) <= deadline }) { [study] candidate in
            try await self.confirm(candidate, study)
        }
        best = try await reducer.reduce(best, evidence: evidence, keepingFaults: isMinimal)
        study.entry = try entry(of: study)
        study.entry.isStudied = !reducer.isOutOfTime
        guard reducer.hasMinimalFaults, study.entry.reducedRun != nil else { return }
        let faults = try best.workload(file: study.cell.workload).faults.map(\.action.word)
        study.entry.neededFaults = Set(faults).sorted()
    }

    /// Which steps of a reduction are worth a real run: the last, and some before it.
    private static func places(in trail: [Recipe]) -> [Int] {
        var places: [Int] = []
        for place in [trail.count - 1, trail.count * 3 / 4, trail.count / 2, trail.count / 4]
        where trail.indices.contains(place) && !places.contains(place) {
            places.append(place)
        }
        return places
    }

    /// What the study begins with: what a night that was killed had come to, or the first run with the faults that it carried
    /// out.
    private func beginning(of study: Study, _ first: NightIndex.RunRow) throws -> Recipe {
        if let reduced = study.entry.reducedRun,
            let text = try? String(contentsOfFile: "\(reduced).yml", encoding: .utf8)
        {
            var recipe = try Recipe(workload: text, file: "\(reduced).yml")
            recipe.keepsFloors = false
            return recipe
        }
        var recipe = try recipe(study.cell)
        let file = "\(first.path)/schedule.yml"
        guard let schedule = try? String(contentsOfFile: file, encoding: .utf8) else { return recipe }
        try recipe.replaceFaults(bySchedule: schedule, file: file)
        return recipe
    }

    private func patience(of recipe: Recipe, _ study: Study) throws -> Int {
        Int(try recipe.workload(file: study.cell.workload).convergeWithin / .milliseconds(1))
    }

    /// Whether a recipe fails in one of some tries; the smallest that did is what the study has come to.
    private func confirm(_ recipe: Recipe, _ study: Study) async throws -> Bool {
        for _ in 0..<study.tries where now() + Self.seconds(recipe) <= study.deadline {
            guard let run = try await attempt(study, recipe, .reduce) else { continue }
            var entry = try entry(of: study)
            if run.operations < min(entry.reducedOperations ?? .max, entry.operations) {
                entry.reducedRun = run.path
                entry.reducedOperations = run.operations
                try index.put(entry)
            }
            return true
        }
        return false
    }

    /// About how long a real run of a recipe takes at most: what does not converge is waited for, and then watched.
    private static func seconds(_ recipe: Recipe) -> Double {
        17 + recipe.loadSeconds + Double(recipe.patience ?? 0) / 1000
    }

    /// As the index has it.
    private func entry(of study: Study) throws -> NightIndex.SignatureRow {
        try index.signatures(of: row.id).first { $0.signature == study.entry.signature } ?? study.entry
    }

    // MARK: - In virtual time

    /// Reduces where runs cost nothing; nil where the failure does not show there.
    private func rehearse(_ recipe: Recipe, _ study: Study, _ evidence: Reducer.Evidence?) async throws -> Reducer? {
        guard let rehearsal, study.cell.store.node == nil else { return nil }
        let (file, anomaly, flaw) = (study.cell.workload, study.anomaly, study.cell.store.flaw)
        @Sendable func fails(_ recipe: Recipe, _ seed: UInt64) throws -> Bool {
            let workload = try recipe.workload(file: file)
            guard let history = rehearsal.history(of: workload, seed: seed, flaw: flaw) else { return false }
            let verdict = RunCheck.verdict(on: history, checkers: [])
            return verdict.checkers.contains { $0.result.anomalies.contains { $0.type.name == anomaly } }
        }
        // What fails with several seeds does not hang on a single coincidence, which real processes would not repeat.
        let seeds = try (0..<3).map { study.cell.seed &+ $0 }.filter { try fails(recipe, $0) }
        guard !seeds.isEmpty else { return nil }
        let deadline = now() + (study.deadline - now()) * Self.rehearsing
        var reducer = Reducer(hasTime: { [now] _ in now() < deadline }) { candidate in
            try seeds.allSatisfy { try fails(candidate, $0) }
        }
        let smallest = try await reducer.reduce(recipe, evidence: evidence)
        say(
            "virtual time  \(study.entry.signature): \(reducer.attempts) runs, \(smallest.faults.count) faults and "
                + "\(smallest.operations ?? 0) operations left")
        return reducer
    }
}
