import Foundation
import History
import Testing

/// In the suite of runs, so that one run goes on at a time.
extension RunTests {
    /// Faults beyond those of ``RunTests``: schedules, relayed connections, and a cluster broken by hand.
    @Suite struct FaultTests {
        private static let load = """
            store: { kind: dynamo, nodes: 5, n: 3, r: 2, w: 2, ring: 16 }
            clients: 8
            rate: 300
            duration: 3s
            keys: { count: 40, distribution: zipf(0.99) }
            mix: { get: 45, put: 50, delete: 5, blind: 20% }
            seed: 7

            """

        private func write(_ text: String, _ name: String, into directory: TemporaryDirectory) throws -> String {
            let path = "\(directory.path)/\(name)"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        @Test func whatARunDidIsDoneAgainByItsSchedule() throws {
            let directory = try TemporaryDirectory()
            let random = """
                checkers: [siblings, causality, convergence]
                random:
                  mean-interval: 400ms
                  shortest: 200ms
                  longest: 500ms
                  from: 0s
                  faults: [{ kill: random }, { partition: halves }, { delay: 10ms, target: random }]
                """
            let workload = try write(Self.load + random, "w.yml", into: directory)
            let first = directory.path + "/first"
            let run = try Program.run(["run", workload, "--into", first, "--quiet"])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            let schedule = try String(contentsOfFile: first + "/schedule.yml", encoding: .utf8)
            let shown = try Program.run(["show", first + "/history.dyno", "--schedule"])
            #expect(shown.output == schedule)

            let second = directory.path + "/second"
            let again = try Program.run(
                ["run", workload, "--schedule", first + "/schedule.yml", "--into", second, "--quiet"])
            #expect(again.status == 0, "\(again.output)\(again.errors)")
            #expect(try deeds(second + "/schedule.yml") == deeds(first + "/schedule.yml"))
            #expect(try deeds(first + "/schedule.yml").count >= 2)
        }

        /// What was done to whom, without times and comments.
        private func deeds(_ schedule: String) throws -> [String] {
            try String(contentsOfFile: schedule, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("  - ") }
                .map { String($0[..<($0.range(of: ", at: ")?.lowerBound ?? $0.endIndex)]) }
        }

        @Test func withoutNamespacesConnectionsAreRelayedAndCutAllTheSame() throws {
            let directory = try TemporaryDirectory()
            let faults = """
                faults:
                  - { partition: halves, at: 300ms, for: 500ms }
                  - { delay: 20ms, target: n1, direction: out, at: 1s, for: 500ms }
                  - { pause: n2, at: 1700ms, for: 400ms }
                  - { reset: n3, at: 2200ms, for: 400ms }
                require: { partitions: 1, pauses: 1, faults-witnessed: 4 }
                """
            let workload = try write(Self.load + faults, "relay.yml", into: directory)
            let run = directory.path + "/run"
            let result = try Program.run(["run", workload, "--network", "relay", "--into", run])
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.errors.contains("relayed"))
            #expect(Program.processes(naming: run).isEmpty)
            let impossible = try write(
                Self.load + "faults: [{ loss: 5%, at: 1s, for: 1s }]", "loss.yml", into: directory)
            let refused = try Program.run(["run", impossible, "--network", "relay"])
            #expect(refused.status == 254 && refused.errors.contains("the fault loss"), "\(refused.errors)")
        }

        /// Loop devices and control groups are the machine's own: no namespace ends them.
        @Test(.enabled(if: getuid() == 0)) func aKilledRunOfRootLeavesNoLoopDeviceAndNoControlGroup() throws {
            let directory = try TemporaryDirectory()
            let faults = """
                faults:
                  - { power-loss: random, every: 500ms, for: 200ms }
                  - { throttle: 50%, target: random, every: 700ms, for: 300ms }
                """
            let workload = try write(Self.load + faults, "root.yml", into: directory)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Program.dyno)
            process.arguments = ["run", workload, "--into", directory.path + "/run", "--quiet"]
            process.standardError = FileHandle.nullDevice
            try process.run()
            let groups = "dyno-\(process.processIdentifier)-"
            try wait("loop devices and control groups") {
                Self.loopDevices(of: directory.path).count == 5 && !Self.controlGroups(named: groups).isEmpty
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try wait("the end of all of them") {
                Self.loopDevices(of: directory.path).isEmpty && Self.controlGroups(named: groups).isEmpty
                    && Program.processes(naming: directory.path).isEmpty
            }
        }

        private func wait(_ what: String, _ condition: () -> Bool) throws {
            let deadline = Date(timeIntervalSinceNow: 60)
            while !condition() {
                try #require(Date() < deadline, "no \(what)")
                usleep(20_000)
            }
        }

        private static func loopDevices(of path: String) -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/block")) ?? []
            return names.filter { name in
                let file = try? String(contentsOfFile: "/sys/block/\(name)/loop/backing_file", encoding: .utf8)
                return file?.contains(path) == true
            }
        }

        private static func controlGroups(named prefix: String) -> [String] {
            ["/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu"].flatMap { place in
                ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).filter { $0.hasPrefix(prefix) }
            }
        }

        @Test func faultsByHandAreWitnessed() throws {
            let directory = try TemporaryDirectory()
            let (socket, output) = (directory.path + "/s", directory.path + "/out")
            _ = FileManager.default.createFile(atPath: output, contents: nil)
            let cluster = Process()
            cluster.executableURL = URL(fileURLWithPath: Program.dyno)
            cluster.arguments = ["cluster", "--sandbox", "--socket", socket, "--data", directory.path + "/data"]
            cluster.standardOutput = FileHandle(forWritingAtPath: output)
            try cluster.run()
            defer { if cluster.isRunning { kill(cluster.processIdentifier, SIGKILL) } }
            let deadline = Date(timeIntervalSinceNow: 60)
            while try !String(contentsOfFile: output, encoding: .utf8).contains("Ctrl-C") {
                try #require(Date() < deadline && cluster.isRunning, "the cluster does not serve")
                usleep(20_000)
            }
            func fault(_ arguments: String...) throws -> Program.Result {
                try Program.run(["fault"] + arguments + ["--socket", socket], limit: 60)
            }
            let killed = try fault("start", "kill", "n2")
            #expect(killed.status == 0 && killed.output.hasPrefix("1  kill n2"), "\(killed.output)")
            #expect(try fault("list").output.contains("kill n2"))
            let ended = try fault("stop", "kill")
            #expect(ended.status == 0 && ended.output.contains("witnessed: the kernel reported n2 as ended"))
            let cut = try fault("start", "partition", "[[n1], [n2, n3, n4, n5]]", "--for", "1s")
            #expect(cut.status == 0 && cut.output.contains("none arrived"), "\(cut.output)")
            #expect(try fault("start", "kill", "n9").status == 1)
            #expect(try fault("stop", "all").output.contains("no fault is in force"))
            kill(cluster.processIdentifier, SIGTERM)
            cluster.waitUntilExit()
            #expect(cluster.terminationStatus == 0)
            #expect(!FileManager.default.fileExists(atPath: socket))
            #expect(try fault("list").status == 254)
        }
    }
}
