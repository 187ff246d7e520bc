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

    @Test func theLoadEndsAndTheRunIsDecided() throws {
        let directory = try TemporaryDirectory()
        let (path, run) = (directory.path + "/fail-fast.yml", directory.path + "/run")
        try Self.workload.write(toFile: path, atomically: true, encoding: .utf8)
        let result = try Program.run(
            ["run", path, "--flaw", "forgotten-context", "--fail-fast", "--into", run], limit: 90)
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
        #expect(Program.processes(naming: run).isEmpty)
    }
}
