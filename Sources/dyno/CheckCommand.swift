import ArgumentParser
import Checkers
import Foundation
import History
import Importers
import Report
import Workload

/// `dyno check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Decide on a recorded history.",
        discussion: """
            Reads .dyno, .jsonl and .jsonl.gz, from a file, a pipe or standard input (-), and the histories of other tools: Jepsen's, Knossos's and Maelstrom's \
            history.edn, Jepsen's and elle-cli's JSON, the logs that Porcupine carries. Without --checker the checkers are \
            those that the history itself names (a run writes down what its workload asks for), else siblings, causality, \
            durability and convergence.

              dyno check history.dyno
              dyno check history.jsonl --checker siblings --checker session --format json
              dyno check history.edn --checker linearizable --model cas-register --timeout 30s
              dyno check Histories/runs/latest/history.dyno --follow
              dyno check archive.dyno --memory 1GB --threads 4      the verdict does not depend on either

            Exit status: 0 valid, 1 invalid, 2 unknown, 254 the history cannot be used.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Argument(help: "The history to decide on.", completion: .file())
    var file: String

    @Option(name: .customLong("checker"), help: "A checker to run; may be repeated.")
    var checkers: [CheckerName] = []

    @Option(help: "How the verdict is printed.")
    var format = Format.text

    @Option(help: "How many anomalies of each checker are listed; all are counted.")
    var maxAnomalies = 1000

    @Flag(
        help: """
            Watch a .dyno that is still being written: tell of violations as they become certain, and give the verdict \
            when its writer has closed it or is gone.
            """)
    var follow = false

    @OptionGroup var resources: ResourceOptions

    @OptionGroup(title: "Options of single checkers")
    var field: FieldOptions

    func validate() throws {
        guard maxAnomalies >= 0 else { throw ValidationError("--max-anomalies must be 0 or more, not \(maxAnomalies)") }
    }

    func run() throws {
        let verdict: Verdict
        do {
            if follow { try Follow(path: file, quiet: format == .json).watch() }
            verdict = try decide()
        } catch {
            throw Failure.unusable("\(error)")
        }
        switch format {
        case .json: print(verdict.json)
        case .text: print(VerdictText.text(of: verdict))
        }
        throw ExitCode(verdict.validity.exitStatus)
    }
}

extension CheckCommand {
    /// A history of another tool is read whole; of our own forms only what the checkers need at a time.
    private func decide() throws -> Verdict {
        let options = field.checkOptions(memory: resources.memory)
        guard HistorySource.isForeign(path: file) else {
            return try RunCheck.verdict(
                file: file, checkers: checkers, maxAnomalies: maxAnomalies, resources: resources.value,
                options: options)
        }
        let history = try HistorySource.read(path: file)
        try history.validate(file: file)
        return RunCheck.verdict(on: history, checkers: checkers, maxAnomalies: maxAnomalies, options: options)
    }
}

extension CheckerName: ExpressibleByArgument {}

extension Validity {
    /// The exit status that stands for the verdict (SEMANTICS section 4).
    var exitStatus: Int32 {
        switch self {
        case .valid: ExitStatus.valid
        case .invalid: ExitStatus.invalid
        case .unknown: ExitStatus.unknown
        }
    }
}
