import Foundation
import History
import Testing

/// A fault that was meant and did not happen must never look like one that the store survived: the run is unknown, and says which.
@Suite(.serialized) struct SabotageTests {
    private static let network = """
        name: sabotage
        store: { kind: dynamo, nodes: 5, n: 3, r: 2, w: 2, ring: 16 }
        clients: 8
        rate: 300
        operations: 1500
        keys: { count: 40 }
        faults:
          - { partition: [[n1, n2], [n3, n4, n5]], at: 500ms, for: 4s }
          - { loss: 40%, target: n4, at: 5s, for: 5s }
        settle: 200ms
        require: { partitions: 1 }
        seed: 3
        """

    private static let machines = """
        name: inert
        store: { kind: dynamo, nodes: 3, n: 3, r: 2, w: 2, ring: 16 }
        clients: 4
        rate: 200
        operations: 600
        keys: { count: 20 }
        faults:
          - { clock: ahead, by: 60s, target: n1, at: 500ms, for: 500ms }
          - { disk: slow, latency: 20ms, target: n2, at: 500ms, for: 500ms }
        require: { ok-operations: 100 }
        seed: 3
        """

    @Test func rulesRemovedBehindTheNemesisAreMissed() throws {
        let directory = try TemporaryDirectory()
        let workload = directory.path + "/sabotage.yml"
        try Self.network.write(toFile: workload, atomically: true, encoding: .utf8)
        let run = directory.path + "/run"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.dyno)
        process.arguments = ["run", workload, "--into", run, "--quiet"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { if process.isRunning { process.terminate() } }
        try wait("a partition in the history", whileRunning: process) { Self.has(run) { $1.function == .partition } }
        try sabotage(run, "flush set bridge dyno cut")
        try wait("loss in the history", whileRunning: process) {
            Self.has(run) { $1.process == .nemesis && $1.function == .other && $0.string($1.name) == "fault" }
        }
        try sabotage(run, "flush set bridge dyno shaped")
        process.waitUntilExit()
        let verdict = (try? String(contentsOfFile: run + "/verdict.json", encoding: .utf8)) ?? "no verdict"
        #expect(process.terminationStatus == 2, "\(verdict)")
        #expect(verdict.contains("the partition of n1,n2 | n3,n4,n5 at"), "\(verdict)")
        #expect(verdict.contains("inside the cut"), "\(verdict)")
        #expect(verdict.contains("the loss of"), "\(verdict)")
        let offline = try Program.run(["check", run + "/history.dyno"])
        #expect(offline.status == 2)
    }

    /// The library that makes clocks and disks fail is replaced by one that does nothing.
    @Test func clocksAndDisksThatWorkAreMissed() throws {
        let directory = try TemporaryDirectory()
        let manager = FileManager.default
        let built = URL(fileURLWithPath: Program.dyno).deletingLastPathComponent().path
        for name in ["dyno", "dynamo-node"] {
            try manager.copyItem(atPath: "\(built)/\(name)", toPath: "\(directory.path)/\(name)")
        }
        let idle = try #require(
            ["x86_64-linux-gnu", "aarch64-linux-gnu"].map { "/usr/lib/\($0)/libz.so.1" }
                .first { manager.fileExists(atPath: $0) })
        try manager.copyItem(
            atPath: URL(fileURLWithPath: idle).resolvingSymlinksInPath().path,
            toPath: directory.path + "/libdyno-faults.so")
        let workload = directory.path + "/inert.yml"
        try Self.machines.write(toFile: workload, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: directory.path + "/dyno")
        process.arguments = ["run", workload, "--into", directory.path + "/run", "--quiet"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let verdict = (try? String(contentsOfFile: directory.path + "/run/verdict.json", encoding: .utf8)) ?? "none"
        #expect(process.terminationStatus == 2, "\(verdict)")
        #expect(verdict.contains("the clock of n1 at"), "\(verdict)")
        #expect(verdict.contains("the disk slow of n2 at"), "\(verdict)")
    }

    @Test func anAcknowledgementBeforeItsCopiesIsSeenOnTheWire() throws {
        let directory = try TemporaryDirectory()
        let workload = try SmallWorkload.write(into: directory)
        let run = directory.path + "/run"
        let result = try Program.run([
            "run", workload, "--into", run, "--quiet", "--flaw", "ack-early", "--format", "json",
        ])
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("\"type\":\"ack-below-w\""))
        let offline = try Program.run(["check", run + "/history.dyno", "--format", "json"])
        #expect(offline.output.contains("\"type\":\"ack-below-w\""))
        let wire = try Program.run(["wire", run + "/capture.pcap.gz"])
        #expect(wire.status == 1 && wire.output.contains("below W"), "\(wire.output)\(wire.errors)")
    }

    // MARK: -

    private static func has(_ run: String, _ isIt: (History, Event) -> Bool) -> Bool {
        guard let history = try? HistoryFile.read(path: run + "/history.dyno") else { return false }
        return history.events.contains { isIt(history, $0) }
    }

    private func wait(_ what: String, whileRunning process: Foundation.Process, _ condition: () -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while !condition() {
            try #require(process.isRunning && Date() < deadline, "no \(what)")
            usleep(50_000)
        }
    }

    /// Changes the packet rules in the run's own network, as somebody would who has nothing to do with it.
    private func sabotage(_ run: String, _ rules: String) throws {
        let pid = try #require(Self.process(of: run), "no process of the run")
        var arguments = ["nsenter", "--target", "\(pid)", "--net"]
        if Self.namespace("user", "\(pid)") != Self.namespace("user", "self") {
            arguments += ["--user", "--preserve-credentials"]
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments + ["nft", rules]
        process.environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments)")
    }

    private static func namespace(_ kind: String, _ pid: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/\(kind)")
    }

    /// A process of `dyno` itself that lives in the network of a run.
    private static func process(of run: String) -> Int? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int.init).first { pid in
            guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first?.hasSuffix("/dyno") == true && words.contains(run)
                && namespace("net", "\(pid)") != namespace("net", "self")
        }
    }
}
