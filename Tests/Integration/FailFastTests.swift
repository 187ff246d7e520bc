import Foundation
import History
import Testing

/// `dyno run --fail-fast` on real nodes with a planted flaw whose first trace is certain at once.
@Suite struct FailFastTests {
    /// Far more operations than any run needs to show that versions which were replaced live on.
    private static let workload = """
        name: fail-fast
        store: { kind: dynamo, nodes: 5, n: 3, r: 2, w: 2, ring: 16 }
        clients: 8
        rate: 300
        operations: 30000
        keys: { count: 3, distribution: uniform }
        mix: { get: 50, put: 50 }
        converge-within: 30s
        checkers: [siblings, convergence]
        seed: 5
        """

    private struct Verdict: Decodable {
        struct Checker: Decodable {
            struct Anomaly: Decodable {
                var type: String
                var ops: [Int]
            }

            var anomalies: [Anomaly]?
        }

        var checkers: [String: Checker]
    }

    /// Starts `dyno run` and, as soon as there is a history, `dyno check --follow` beside it.
    private static func followedRun(_ path: String, into run: String) throws -> (
        run: Program.Result, follower: Foundation.Process
    ) {
        let (process, errors, output) = (Foundation.Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: Program.dyno)
        process.arguments = ["run", path, "--flaw", "forgotten-context", "--fail-fast", "--into", run]
        (process.standardError, process.standardOutput) = (errors, output)
        try process.run()
        // What it says first of its load it says when the history has begun; nothing at all, when it has ended.
        var said = Data()
        while !String(decoding: said, as: UTF8.self).contains("load") {
            let more = errors.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += more
        }
        let follower = Foundation.Process()
        follower.executableURL = URL(fileURLWithPath: Program.dyno)
        follower.arguments = ["check", run + "/history.dyno", "--follow", "--checker", "siblings", "--format", "json"]
        follower.standardOutput = FileHandle(forWritingAtPath: run + ".verdict")
        follower.standardError = FileHandle(forWritingAtPath: run + ".told")
        try follower.run()
        said += errors.fileHandleForReading.readDataToEndOfFile()
        let result = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            Program.Result(
                status: process.terminationStatus, output: String(decoding: result, as: UTF8.self),
                errors: String(decoding: said, as: UTF8.self)), follower
        )
    }

    @Test(.timeLimit(.minutes(2))) func theLoadEndsAndTheRunIsDecided() throws {
        let directory = try TemporaryDirectory()
        let (path, run) = (directory.path + "/fail-fast.yml", directory.path + "/run")
        try Self.workload.write(toFile: path, atomically: true, encoding: .utf8)
        for file in [run + ".verdict", run + ".told"] {
            _ = FileManager.default.createFile(atPath: file, contents: nil)
        }
        let (result, follower) = try Self.followedRun(path, into: run)
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.errors.contains(": stale-sibling: "), "\(result.errors)")
        #expect(result.errors.contains("the load ends here (--fail-fast)"))
        #expect(result.output.contains("valid: false") && result.output.contains("convergence  true"))

        let history = try HistoryFile.read(path: run + "/history.dyno")
        try history.validate(file: run)
        let phases = history.events.filter { $0.function == .phase }.map { history.string($0.value) }
        #expect(phases.suffix(2) == ["heal", "final"], "it heals and reads as ever: \(phases)")
        let begun = history.events.filter { $0.type == .invoke && $0.process.isClient }
        #expect(begun.count < 10_000, "\(begun.count) operations")

        let data = try Data(contentsOf: URL(fileURLWithPath: run + "/verdict.json"))
        let verdict = try JSONDecoder().decode(Verdict.self, from: data)
        #expect(verdict.checkers["siblings"]?.anomalies?.contains { $0.type == "stale-sibling" } == true)

        // Whoever followed it was told the same while it went on, and in the end decided the same.
        follower.waitUntilExit()
        #expect(follower.terminationStatus == 1)
        #expect(try String(contentsOfFile: run + ".told", encoding: .utf8).contains(": stale-sibling: "))
        let again = try Program.run(
            ["check", run + "/history.dyno", "--checker", "siblings", "--format", "json"])
        #expect(try String(contentsOfFile: run + ".verdict", encoding: .utf8) == again.output)
        #expect(Program.processes(naming: run).isEmpty)
    }
}
