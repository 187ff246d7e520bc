import ArgumentParser
import Checkers
import Foundation
import History
import Stress

/// `dyno bench history`, and plain `dyno bench`.
struct BenchHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Measure the history format and the checkers on this machine.",
        discussion: """
            Medians over --rounds rounds on a synthetic history, one core, files in the directory for temporary files.

              dyno bench --events 1000000
            """)

    @Option(help: "Events of the synthetic history.")
    var events = 1_000_000

    @Option(help: "Rounds of each measurement.")
    var rounds = 5

    func validate() throws {
        guard (1...1_000_000_000).contains(events), (1...100).contains(rounds) else {
            throw ValidationError("--events must be 1 to 1000000000 and --rounds 1 to 100")
        }
    }

    func run() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-bench-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (native, gzipped) = ("\(directory)/h.dyno", "\(directory)/h.jsonl.gz")
        _ = try GenerateCommand.write(events, max(1, events / 1000), 50, 1, to: native)
        let history = try HistoryFile.read(path: native)
        print("machine: \(Machine(directory: directory).text)")
        print("history: \(history.events.count) events")
        try measure("write .dyno") { try HistoryFile.write(history, to: "\(directory)/w.dyno") }
        try measure("read .dyno") { _ = try HistoryFile.read(path: native) }
        try measure("validate") { try history.validate(file: native) }
        for checker in CheckerName.contract {
            measure("check \(checker.rawValue)") { _ = check(history, checkers: [checker]) }
        }
        try measure("read, validate, four checkers") {
            let read = try HistoryFile.read(path: native)
            try read.validate(file: native)
            _ = check(read)
        }
        try HistoryFile.write(history, to: gzipped)
        let count = Double(history.events.count)
        print(String(format: "size .dyno      %6.2f bytes an event", Double(try size(native)) / count))
        print(String(format: "size .jsonl.gz  %6.2f bytes an event", Double(try size(gzipped)) / count))
    }

    private func measure(_ name: String, _ body: () throws -> Void) rethrows {
        var times: [Double] = []
        for _ in 0..<rounds {
            let began = ContinuousClock.now
            try body()
            times.append((ContinuousClock.now - began) / .seconds(1))
        }
        let median = times.sorted()[times.count / 2]
        let padded = name + String(repeating: " ", count: max(0, 30 - name.count))
        print(padded + String(format: "%8.3f s  %7.2f million events/s", median, Double(events) / median / 1e6))
    }

    private func size(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}
