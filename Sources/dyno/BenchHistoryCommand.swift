import ArgumentParser
import Checkers
import Controller
import Foundation
import History
import Stress

/// `dyno bench history`, and plain `dyno bench`.
struct BenchHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Measure the history format, the checkers and the recorder on this machine.",
        discussion: """
            Medians over --rounds rounds on synthetic histories, in events a second of processor time where one core is named, of \
            elapsed time else. Histories are generated to the directory for temporary files, checks from there run in \
            processes of their own, whose memory is measured at its peak.

              dyno bench history
              dyno bench history --huge 0 --rounds 3     without the hundred million events
            """)

    @Option(help: "Events of the history that is written, read and checked on one core.")
    var events = 10_000_000

    @Option(help: "Events of the history that is checked on all cores; 0: none.")
    var huge = 100_000_000

    @Option(help: "Rounds of each measurement.")
    var rounds = 5

    func validate() throws {
        guard (100_000...1_000_000_000).contains(events), (1...100).contains(rounds), (0...1_000_000_000).contains(huge)
        else {
            throw ValidationError("--events must be 100000 to 1000000000, --huge at most that, and --rounds 1 to 100")
        }
    }

    func run() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-bench-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bench = HistoryBench(directory: directory, rounds: rounds)
        print("machine: \(Machine(directory: directory).text)")
        do {
            try bench.measureFormat(events)
            try bench.measureRecorder()
            let base = try bench.measureCheck(events / 10, threads: 1)
            try bench.measureCheck(events, threads: 1, since: base)
            if huge > 0 {
                let cores = ProcessInfo.processInfo.activeProcessorCount
                try bench.measureCheck(huge, threads: 1, since: base, rounds: 1)
                try bench.measureCheck(huge, threads: cores)
            }
        } catch {
            throw Failure.broken("\(error)")
        }
    }
}

/// The measurements, each a line on standard output.
struct HistoryBench {
    let directory: String
    let rounds: Int

    private func path(_ events: Int) -> String { "\(directory)/h\(events).dyno" }

    /// Generates a history unless it is there.
    private func history(_ events: Int) throws -> String {
        let path = path(events)
        if !FileManager.default.fileExists(atPath: path) {
            _ = try GenerateCommand.write(events, max(1, events / 1000), 50, 1, to: path)
        }
        return path
    }

    func measureFormat(_ events: Int) throws {
        // What is written is held in memory, and so is not longer than it must be.
        let small = min(events, 1_000_000)
        let history = try HistoryFile.read(path: self.history(small))
        line("write", small, try median { try HistoryFile.write(history, to: "\(directory)/w.dyno") })
        line("read into memory", small, try median { _ = try HistoryFile.read(path: self.path(small)) })
        let path = try self.history(events)
        line(
            "read and decode, block by block", events,
            try median { try HistoryFile.forEachBlock(path: path) { (_, _) throws(HistoryError) in true } })
        try measureFloor(path, events)
        let gzipped = "\(directory)/w.jsonl.gz"
        try HistoryFile.write(history, to: gzipped)
        try NativeCompaction.compact(path: "\(directory)/w.dyno")
        let sizes = try [self.path(small), "\(directory)/w.dyno", gzipped].map { Double(try size($0)) / Double(small) }
        print(
            String(
                format: "size: .dyno %.2f bytes an event, compacted %.2f; .jsonl.gz %.2f", sizes[0], sizes[1], sizes[2])
        )
        for name in ["w.dyno", "w.jsonl.gz"] { try? FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
    }

    /// What reading cannot do without: to inflate the blocks, and to copy them once.
    private func measureFloor(_ path: String, _ events: Int) throws {
        var bytes = 0
        line(
            "  of that: read and inflate alone", events,
            try median { bytes = try HistoryFile.inflateBlocks(path: path) })
        let source = [UInt8](repeating: 1, count: 1 << 26)
        var copy = [UInt8](repeating: 0, count: 1 << 26)
        let perByte =
            median {
                source.withUnsafeBytes { from in copy.withUnsafeMutableBytes { $0.copyMemory(from: from) } }
            } / Double(source.count)
        line("  of that: copying as many bytes", events, perByte * Double(bytes))
    }

    /// What recording costs whoever brings the events, which are those of a synthetic run.
    func measureRecorder() throws {
        let drafts = SyntheticHistory.drafts(events: 200_000, keys: 300, clients: 16, seed: 1)
        var times: [Double] = []
        for _ in 0..<rounds {
            let recorder = try Recorder(path: "\(directory)/r.dyno", header: Header())
            let began = ProcessorTime.ofThread
            for draft in drafts { recorder.record(draft) }
            times.append(ProcessorTime.ofThread - began)
            try recorder.close()
        }
        let median = times.sorted()[times.count / 2]
        print(
            String(
                format: "%@ %8.0f ns an event, of the recording thread", padded("record"),
                median / Double(drafts.count) * 1e9))
        try? FileManager.default.removeItem(atPath: "\(directory)/r.dyno")
    }

    /// Checks a history from disk in a process of its own.
    ///
    /// - Parameter base: events a second of processor time of a shorter history, to compare with.
    /// - Returns: events a second of processor time.
    @discardableResult
    func measureCheck(_ events: Int, threads: Int, since base: Double? = nil, rounds: Int? = nil) throws -> Double {
        let path = try history(events)
        var measured: [MeasuredProcess.Result] = []
        for _ in 0..<(rounds ?? self.rounds) {
            measured.append(
                try MeasuredProcess.run(
                    Executables.beside("dyno"), ["check", path, "--threads", "\(threads)", "--format", "json"]))
        }
        if let failed = measured.first(where: { $0.status != ExitStatus.valid }) {
            throw Failure.broken("dyno check \(path) ended with status \(failed.status)")
        }
        let processor = measured.map(\.processorTime).sorted()[measured.count / 2]
        let elapsed = measured.map(\.elapsed).sorted()[measured.count / 2]
        let memory = measured.map(\.peakMemory).max() ?? 0
        let rate = Double(events) / processor
        let growth = base.map { String(format: ", %+.0f %% a event against the shortest", ($0 / rate - 1) * 100) } ?? ""
        print(
            String(
                format: "%@ %8.2f s, %6.2f million events/s of processor time, %6.2f elapsed; %.2f GB at most%@",
                padded("check \(events / 1_000_000) M, \(threads) thread\(threads == 1 ? "" : "s")"), elapsed,
                rate / 1e6,
                Double(events) / elapsed / 1e6, Double(memory) / 1e9, growth))
        return rate
    }

    /// The median of the processor time that `body` takes.
    private func median(_ body: () throws -> Void) rethrows -> Double {
        var times: [Double] = []
        for _ in 0..<rounds {
            let began = ProcessorTime.ofProcess
            try body()
            times.append(ProcessorTime.ofProcess - began)
        }
        return times.sorted()[times.count / 2]
    }

    private func line(_ name: String, _ events: Int, _ seconds: Double) {
        print(
            String(
                format: "%@ %8.2f million events/s a core (%.0f ns an event)", padded(name),
                Double(events) / seconds / 1e6, seconds / Double(events) * 1e9))
    }

    private func padded(_ name: String) -> String { name + String(repeating: " ", count: max(0, 32 - name.count)) }

    private func size(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}
