import ArgumentParser
import Calibration
import Dynamo
import Foundation
import History
import Synchronization
import Workload

/// `dyno calibrate`.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Plant every known flaw and demand that each is found, and that the sound store raises no alarm.",
        discussion: """
            A bench that has never been seen to go red proves nothing. Each flaw is a bug that a store of this family really \
            had, planted as one guarded line; it counts as found when the right checker names the right anomaly under the \
            workload made to expose it. Then the same workloads run without a flaw, and every anomaly there is a false alarm.

              dyno calibrate                       every flaw, in virtual time and with real processes: under an hour
              dyno calibrate --quick               a few flaws with real processes, all in virtual time: under five minutes
              dyno calibrate --mode simulated      virtual time only: a minute or two
              dyno calibrate --no-flaws --sound 200 --mode simulated
              dyno calibrate --flaw forget-hints --flaw xor-leaves
              dyno calibrate --list                what exposes each flaw

            The table is printed, and written as JSON together with the identity of this build and the time, so that a gate \
            can demand a calibration that is recent and of the same build.

            Exit status: 0 all found and no false alarm, 1 not so, 255 a run failed.
            """)

    enum Modes: String, ExpressibleByArgument, CaseIterable {
        case both, simulated, processes
    }

    @Option(help: "Where runs are made: simulated, processes, both.")
    var mode = Modes.both

    @Flag(help: "Only a few flaws with real processes.")
    var quick = false

    @Option(name: .customLong("flaw"), help: "Only this flaw; may be repeated.")
    var flaws: [String] = []

    @Flag(name: .customLong("no-flaws"), help: "Only runs of the sound store.")
    var noFlaws = false

    @Option(help: "Simulated runs of each flaw, with seeds 1, 2, …")
    var seeds = 5

    @Option(help: "Runs of a flaw with real processes until it counts as missed.")
    var attempts = 3

    @Option(help: "Simulated runs of the sound store, with fresh seeds, over the workloads in turn.")
    var sound = 50

    @Option(
        help: "Runs of the sound store with real processes; by default one of each workload, and none with --quick.")
    var soundProcesses: Int?

    @Option(help: "The first seed of the runs of the sound store, to repeat them; by default a fresh one.")
    var soundSeed: UInt64?

    @Option(help: "Runs with real processes at a time; a run keeps about half a processor busy.")
    var jobs = 3

    @Option(help: "Simulated runs have this fraction of the workload's load.")
    var thin = 2

    @Option(help: "Where the workload files are.", completion: .directory)
    var workloads = "Workloads"

    @Option(help: "Where the runs with real processes are kept.", completion: .directory)
    var runs = "Histories/runs"

    @Option(help: "The file for the report.", completion: .file(extensions: ["json"]))
    var into = "calibration.json"

    @Flag(help: "List the flaws, with what exposes each, and do nothing.")
    var list = false

    /// The flaws that `--quick` tries with real processes: of versions, handoff, anti-entropy and deletes one each.
    private static let quickFlaws: [Flaw] = [.wallClockMerge, .plainVectors, .forgetHints, .noExchange, .immediateReap]

    func validate() throws {
        for (name, value, least) in [
            ("seeds", seeds, 1), ("attempts", attempts, 1), ("thin", thin, 1), ("jobs", jobs, 1),
        ]
        where value < least {
            throw ValidationError("--\(name) must be \(least) or more, not \(value)")
        }
        guard sound >= 0, soundProcesses ?? 0 >= 0 else { throw ValidationError("a number of runs is 0 or more") }
    }

    func run() throws {
        if list { return print(CalibrationText.exposures) }
        let chosen = try flaws.isEmpty ? Flaw.allCases : flaws.compactMap { try KnownFlaw.named($0) }
        var report = CalibrationReport(build: Executables.identity(), started: Date())
        if mode != .processes {
            if !noFlaws { try simulate(chosen, &report) }
            try simulateSound(&report)
        }
        if mode != .simulated {
            let processes = ProcessTrials(workloads: workloads, runs: runs)
            if !noFlaws { try hunt(chosen, processes, &report) }
            try runSound(processes, &report)
        }
        report.finish(at: Date())
        print("\n" + CalibrationText.text(of: report))
        try (report.json + "\n").write(toFile: into, atomically: true, encoding: .utf8)
        print("written to \(into)")
        let isGreen = noFlaws ? report.sound.falseAlarms == 0 : report.isGreen
        if !isGreen { throw ExitCode(ExitStatus.invalid) }
    }

    // MARK: In virtual time

    private func simulate(_ flaws: [Flaw], _ report: inout CalibrationReport) throws {
        let clock = ContinuousClock()
        for flaw in flaws where flaw.exposure.processesOnly == nil {
            let began = clock.now
            let workload = try workload(flaw.exposure.workload).thinned(by: thin * flaw.exposure.thin)
            let finds = try Parallel.map(seeds) { place -> (seed: UInt64, find: Find?) in
                let seed = UInt64(place + 1)
                let history = try SimulatedRun.history(of: .init(workload: workload, seed: seed, flaw: flaw))
                return (seed, Trial.find(flaw.exposure, in: history))
            }
            report.add(flaw, .simulated, finds: finds)
            say(report, clock.now - began)
        }
    }

    private func simulateSound(_ report: inout CalibrationReport) throws {
        if sound == 0 { return }
        let first = soundSeed ?? UInt64.random(in: 1...1_000_000_000)
        let all = try Self.workloadNames.map { try workload($0).thinned(by: thin) }
        print("the sound store, \(sound) simulated runs with seeds from \(first)")
        let alarms = try Parallel.map(sound) { place in
            let seed = first &+ UInt64(place)
            let workload = all[place % all.count]
            let history = try SimulatedRun.history(of: .init(workload: workload, seed: seed))
            return (workload.name, seed, Trial.alarms(in: history))
        }
        for (name, seed, alarms) in alarms { report.addSound(.simulated, workload: name, seed: seed, alarms: alarms) }
    }

    /// Every workload that exposes a flaw, once, in the order of the flaws.
    private static var workloadNames: [String] {
        Flaw.allCases.map(\.exposure.workload).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func workload(_ name: String) throws -> Workload {
        try WorkloadText.read("\(workloads)/\(name).yml").workload
    }

    // MARK: With real processes

    /// What became of the attempts at one flaw.
    private struct Hunt: Sendable {
        var finds: [(seed: UInt64, find: Find?)] = []
        var time = Duration.zero
    }

    private func hunt(_ flaws: [Flaw], _ processes: ProcessTrials, _ report: inout CalibrationReport) throws {
        let sought = flaws.filter { !quick || Self.quickFlaws.contains($0) }
        for flaw in sought { report.simulatedOnly[flaw.rawValue] = flaw.exposure.simulatedOnly }
        let tried = sought.filter { $0.exposure.simulatedOnly == nil }
        let said = Mutex(report)
        let hunts = try Parallel.map(tried.count, atMost: jobs) { place in
            let hunt = try attempt(tried[place], processes)
            said.withLock {
                $0.add(tried[place], .processes, finds: hunt.finds)
                say($0, hunt.time)
            }
            return hunt
        }
        for (flaw, hunt) in zip(tried, hunts) { report.add(flaw, .processes, finds: hunt.finds) }
    }

    /// Runs with the flaw planted, until one finds it or there were enough.
    private func attempt(_ flaw: Flaw, _ processes: ProcessTrials) throws -> Hunt {
        let clock = ContinuousClock()
        let began = clock.now
        var hunt = Hunt()
        while hunt.finds.last?.find == nil, hunt.finds.count < attempts {
            let seed = UInt64(hunt.finds.count + 1)
            let history = try processes.history(flaw.exposure.workload, seed: seed, flaw: flaw)
            hunt.finds.append((seed, Trial.find(flaw.exposure, in: history)))
        }
        hunt.time = clock.now - began
        return hunt
    }

    private func runSound(_ processes: ProcessTrials, _ report: inout CalibrationReport) throws {
        let names = Self.workloadNames
        let count = soundProcesses ?? (quick ? 0 : names.count)
        if count == 0 { return }
        let first = soundSeed ?? UInt64.random(in: 1...1_000_000_000)
        print("the sound store, \(count) runs with real processes with seeds from \(first)")
        let done = Mutex(0)
        let alarms = try Parallel.map(count, atMost: jobs) { place in
            let (seed, name) = (first &+ UInt64(place), names[place % names.count])
            let history = try processes.history(name, seed: seed, flaw: Flaw?.none)
            let alarms = Trial.alarms(in: history)
            // A run that raised none is of no further use, and two hundred are many.
            if alarms.isEmpty { processes.remove(name, seed: seed, flaw: Flaw?.none) }
            done.withLock { done in
                done += 1
                print("\(alarms.isEmpty ? "quiet " : "ALARM ")  \(name), seed \(seed) (\(done) of \(count))")
                fflush(nil)
            }
            return alarms
        }
        for (place, alarms) in alarms.enumerated() {
            report.addSound(
                .processes, workload: names[place % names.count], seed: first &+ UInt64(place), alarms: alarms)
        }
    }

    private func say(_ report: CalibrationReport, _ time: Duration) {
        guard let row = report.flaws.last else { return }
        let word = row.found ? "found " : "MISSED"
        let seconds = (time / .milliseconds(100)).rounded() / 10
        print(
            "\(word)  \(row.flaw), \(row.mode.rawValue), \(row.foundSeeds) of \(row.seeds) seeds, "
                + "\(row.checker): \(row.anomaly) (\(seconds) s)")
        fflush(nil)
    }
}
