import ArgumentParser
import Foundation
import Stress

/// `dyno torture --faults` and `dyno torture --bench`: what the bench itself is put through.
struct BenchTorture {
    let node: String?
    let seed: UInt64
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-torture-\(getpid())")
        .path

    init(node: String?, seed: UInt64) {
        self.node = node
        self.seed = seed
    }

    // MARK: - Each fault, and each pair

    /// Runs every case with `seeds` seeds. Ends with status 1 when any was not valid; those runs are kept.
    func matrix(_ kind: FaultMatrix.Kind, only: String?, seeds: Int, limit: Int?) throws {
        let isRoot = getuid() == 0
        let all = FaultMatrix.cases(kind, only: only)
        let cases = all.filter { isRoot || !$0.needsRoot }.prefix(limit ?? .max)
        guard !cases.isEmpty else { throw Failure.unusable("no fault of the matrix is called \"\(only ?? "")\"") }
        if !isRoot { print("\(all.count(where: \.needsRoot)) of \(all.count) cases need root and are left out") }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var counts: [Int32: Int] = [:]
        for fault in cases {
            let workload = "\(directory)/\(fault.name).yml"
            try fault.text.write(toFile: workload, atomically: true, encoding: .utf8)
            var words: [String] = []
            for seed in seed..<seed + UInt64(seeds) {
                let run = "\(directory)/\(fault.name)-\(seed)"
                let status = try self.run(workload, seed: seed, into: run)
                counts[status, default: 0] += 1
                words.append(Self.word(status) + (status == ExitStatus.valid ? "" : " (\(run))"))
                if status == ExitStatus.valid { try? FileManager.default.removeItem(atPath: run) }
            }
            print(
                "\(fault.name)\(String(repeating: " ", count: max(1, 26 - fault.name.count)))\(words.joined(separator: "  "))"
            )
            fflush(nil)
        }
        let summary = counts.sorted { $0.key < $1.key }.map { "\($0.value) \(Self.word($0.key))" }.joined(
            separator: ", ")
        print("\(cases.count) cases, \(seeds) seeds each: \(summary)")
        guard counts.keys.allSatisfy({ $0 == ExitStatus.valid }) else { throw ExitCode(ExitStatus.invalid) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func run(_ workload: String, seed: UInt64, into run: String) throws -> Int32 {
        let process = try start(workload, seed: seed, into: run)
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func start(_ workload: String, seed: UInt64, into run: String, _ more: [String] = []) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Executables.beside("dyno"))
        process.arguments = ["run", workload, "--seed", "\(seed)", "--into", run, "--quiet"] + more
        if let node { process.arguments?.append(contentsOf: ["--node", node]) }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func word(_ status: Int32) -> String {
        switch status {
        case ExitStatus.valid: "true"
        case ExitStatus.invalid: "FALSE"
        case ExitStatus.unknown: "unknown"
        default: "failed(\(status))"
        }
    }

    // MARK: - The end at any moment

    /// Kills a run with SIGKILL at `times` random moments, and looks each time for what it left behind.
    func kills(_ times: Int, relay: Bool) throws {
        var generator = SystemRandomNumberGenerator()
        let isRoot = getuid() == 0 && !relay
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let workload = "\(directory)/ends.yml"
        try Self.workload(isRoot: isRoot, relay: relay).write(toFile: workload, atomically: true, encoding: .utf8)
        let before = Leftovers.Surroundings()
        var dirty = 0
        for time in 1...times {
            let run = "\(directory)/end-\(time)"
            let process = try start(workload, seed: UInt64(time), into: run, relay ? ["--network", "relay"] : [])
            // From before the sandbox is made until after the last fault.
            let moment = Double.random(in: 0..<6, using: &generator)
            Thread.sleep(forTimeInterval: moment)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let left = Self.wait(run, process.processIdentifier, before)
            if !left.found.isEmpty {
                dirty += 1
                print(String(format: "killed after %.3f s, left behind:", moment))
                for thing in left.found { print("  \(thing)") }
            }
            try? FileManager.default.removeItem(atPath: run)
            if time % 10 == 0 { print("\(time) of \(times) ends, \(dirty) left something behind") }
            fflush(nil)
        }
        try? FileManager.default.removeItem(atPath: directory)
        let user = getuid() == 0 ? "root" : "an ordinary user"
        print("\(times) runs ended by SIGKILL as \(user)\(relay ? ", relayed" : ""): \(dirty) left something behind")
        if dirty > 0 { throw ExitCode(ExitStatus.invalid) }
    }

    /// What is left after the kernel had ten seconds to clear up; returns as soon as nothing is.
    private static func wait(_ run: String, _ process: Int32, _ before: Leftovers.Surroundings) -> Leftovers {
        let deadline = Date(timeIntervalSinceNow: 10)
        while true {
            let left = Leftovers(directory: run, process: process, before: before)
            if left.found.isEmpty || Date() > deadline { return left }
            usleep(100_000)
        }
    }

    private static func workload(isRoot: Bool, relay: Bool) -> String {
        var faults = [
            "{ kill: random, every: 1s, from: 200ms, for: 400ms }", "{ pause: random, every: 1s, for: 300ms }",
            "{ partition: halves, every: 1500ms, from: 300ms, for: 700ms }",
            "{ clock: ahead, target: random, every: 2s, for: 1s }",
        ]
        if !relay {
            faults += [
                "{ disk: full, target: random, every: 2s, from: 500ms, for: 500ms }",
                "{ loss: 10%, target: random, every: 2s, from: 700ms, for: 1s }",
            ]
        }
        if isRoot {
            faults += [
                "{ power-loss: random, every: 2s, from: 400ms, for: 600ms }",
                "{ oom: random, every: 3s, from: 900ms, for: 500ms }",
                "{ throttle: 20%, target: random, every: 2s, for: 1s }",
            ]
        }
        return """
            name: ends
            store: { kind: dynamo, nodes: 5, n: 3, r: 2, w: 2, ring: 16 }
            clients: 8
            duration: 6s
            rate: 200
            keys: { count: 50 }
            faults:
            \(faults.map { "  - \($0)" }.joined(separator: "\n"))
            seed: 1

            """
    }
}
