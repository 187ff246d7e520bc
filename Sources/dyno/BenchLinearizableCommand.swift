import ArgumentParser
import Checkers
import Foundation
import History
import Importers
import Linearizability
import Stress

/// `dyno bench linearizable`.
struct BenchLinearizableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "linearizable",
        abstract: "Measure how fast linearizability is decided on this machine.",
        discussion: """
            Synthetic registers, one core, medians over --rounds rounds of the time that the processor worked; with --histories \
            also every history file under a directory, whose models are told by the names of its folders \
            (cas-register, multi-register, mutex, kv, jepsen).

              dyno bench linearizable
              dyno bench linearizable --histories ../shared/histories
            """)

    @Option(help: "Rounds of each measurement.")
    var rounds = 5

    @Option(help: "Keys with 1000 operations each in the synthetic histories.")
    var keys = 1000

    @Option(help: "A directory with histories of other tools.", completion: .directory)
    var histories: String?

    @Flag(help: "With --histories: the times of every file, not only those of the slowest.")
    var each = false

    func validate() throws {
        guard (1...100).contains(rounds), (1...100_000).contains(keys) else {
            throw ValidationError("--rounds must be 1 to 100 and --keys 1 to 100000")
        }
    }

    func run() throws {
        print("machine: \(Machine(directory: FileManager.default.temporaryDirectory.path).text)")
        measure("CAS register, 10 clients a key, 5 in flight", .compareAndSet, 1000, keys, 10, shared: false)
        measure("the same, refused CAS left out", .appliedCompareAndSet, 1000, keys, 10, shared: false)
        measure("CAS register, 50 clients over all keys", .compareAndSet, 1000, keys, 50, shared: true)
        measure("CAS register, 20 clients a key, 10 in flight", .compareAndSet, 1000, 10, 20, shared: false)
        measure("unique values, 10 clients a key", .uniqueValues, 1000, keys, 10, shared: false)
        measure("unique values, 50 clients on one key", .uniqueValues, 10_000, 1, 50, shared: false)
        print("memory: \(Self.peak() >> 20) MB at most, the operations included")
        if let histories { try measureFiles(histories) }
    }

    private func measure(
        _ name: String, _ mix: SyntheticOperations.Mix, _ count: Int, _ groups: Int, _ clients: Int, shared: Bool
    ) {
        let operations = SyntheticOperations.make(
            mix, count: count, groups: groups, clients: clients, shared: shared, seed: 1)
        var visits = 0
        let median = Self.median(rounds) {
            let check = LinearizabilityCheck(operations, .register)
            for group in 0..<check.groupCount where check.decide(group: group, Budget()) != .linearizable {
                print("\(name): group \(group) was not found linearizable")
            }
            visits = check.visits
        }
        let padded = name + String(repeating: " ", count: max(0, 46 - name.count))
        let rate = Double(operations.count) / median / 1e6
        let perOperation = Double(visits) / Double(operations.count)
        print(
            padded
                + String(
                    format: "%8.1f ms  %7.2f million operations/s, %.2f configurations an operation", median * 1e3,
                    rate, perOperation))
    }

    /// The most memory that the process had in use (VmHWM), in bytes; 0 where the system does not tell.
    private static func peak() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// The medians of a file, in seconds.
    private struct FileResult {
        var name: String
        /// From the file to events in memory.
        var read: Double
        /// From the events to the operations of a model.
        var prepare: Double
        /// From the operations to the verdict.
        var verdict: Double
        /// From the events to the verdict of the checker, with proofs made small and told.
        var check: Double
        var validity: Validity
    }

    private func measureFiles(_ directory: String) throws {
        guard let names = FileManager.default.enumerator(atPath: directory) else {
            throw Failure.unusable("\(directory): cannot be read")
        }
        var results: [FileResult] = []
        for case let name as String in names {
            guard let options = Self.options(name), let result = measureFile("\(directory)/\(name)", name, options)
            else { continue }
            results.append(result)
        }
        func total(_ part: KeyPath<FileResult, Double>) -> Double { results.reduce(0) { $0 + $1[keyPath: part] } * 1e3 }
        print(
            String(
                format:
                    "%d history files: %.1f ms to read them, %.1f ms to make operations of them, %.1f ms to decide, "
                    + "%.1f ms for the whole checker with its proofs", results.count, total(\.read),
                total(\.prepare), total(\.verdict), total(\.check)))
        for result in results.sorted(by: { $0.check > $1.check }).prefix(each ? .max : 5) {
            print(
                String(
                    format: "  %@: read %.1f us, prepare %.1f us, verdict %.1f us, checker %.1f us, %@", result.name,
                    result.read * 1e6, result.prepare * 1e6, result.verdict * 1e6, result.check * 1e6,
                    "\(result.validity)"))
        }
    }

    /// Nil for what is no history, or has no events.
    private func measureFile(_ path: String, _ name: String, _ options: CheckOptions) -> FileResult? {
        guard let history = try? HistorySource.read(path: path), !history.events.isEmpty else { return nil }
        var unshrunk = options
        unshrunk.shrinksProofs = false
        guard let task = LinearizableTask(history, unshrunk) else { return nil }
        var validity = Validity.unknown
        return FileResult(
            name: name, read: Self.median(rounds) { _ = try? HistorySource.read(path: path) },
            prepare: Self.median(rounds) { _ = LinearizableTask(history, unshrunk) },
            verdict: Self.median(rounds) { _ = task.decide() },
            check: Self.median(rounds) {
                validity = check(history, checkers: [.linearizable], options: options).validity
            }, validity: validity)
    }

    /// The median of the seconds that the processor worked.
    private static func median(_ rounds: Int, _ body: () -> Void) -> Double {
        let times = (0..<rounds).map { _ in
            let began = processorTime()
            body()
            return processorTime() - began
        }
        return times.sorted()[rounds / 2]
    }

    /// Seconds; finer than `clock()`.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The model that the place of a file tells.
    private static func options(_ name: String) -> CheckOptions? {
        var options = CheckOptions()
        let folders = name.split(separator: "/").dropLast().map(String.init)
        if folders.contains("cas-register") || folders.contains("jepsen") {
            options.model = .casRegister
        } else if folders.contains("multi-register") {
            options.model = .multiRegister
            options.initialValue = "0"
        } else if folders.contains("mutex") {
            options.model = .mutex
        } else if folders.contains("kv") {
            options.model = .kv
        } else {
            return nil
        }
        return options
    }
}
