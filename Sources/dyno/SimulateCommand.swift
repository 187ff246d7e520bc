import ArgumentParser
import Calibration
import Checkers
import Dynamo
import Foundation
import History
import Report
import Workload

/// `dyno simulate`.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play a workload in virtual time, and decide.",
        discussion: """
            The same core, generator, faults and checkers as in a real run, on a simulated network and simulated disks: no \
            processes, no waiting, and the same seed gives the same history, to the byte.

              dyno simulate Workloads/handoff.yml --seed 42
              dyno simulate Workloads/handoff.yml --seeds 100 --thin 4      a hundred runs with a quarter of the load each
              dyno simulate Workloads/handoff.yml --flaw forget-hints       plant a known fault and see it found

            What only real processes, networks and disks can do wrong, this cannot show.

            Exit status: 0 valid, 1 invalid, 2 unknown, 254 unusable arguments; of several runs the worst.
            """)

    @Argument(help: "The workload file (YAML); see Workloads/.", completion: .file(extensions: ["yml", "yaml"]))
    var workload: String

    @Option(help: "Replaces the workload's seed.")
    var seed: UInt64?

    @Option(help: "So many runs, with seeds that count up from the first.")
    var seeds = 1

    @Option(help: "A known fault to plant in every node, by name (dynamo-node --help lists them).")
    var flaw: String?

    @Option(help: "Divide the load by this: operations, their rate, and keys.")
    var thin = 1

    @Option(
        help: "Write the history to this file (.dyno or .jsonl); of several runs, that of the first that is not valid.")
    var into: String?

    @Option(help: "How the result is printed: text, or the verdict as JSON.")
    var format = CheckCommand.Format.text

    func validate() throws {
        guard seeds >= 1 else { throw ValidationError("--seeds must be 1 or more, not \(seeds)") }
        guard thin >= 1 else { throw ValidationError("--thin must be 1 or more, not \(thin)") }
    }

    private struct Outcome: Sendable {
        var seed: UInt64
        var history: History
        var verdict: Verdict
    }

    func run() throws {
        let workload = try WorkloadText.read(workload).workload.thinned(by: thin)
        let flaw = try KnownFlaw.named(flaw)
        let first = seed ?? workload.seed
        var worst = Validity.valid
        var kept: History?
        // As many at a time as there are cores, so that few histories are held at once.
        let step = max(1, ProcessInfo.processInfo.activeProcessorCount)
        for start in stride(from: 0, to: seeds, by: step) {
            let outcomes = try Parallel.map(min(step, seeds - start)) { place in
                let seed = first &+ UInt64(start + place)
                let history = try SimulatedRun.history(of: .init(workload: workload, seed: seed, flaw: flaw))
                try history.validate(file: "the simulated history of seed \(seed)")
                return Outcome(seed: seed, history: history, verdict: RunCheck.verdict(on: history, checkers: []))
            }
            for outcome in outcomes {
                if kept == nil || outcome.verdict.validity != .valid && worst == .valid { kept = outcome.history }
                worst = worst.worse(outcome.verdict.validity)
                show(outcome)
            }
        }
        if let into, let kept { try HistoryFile.write(kept, to: into) }
        throw ExitCode(worst.exitStatus)
    }

    private func show(_ outcome: Outcome) {
        switch format {
        case .json: print(outcome.verdict.json)
        case .text where seeds == 1:
            print(ExerciseText.text(of: outcome.history))
            print("verdict\n\(VerdictText.text(of: outcome.verdict))")
        case .text:
            let alarms = outcome.verdict.checkers.compactMap { name, result -> String? in
                guard let first = result.anomalies.first else { return nil }
                return "\(name.rawValue) \(first.type.name) (\(result.anomalyCount))"
            }
            let word = "\(outcome.verdict.validity)"
            let reasons = outcome.verdict.checkers.compactMap { $0.result.reason }
            let exercise = outcome.verdict.exercise?.reason.map { [$0] } ?? []
            print("seed \(outcome.seed)  \(word)  \((alarms + reasons + exercise).joined(separator: "; "))")
        }
    }
}

/// Workload files as commands read them.
enum WorkloadText {
    static func read(_ path: String) throws -> (workload: Workload, text: String) {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw Failure.unusable("cannot read the workload file \(path)")
        }
        do { return (try WorkloadFile.parse(text: text, file: path), text) } catch {
            throw Failure.unusable("\(error)")
        }
    }
}

/// Flaws as commands name them.
enum KnownFlaw {
    static func named(_ name: String?) throws -> Flaw? {
        guard let name else { return nil }
        guard let flaw = Flaw(rawValue: name) else {
            let known = Flaw.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.unusable("no known flaw is called \"\(name)\"; there are \(known)")
        }
        return flaw
    }
}
