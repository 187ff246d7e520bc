import Foundation
import Synchronization

/// What became of one mutant.
struct MutantResult {
    var mutant: Mutant
    /// The stage and the test that killed it; nil: it survived.
    var killer: (stage: Trial.Stage, test: String)?

    /// Whether that is what the list says: killed, or a known equivalent that survived.
    var isExpected: Bool { (killer == nil) == (mutant.equivalent != nil) }

    var text: String {
        let number = String(repeating: " ", count: max(0, 4 - "\(mutant.number)".count)) + "\(mutant.number)"
        let fate: String
        if let killer {
            fate = "killed by \(killer.test)" + (mutant.equivalent == nil ? "" : ", though listed as equivalent")
        } else {
            fate = mutant.equivalent == nil ? "SURVIVED" : "survived, a known equivalent"
        }
        return "\(number)  \(mutant.file): \(mutant.meaning): \(fate)"
    }
}

/// The trials of all mutants, several at a time.
struct Campaign {
    let tests: URL
    let jobs: Int

    private struct Progress {
        var next = 0
        var results: [MutantResult] = []
        var failure: (any Error)?
    }

    /// Tries every mutant, and gives the results in the order of the list.
    func run(_ mutants: [Mutant]) throws -> [MutantResult] {
        let trial = Trial(tests: tests)
        let limits = try Self.limits(trial)
        let progress = Mutex(Progress())
        DispatchQueue.concurrentPerform(iterations: min(jobs, mutants.count)) { _ in
            while let mutant = progress.withLock({ Self.take(mutants, &$0) }) {
                let result = Result { try Self.judge(mutant, trial, limits) }
                progress.withLock {
                    switch result {
                    case .success(let result):
                        $0.results.append(result)
                        print(result.text)
                        fflush(nil)
                    case .failure(let error): $0.failure = error
                    }
                }
            }
        }
        return try progress.withLock {
            if let failure = $0.failure { throw failure }
            return $0.results.sorted { $0.mutant.number < $1.mutant.number }
        }
    }

    private static func take(_ mutants: [Mutant], _ progress: inout Progress) -> Mutant? {
        guard progress.failure == nil, progress.next < mutants.count else { return nil }
        progress.next += 1
        return mutants[progress.next - 1]
    }

    /// Runs all tests without any mutant, which must pass; gives the processor seconds that a mutant may take for each stage.
    private static func limits(_ trial: Trial) throws -> [Trial.Stage: Int] {
        var limits: [Trial.Stage: Int] = [:]
        for stage in Trial.Stage.allCases {
            let before = ProcessorTime.ofChildren
            let outcome = try trial.run(stage, as: 0)
            guard outcome == .passed else {
                throw MutationFailure("the tests do not pass without a mutant (\(stage.rawValue)): \(outcome)")
            }
            limits[stage] = 20 + 5 * Int(ProcessorTime.ofChildren - before)
        }
        return limits
    }

    private static func judge(
        _ mutant: Mutant, _ trial: Trial, _ limits: [Trial.Stage: Int]
    ) throws -> MutantResult {
        for stage in Trial.Stage.allCases {
            switch try trial.run(stage, as: mutant.number, limit: limits[stage]) {
            case .passed: continue
            case .failed(let test): return MutantResult(mutant: mutant, killer: (stage, test))
            case .ended(let how): return MutantResult(mutant: mutant, killer: (stage, "\(stage.rawValue): \(how)"))
            }
        }
        return MutantResult(mutant: mutant)
    }
}
