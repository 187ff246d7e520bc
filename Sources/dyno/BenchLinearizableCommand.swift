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

    @Flag(help: "With --histories: every file's time, not only those of the slowest.")
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
        var times: [Double] = []
        var visits = 0
        for _ in 0..<rounds {
            let began = clock()
            let check = LinearizabilityCheck(operations, .register)
            for group in 0..<check.groupCount where check.decide(group: group, Budget()) != .linearizable {
                print("\(name): group \(group) was not found linearizable")
            }
            times.append(Double(clock() - began) / Double(CLOCKS_PER_SEC))
            visits = check.visits
        }
        let median = times.sorted()[times.count / 2]
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

    private func measureFiles(_ directory: String) throws {
        guard let names = FileManager.default.enumerator(atPath: directory) else {
            throw Failure.unusable("\(directory): cannot be read")
        }
        var results: [(name: String, read: Double, decide: Double, validity: Validity)] = []
        for case let name as String in names {
            guard let options = Self.options(name) else { continue }
            let began = clock()
            guard let history = try? HistorySource.read(path: "\(directory)/\(name)"), !history.events.isEmpty else {
                continue
            }
            let read = Double(clock() - began) / Double(CLOCKS_PER_SEC)
            var times: [Double] = []
            var validity = Validity.unknown
            for _ in 0..<rounds {
                let began = clock()
                validity = check(history, checkers: [.linearizable], options: options).validity
                times.append(Double(clock() - began) / Double(CLOCKS_PER_SEC))
            }
            results.append((name, read, times.sorted()[times.count / 2], validity))
        }
        let total = results.reduce(0) { $0 + $1.decide }
        let slowest = results.sorted { $0.decide > $1.decide }.prefix(each ? .max : 5)
        print(
            String(
                format: "%d history files: %.1f ms to decide, %.1f ms to read them", results.count, total * 1e3,
                results.reduce(0) { $0 + $1.read } * 1e3))
        for result in slowest {
            print(String(format: "  %@: %.3f ms, %@", result.name, result.decide * 1e3, "\(result.validity)"))
        }
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
