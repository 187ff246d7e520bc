import ArgumentParser
import Checkers
import Foundation
import History
import Report

/// `dyno canary`.
struct CanaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Plant known faults in the nodes and demand that the checkers find them.",
        discussion: """
            A bench that has never been seen to go red proves nothing. Each canary is a run with one fault planted, under the \
            workload made to expose it, or of a workload whose store is known to lose writes; it counts as found when the \
            right checker reports the right anomaly.

            Exit status: 0 all found, 1 one was missed, 255 a run failed.
            """)

    /// A planted fault, what exposes it, and what must be found.
    private struct Canary {
        /// Nil: the workload's own configuration is at fault.
        let flaw: String?
        let workload: String
        let checker: CheckerName
        /// Any of these proves it.
        let anomalies: Set<String>

        var name: String { flaw ?? workload }
    }

    private static let canaries = [
        Canary(
            flaw: "forget-hints", workload: "handoff", checker: .durability,
            anomalies: ["missed-handoff"]),
        Canary(flaw: "wall-clock-merge", workload: "siblings", checker: .siblings, anomalies: ["lost-write"]),
        Canary(
            flaw: "no-exchange", workload: "anti-entropy", checker: .durability,
            anomalies: ["missed-handoff"]),
        Canary(
            flaw: nil, workload: "classic-vector-clocks", checker: .causality, anomalies: ["false-dominance"]),
        Canary(flaw: nil, workload: "clock-truncation", checker: .siblings, anomalies: ["stale-sibling"]),
        Canary(flaw: "ack-early", workload: "siblings", checker: .durability, anomalies: ["ack-below-w"]),
    ]

    @Option(help: "Where the workload files are.", completion: .directory)
    var workloads = "Workloads"

    @Option(help: "Where the runs are kept.", completion: .directory)
    var runs = "Histories/runs"

    @Option(name: .customLong("flaw"), help: "Only this canary; may be repeated.")
    var flaws: [String] = []

    func validate() throws {
        let known = Self.canaries.map(\.name)
        for flaw in flaws where !known.contains(flaw) {
            throw ValidationError("no canary for \"\(flaw)\"; there are \(known.joined(separator: ", "))")
        }
    }

    func run() throws {
        let chosen = Self.canaries.filter { flaws.isEmpty || flaws.contains($0.name) }
        var missed = 0
        for canary in chosen where try !hunt(canary) { missed += 1 }
        print("\(chosen.count - missed) of \(chosen.count) canaries found")
        if missed > 0 { throw ExitCode(ExitStatus.invalid) }
    }

    /// Runs one canary; whether the right checker found it.
    private func hunt(_ canary: Canary) throws -> Bool {
        let stamp = Int(Date().timeIntervalSince1970)
        let directory = "\(runs)/canary-\(stamp)-\(canary.name)"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Executables.beside("dyno"))
        process.arguments =
            ["run", "\(workloads)/\(canary.workload).yml", "--into", directory, "--quiet"]
            + (canary.flaw.map { ["--flaw", $0] } ?? [])
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard [ExitStatus.valid, ExitStatus.invalid, ExitStatus.unknown].contains(process.terminationStatus) else {
            throw Failure.broken(
                "the run with \(canary.name) failed (exit status \(process.terminationStatus)): \(directory)")
        }
        let history = try HistoryFile.read(path: "\(directory)/history.dyno")
        try history.validate(file: "\(directory)/history.dyno")
        let verdict = RunCheck.verdict(on: history, checkers: [])
        let found = verdict[canary.checker]?.anomalies.first { canary.anomalies.contains($0.type.name) }
        print(
            "\(found == nil ? "MISSED" : "found ")  \(canary.name) under \(canary.workload), by \(canary.checker.rawValue)"
        )
        if let found {
            print("        \(found.type.name): \(found.message)")
        } else {
            print(VerdictText.text(of: verdict))
        }
        print("        \(directory)")
        return found != nil
    }
}
