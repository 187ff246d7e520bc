import ArgumentParser
import Checkers
import Foundation
import Gate
import History
import Report
import Workload

/// `dyno gate`.
struct GateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Judge recorded runs by a policy: pass, fail or inconclusive.",
        discussion: """
            The policy (YAML) says which workloads must have been run with how many seeds, what they must have exercised, how \
            long they may take, which anomalies somebody answers for and until when, and how old the calibration may be. Every \
            history is decided anew: what a run once said of itself does not count.

              dyno gate release.yml Histories/runs                         all runs of a folder
              dyno gate release.yml run-1 run-2 --junit gate.xml           for a CI server
              dyno gate release.yml Histories/runs --github --sarif gate.sarif

            Never passes on a missing, empty, truncated or unwitnessed history, nor on one made by another build.

            Exit status: 0 pass, 1 fail, 2 inconclusive, 254 the policy cannot be used.
            """)

    @Argument(help: "The policy file (YAML).", completion: .file(extensions: ["yml", "yaml"]))
    var policy: String

    @Argument(help: "Runs: directories of runs, folders of such directories, or histories.", completion: .directory)
    var runs: [String] = []

    @Option(help: "Write JUnit XML here.", completion: .file())
    var junit: String?

    @Option(help: "Write SARIF here.", completion: .file())
    var sarif: String?

    @Option(
        help: "Write a summary in Markdown here; \"github\" appends it to the job's own summary.", completion: .file())
    var markdown: String?

    @Option(help: "Write the decision as JSON here.", completion: .file())
    var json: String?

    @Flag(help: "Print annotations for GitHub Actions, too.")
    var github = false

    func run() throws {
        let policy = try parsedPolicy()
        let now = Int64(Date().timeIntervalSince1970)
        let submissions = RunFolder.histories(under: runs).map { submission($0, policy) }
        var circumstances = Gate.Circumstances(
            today: CivilDate(secondsSince1970: now), build: Executables.identity())
        for rule in policy.workloads {
            guard let baseline = rule.baseline?.run else { continue }
            let path = besidePolicy(baseline)
            let history = RunFolder.histories(under: [path]).first ?? .missing(path, "there is no run at \(path)")
            circumstances.baselines[baseline] = submission(history, policy)
        }
        circumstances.calibration = policy.calibration.map { calibration(at: besidePolicy($0.file)) }
        let decision = Gate.decide(policy, on: submissions, under: circumstances)
        try publish(decision)
        print(DecisionText.plain(decision))
        throw ExitCode(decision.outcome.exitStatus)
    }

    private func parsedPolicy() throws -> Policy {
        let text: String
        do { text = try String(contentsOfFile: policy, encoding: .utf8) } catch {
            throw Failure.unusable("cannot read the policy file \(policy)")
        }
        do { return try PolicyFile.parse(text: text, file: policy) } catch { throw Failure.unusable("\(error)") }
    }

    /// A path that the policy names, seen from the policy's own directory.
    private func besidePolicy(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        let directory = (policy as NSString).deletingLastPathComponent
        return directory.isEmpty ? path : "\(directory)/\(path)"
    }

    private func submission(_ entry: RunFolder.Entry, _ policy: Policy) -> Gate.Submission {
        switch entry {
        case .missing(let path, let reason): return .unusable(path: path, reason: reason)
        case .history(let path, let run):
            do {
                let history = try HistoryFile.read(path: path)
                try history.validate(file: path)
                return .run(
                    RunFacts(history, path: run, checkers: policy.everywhere.checkers + demanded(policy, history)))
            } catch {
                return .unusable(path: run, reason: "\(error)")
            }
        }
    }

    /// The checkers that the policy demands of the workload of a history.
    private func demanded(_ policy: Policy, _ history: History) -> [CheckerName] {
        let name = RunRecord(history).workload ?? history.header.name
        return policy.workloads.first { $0.workload == name }?.demands.checkers ?? []
    }

    private func calibration(at path: String) -> Calibration.Reading {
        do {
            return .read(try JSONDecoder().decode(Calibration.self, from: Data(contentsOf: URL(fileURLWithPath: path))))
        } catch let error as DecodingError {
            return .unusable("it is no calibration: \(error)")
        } catch {
            return .unusable("it cannot be read (`dyno calibrate` makes it)")
        }
    }

    private func publish(_ decision: Decision) throws {
        do {
            if let junit { try DecisionJUnit.xml(decision).write(toFile: junit, atomically: true, encoding: .utf8) }
            if let sarif {
                try DecisionJSON.sarif(decision, version: Dyno.configuration.version)
                    .write(toFile: sarif, atomically: true, encoding: .utf8)
            }
            if let json { try DecisionJSON.json(decision).write(toFile: json, atomically: true, encoding: .utf8) }
            if let markdown { try publish(DecisionText.markdown(decision), to: markdown) }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.unusable("the decision cannot be written: \(error)")
        }
        if github { print(DecisionAnnotations.text(decision), terminator: "") }
    }

    private func publish(_ text: String, to target: String) throws {
        guard target == "github" else { return try text.write(toFile: target, atomically: true, encoding: .utf8) }
        guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"],
            let file = FileHandle(forWritingAtPath: path)
        else { throw Failure.unusable("--markdown github works only in a job of GitHub Actions") }
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}

extension Outcome {
    var exitStatus: Int32 {
        switch self {
        case .pass: ExitStatus.valid
        case .fail: ExitStatus.invalid
        case .inconclusive: ExitStatus.unknown
        }
    }
}
