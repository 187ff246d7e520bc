import ArgumentParser
import Foundation
import Stress

/// `dyno torture --bench`: runs ended by SIGKILL at any moment, which must leave nothing behind.
struct BenchTorture {
    let node: String?
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-torture-\(getpid())")
        .path

    init(node: String?) {
        self.node = node
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
