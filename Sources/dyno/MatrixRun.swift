import ArgumentParser
import Foundation
import Stress
import Synchronization

/// `dyno torture --faults`: each fault alone, or each pair, in short runs that must all be valid.
struct MatrixRun {
    let node: String?
    /// The first of the seeds.
    let seed: UInt64
    let seeds: Int
    /// Runs at a time. Each has namespaces of its own, so they share nothing but the machine.
    let jobs: Int
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-torture-\(getpid())")

    init(node: String?, seed: UInt64, seeds: Int, jobs: Int) {
        (self.node, self.seed, self.seeds, self.jobs) = (node, seed, seeds, jobs)
    }

    /// What became of one run.
    private struct Outcome: Sendable {
        var status: Int32
        /// Why it is not valid, in words; empty when it is.
        var reason: String
    }

    /// Runs every case with every seed, and says a line for each case as soon as its runs are over.
    ///
    /// - Throws: `ExitCode` 1 when any run was not valid; those runs are kept.
    func carryOut(_ kind: FaultMatrix.Kind, only: String?, skip: Int, limit: Int?) throws {
        let isRoot = getuid() == 0
        let all = FaultMatrix.cases(kind, only: only)
        let cases = Array(all.filter { isRoot || !$0.needsRoot }.dropFirst(skip).prefix(limit ?? .max))
        guard !cases.isEmpty else { throw Failure.unusable("no fault of the matrix is called \"\(only ?? "")\"") }
        if !isRoot { print("\(all.count(where: \.needsRoot)) of \(all.count) cases need root and are left out") }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let statuses = try Parallel.map(cases.count, atMost: jobs) { index in
            try run(cases[index], number: index + skip + 1)
        }
        var counts: [Int32: Int] = [:]
        for status in statuses.joined() { counts[status, default: 0] += 1 }
        let summary = counts.sorted { $0.key < $1.key }.map { "\($0.value) \(Self.word($0.key))" }
        print("\(cases.count) cases, \(seeds) seeds each: \(summary.joined(separator: ", "))")
        guard counts.keys.allSatisfy({ $0 == ExitStatus.valid }) else { throw ExitCode(ExitStatus.invalid) }
        try? FileManager.default.removeItem(at: directory)
    }

    /// All seeds of one case, one after the other.
    private func run(_ fault: FaultMatrix.Case, number: Int) throws -> [Int32] {
        let workload = directory.appendingPathComponent("\(fault.name).yml")
        try fault.text.write(to: workload, atomically: true, encoding: .utf8)
        var lines: [String] = []
        var statuses: [Int32] = []
        for seed in seed..<seed + UInt64(seeds) {
            let place = directory.appendingPathComponent("\(fault.name)-\(seed)")
            let outcome = try run(workload.path, seed: seed, into: place)
            statuses.append(outcome.status)
            if outcome.status == ExitStatus.valid {
                try? FileManager.default.removeItem(at: place)
            } else {
                lines.append("     seed \(seed): \(outcome.reason) (\(place.path))")
            }
        }
        let words = statuses.map(Self.word).joined(separator: "  ")
        lines.insert(String(format: "%4d ", number) + "\(fault.name.padded(to: 26))\(words)", at: 0)
        Self.say(lines.joined(separator: "\n"))
        return statuses
    }

    private func run(_ workload: String, seed: UInt64, into place: URL) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Executables.beside("dyno"))
        process.arguments = ["run", workload, "--seed", "\(seed)", "--into", place.path, "--quiet"]
        if let node { process.arguments?.append(contentsOf: ["--node", node]) }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let status = process.terminationStatus
        return Outcome(status: status, reason: status == ExitStatus.valid ? "" : Self.reason(in: place))
    }

    /// The first reason that the verdict of a run gives for not being valid.
    private static func reason(in place: URL) -> String {
        struct Result: Decodable {
            var valid: Validity
            var reason: String?
            var anomalyCount: Int
        }
        enum Validity: Decodable {
            case yes, no, unknown

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                guard let truth = try? container.decode(Bool.self) else { self = .unknown; return }
                self = truth ? .yes : .no
            }
        }
        struct Verdict: Decodable { var checkers: [String: Result] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let data = try? Data(contentsOf: place.appendingPathComponent("verdict.json")),
            let verdict = try? decoder.decode(Verdict.self, from: data)
        else { return "the run ended without a verdict" }
        let failed = verdict.checkers.sorted { $0.key < $1.key }.filter { $0.value.valid != .yes }
        return failed.map { name, result in
            switch result.valid {
            case .no: "\(name): \(result.anomalyCount) anomalies"
            case .unknown, .yes: "\(name): \(result.reason ?? "unknown")"
            }
        }.joined(separator: "; ")
    }

    private static func word(_ status: Int32) -> String {
        switch status {
        case ExitStatus.valid: "true"
        case ExitStatus.invalid: "FALSE"
        case ExitStatus.unknown: "unknown"
        default: "failed(\(status))"
        }
    }

    /// Lines of cases that end at one time do not mix.
    private static func say(_ text: String) {
        printing.withLock { _ in
            print(text)
            fflush(nil)
        }
    }

    private static let printing = Mutex(())
}

extension String {
    /// The text with spaces after it up to `width`, and at least one.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
