import ArgumentParser
import Calibration
import Dynamo
import Foundation
import Gate
import History
import Nightly
import Report
import Workload

/// `dyno nightly` and what goes with it.
struct NightlyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightly",
        abstract: "Run a matrix of workloads and store configurations for hours, and make what fails small.",
        subcommands: [NightCommand.self, TrendsCommand.self], defaultSubcommand: NightCommand.self)
}

/// `dyno nightly PLAN`.
struct NightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carry out a plan within a budget of time.",
        discussion: """
            The canary first: a planted flaw that must be found, or the night proves nothing. Then every workload with every \
            store configuration, with fresh seeds, round after round. Failures are folded by signature (the anomaly, the \
            workload, the faults that it needs); the first run of each is made again, to see how often it fails, and then \
            smaller: fewer and shorter faults, fewer operations, clients and keys, in virtual time first. A night that was killed goes on where it was when it is called again.

              dyno nightly nightly.yml --budget 6h
              dyno nightly trends                        one line a night

            The nights lie in Histories/nights, with an index of all runs in index.sqlite.

            Exit status: 0 all green, 1 a failure, 2 inconclusive, 254 unusable arguments, 255 the night could not go on.
            """)

    @Argument(help: "The plan (YAML).", completion: .file(extensions: ["yml", "yaml"]))
    var plan: String

    @Option(help: "How long it may take: 20m, 6h.")
    var budget = "6h"

    @Option(help: "Where nights and their index are kept.", completion: .directory)
    var nights = "Histories/nights"

    @Option(help: "Runs side by side; by default one for each two cores.")
    var jobs: Int?

    @Option(help: "What the seeds of the runs are drawn from; by default the time.")
    var seed: UInt64?

    @Flag(help: "Begin a new night although one was not finished.")
    var fresh = false

    @Option(help: "Write JUnit XML here as well as beside the night's runs.", completion: .file())
    var junit: String?

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs must be 1 or more, not \(jobs)") }
        guard let length = DurationText.parse(budget[...]), length > .zero else {
            throw ValidationError("--budget must be a duration such as 20m or 6h, not \"\(budget)\"")
        }
    }

    func run() async throws {
        let plan = try parsedPlan()
        let index: NightIndex
        let row: NightIndex.NightRow
        do {
            try FileManager.default.createDirectory(atPath: nights, withIntermediateDirectories: true)
            index = try NightIndex(path: "\(nights)/index.sqlite")
            row = try night(plan, index)
        } catch { throw Failure.unusable("the nights in \(nights) cannot be used: \(error)") }
        let base = (self.plan as NSString).deletingLastPathComponent
        let night = Night(
            plan: plan, base: base.isEmpty ? "." : base, row: row, index: index, maker: DynoRunMaker(),
            rehearsal: SimulatedRehearsal(), now: { Date().timeIntervalSince1970 }, say: Self.say)
        do {
            try await night.carryOut(jobs: jobs ?? max(1, ProcessInfo.processInfo.activeProcessorCount / 2))
        } catch let error as WorkloadError {
            throw Failure.unusable("\(error)")
        } catch {
            throw Failure.broken("the night stopped: \(error); `dyno nightly \(self.plan)` goes on with it")
        }
        try conclude(row, index)
    }

    /// At once, also into a file: whoever looks in on a night wants to know where it is.
    private static func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    private func parsedPlan() throws -> NightPlan {
        let text: String
        do { text = try String(contentsOfFile: plan, encoding: .utf8) } catch {
            throw Failure.unusable("cannot read the plan \(plan)")
        }
        do { return try PlanFile.parse(text: text, file: plan) } catch { throw Failure.unusable("\(error)") }
    }

    /// The night to go on with, or a new one.
    private func night(_ plan: NightPlan, _ index: NightIndex) throws -> NightIndex.NightRow {
        let build = Executables.identity()
        if !fresh, let open = try index.unfinishedNight(of: plan.name) {
            if open.build == build {
                Self.say("goes on with the night in \(open.directory), which was not finished")
                return open
            }
            Self.say("the night in \(open.directory) was not finished, and made by another build: a new one begins")
        }
        let now = Int64(Date().timeIntervalSince1970)
        let directory = "\(nights)/\(plan.name)-\(now)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let length = DurationText.parse(budget[...]) ?? .zero
        return try index.begin(
            plan: plan.name, seed: seed ?? UInt64(now), started: now, budget: length.components.seconds, build: build,
            directory: directory)
    }

    private func conclude(_ row: NightIndex.NightRow, _ index: NightIndex) throws {
        let summary = try NightSummary(row, index)
        let decision = summary.decision
        let xml = DecisionJUnit.xml(decision)
        do {
            try xml.write(toFile: "\(row.directory)/junit.xml", atomically: true, encoding: .utf8)
            if let junit { try xml.write(toFile: junit, atomically: true, encoding: .utf8) }
            try DecisionText.markdown(decision)
                .write(toFile: "\(row.directory)/summary.md", atomically: true, encoding: .utf8)
            try DecisionJSON.json(decision)
                .write(toFile: "\(row.directory)/night.json", atomically: true, encoding: .utf8)
            let runs = RunIndex.entries(of: row.directory) { SiteRoute.component($0) + "/report.html" }
            try RunIndex.html(runs, folder: row.directory)
                .write(toFile: "\(row.directory)/index.html", atomically: true, encoding: .utf8)
        } catch { throw Failure.unusable("the night's summary cannot be written: \(error)") }
        print(DecisionText.plain(decision))
        throw ExitCode(decision.outcome.exitStatus)
    }
}

/// `dyno nightly trends`.
struct TrendsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trends", abstract: "One line a night: runs, failures, signatures, convergence.")

    @Option(help: "Where nights and their index are kept.", completion: .directory)
    var nights = "Histories/nights"

    func run() throws {
        let path = "\(nights)/index.sqlite"
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure.unusable("there is no index of nights at \(path); `dyno nightly PLAN` makes it")
        }
        let index = try NightIndex(path: path)
        for night in try index.nights() { print(try NightSummary(night, index).trend) }
    }
}

/// Makes runs as a person would: `dyno run`, in a process that ends when this one does.
struct DynoRunMaker: RunMaker {
    func make(_ order: RunOrder) async throws -> Int32 {
        var arguments = [
            "run", order.workload, "--seed", String(order.seed), "--into", order.directory, "--quiet",
            "--end-with-input",
        ]
        if let node = order.node { arguments += ["--node", node] }
        if let flaw = order.flaw { arguments += ["--flaw", flaw] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Executables.beside("dyno"))
        process.arguments = arguments
        // The kernel closes it when this process ends, however that comes about, and the run ends with it.
        let lifeline = Pipe()
        process.standardInput = lifeline
        process.standardOutput = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { ended in
                try? lifeline.fileHandleForWriting.close()
                let wasKilled = ended.terminationReason == .uncaughtSignal
                continuation.resume(returning: wasKilled ? 128 + ended.terminationStatus : ended.terminationStatus)
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}

/// Plays a night's runs in virtual time.
struct SimulatedRehearsal: Rehearsal {
    func history(of workload: Workload, seed: UInt64, flaw: String?) -> History? {
        let known = flaw.flatMap(Flaw.init(rawValue:))
        guard flaw == nil || known != nil else { return nil }
        let settings = SimulatedRun.Settings(workload: workload, seed: seed, flaw: known)
        return try? SimulatedRun.history(of: settings)
    }
}
