import ArgumentParser
import Checkers
import Controller
import Dynamo
import Foundation
import History
import Report
import Workload

/// `dyno run`.
struct RunCommand: SandboxedCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Boot a store, put load on it, break it, heal it, and decide.",
        discussion: """
            Everything happens in fresh user, network, mount and pid namespaces: no root is needed where the kernel allows \
            that, and nothing is left behind, whatever ends the run.

              dyno run Workloads/everything.yml
              dyno run Workloads/handoff.yml --seed 42
              dyno run Workloads/siblings.yml --fail-fast            stop at the first violation that is certain
              dyno run Workloads/handoff.yml --flaw forget-hints     plant a known fault and see it found
              dyno run Workloads/handoff.yml --schedule faults.yml   these faults instead of the workload's

            A schedule says what is done to which node and when: each run leaves one of what it did (schedule.yml), \
            dyno show --schedule writes one from any history, and lines may be left out or changed by hand.

            A run leaves its history, its verdict and the nodes' logs in Histories/runs/<time>-<workload>-<seed>/. Ctrl-C ends \
            the load early and still heals and checks; a second Ctrl-C ends everything at once.

            Exit status: 0 valid, 1 invalid, 2 unknown, 254 unusable arguments, 255 the bench itself failed.
            """)

    @Argument(help: "The workload file (YAML); see Workloads/.", completion: .file(extensions: ["yml", "yaml"]))
    var workload: String

    @Option(help: "Replaces the workload's seed.")
    var seed: UInt64?

    @Option(
        help: "A schedule (YAML or JSON) whose faults stand in place of the workload's.",
        completion: .file(extensions: ["yml", "yaml", "json"]))
    var schedule: String?

    @Option(
        help:
            "Keeps the nodes apart by namespaces, or by a relay (no privilege, fewer faults); auto: what the kernel gives."
    )
    var network: Workload.Network?

    @Option(help: "A known fault to plant in every node, by name (dynamo-node --help lists them).")
    var flaw: String?

    @Option(help: "Where runs are kept.", completion: .directory)
    var runs = "Histories/runs"

    @Option(help: "The directory of this run, instead of one named by time, workload and seed.", completion: .directory)
    var into: String?

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    @Flag(help: "Keep what the nodes stored.")
    var keepData = false

    @Flag(help: "End the load as soon as a violation is certain; the run then heals, checks and reports as ever.")
    var failFast = false

    /// Whoever makes the run holds the other end of its standard input: when that is gone, so is the run.
    @Flag(help: ArgumentHelp("End at once, as by kill -9, when standard input ends.", visibility: .hidden))
    var endWithInput = false

    @Flag(help: "Print nothing but the result.")
    var quiet = false

    @Option(help: "How the result is printed: text, or the verdict as JSON.")
    var format = CheckCommand.Format.text

    var staysRoot: Bool {
        get throws { try parsedWorkload().value.actions.contains(where: \.needsRoot) }
    }

    var isolation: Isolation {
        get throws {
            switch try parsedWorkload().value.network {
            case .auto: .welcome
            case .namespaces: .needed
            case .relay: .unwanted
            }
        }
    }

    func objectionToRelay() throws -> String? {
        try parsedWorkload().value.objectionToRelay.map { "\(workload): \($0)" }
    }

    func checkBeforeSandbox() throws {
        if let action = try parsedWorkload().value.actions.first(where: \.needsRoot), getuid() != 0 {
            throw Failure.unusable(
                "\(workload): the fault \(action.word) cannot be had by an ordinary user: loop devices and control groups belong "
                    + "to root; run it as root, or leave the fault out")
        }
        _ = try nodeExecutable()
        if let flaw, Flaw(rawValue: flaw) == nil {
            let known = Flaw.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.unusable("no known flaw is called \"\(flaw)\"; there are \(known)")
        }
        for tool in try isolation == .unwanted ? ["setpriv"] : ["ip", "nft"]
        where !Self.toolDirectories.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }) {
            throw Failure.unusable("the program \"\(tool)\" is missing; `make setup` installs it")
        }
    }

    private static let toolDirectories = [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
    ]

    private func parsedWorkload() throws -> (value: Workload, text: String) {
        let text: String
        do { text = try String(contentsOfFile: workload, encoding: .utf8) } catch {
            throw Failure.unusable("cannot read the workload file \(workload)")
        }
        do {
            var value = try WorkloadFile.parse(text: text, file: workload)
            value.network = network ?? value.network
            if let schedule {
                let faults = try ScheduleFile.parse(
                    text: try scheduleText(schedule), file: schedule, store: value.store)
                (value.faults, value.random) = (faults.faults, nil)
                value.seed = faults.seed ?? value.seed
            }
            return (value, text)
        } catch let error as WorkloadError {
            throw Failure.unusable("\(error)")
        }
    }

    private func scheduleText(_ path: String) throws -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw Failure.unusable("cannot read the schedule \(path)")
        }
    }

    private func nodeExecutable() throws -> String {
        let path = node ?? Executables.beside("dynamo-node")
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure.unusable("no dynamo-node at \(path); `make build` makes it, or name one with --node")
        }
        return path
    }

    func runInside() async throws {
        if endWithInput { Lifeline.watchStandardInput() }
        let (workload, text) = try parsedWorkload()
        let seed = seed ?? workload.seed
        let directory =
            try into.map { try RunDirectory(exactly: $0) }
            ?? RunDirectory(root: runs, workload: workload.name, seed: seed)
        let progress = RunProgress(quiet: quiet)
        progress.say(
            "\(workload.name), seed \(seed), in \(Sandbox.inside?.rawValue ?? "no namespaces, connections relayed"): \(directory.path)"
        )
        let interruption = Interruption()
        let live = LiveCheck(path: directory.history)
        progress.watchAnomalies { live.count }
        if !quiet { live.start() }
        let signals = Interrupts(progress: progress, interruption: interruption)
        let settings = Run.Settings(
            workload: workload, workloadText: text, seed: seed, nodeExecutable: try nodeExecutable(),
            faultLibrary: Executables.beside("libdyno-faults.so"), flaw: flaw, keepsData: keepData,
            schedule: schedule, build: Executables.identity(node: try nodeExecutable()))
        do {
            var watch: (@Sendable (History) -> Void)?
            if failFast {
                let checks = FailFast(progress: progress, interruption: interruption)
                watch = { checks.take($0) }
            }
            try await Run(
                settings: settings, directory: directory, progress: progress, interruption: interruption,
                watch: watch
            ).carryOut()
        } catch {
            throw Failure.broken("\(error)\nwhat was recorded and logged is in \(directory.path)")
        }
        live.stop()
        signals.end()
        try conclude(directory, seed: seed)
    }

    /// Decides on the file that was written, as `dyno check` would, and says so.
    private func conclude(_ directory: RunDirectory, seed: UInt64) throws {
        let history = try HistoryFile.read(path: directory.history)
        try history.validate(file: directory.history)
        let verdict = RunCheck.verdict(on: history, checkers: [])
        // What was done, in a form that does it again.
        let carriedOut = try? ScheduleText.text(of: history)
        try carriedOut?.write(toFile: directory.schedule, atomically: true, encoding: .utf8)
        var again = "dyno run \(workload) --seed \(seed)"
        if let schedule { again += " --schedule \(schedule)" }
        if let flaw { again += " --flaw \(flaw)" }
        let summary = """
            \(ExerciseText.text(of: history))
            verdict
            \(VerdictText.text(of: verdict))
            history  \(directory.history) (\(verdict.events) events)
            report   \(directory.report)
            again    \(again)
            """
        try (summary + "\n").write(toFile: directory.summary, atomically: true, encoding: .utf8)
        try (verdict.json + "\n").write(toFile: directory.verdict, atomically: true, encoding: .utf8)
        // The run is what counts: where the page cannot be written, the verdict stands all the same.
        do {
            let html = ReportWriting.html(history, verdict, path: directory.history)
            try ReportWriting.write(html, to: directory.report)
        } catch {
            FileHandle.standardError.write(Data("no report: \((error as? Failure)?.message ?? "\(error)")\n".utf8))
        }
        print(format == .json ? verdict.json : summary)
        throw ExitCode(verdict.validity.exitStatus)
    }
}

extension Workload.Network: ExpressibleByArgument {}

/// Programs that are built together with this one.
enum Executables {
    /// Names this program together with the nodes and the fault library that it uses.
    static func identity(node: String = beside("dynamo-node")) -> String {
        BuildIdentity.of([beside("dyno"), node, beside("libdyno-faults.so")])
    }

    /// Where the program or library of that name is: beside this program, as it is built, or under `lib/dyno` of the place
    /// that it is installed in; beside this program when it is nowhere.
    static func beside(_ name: String) -> String {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let folder = URL(fileURLWithPath: own).deletingLastPathComponent()
        let places = [folder, folder.deletingLastPathComponent().appendingPathComponent("lib/dyno")]
            .map { $0.appendingPathComponent(name).path }
        return places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0]
    }
}
