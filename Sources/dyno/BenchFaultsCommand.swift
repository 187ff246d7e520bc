import ArgumentParser
import Controller
import Foundation
import Stress
import Workload

/// `dyno bench faults`.
struct BenchFaultsCommand: SandboxedCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Measure how long each fault takes to be there and to be gone, and whether it is witnessed.",
        discussion: """
            Five nodes in a sandbox with a little load on them; each fault is made, held and undone a few times. Times are from the \
            call to the effect, and from the call to the undoing, medians in milliseconds. As root all faults are measured, as an \
            ordinary user those that can be had; with --relay those of a machine without namespaces.

              dyno bench faults
              dyno bench faults --only partition --rounds 20

            Exit status: 0 all witnessed, 1 one was not, 254 unusable arguments, 255 the tool itself failed.
            """)

    @Option(help: "How often each is made.")
    var rounds = 3

    @Option(help: "Seconds that each is held.")
    var hold = 1.0

    @Option(help: "Only faults whose name begins so.")
    var only: String?

    @Flag(help: "Without namespaces: relayed connections.")
    var relay = false

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    /// One of each kind, on a node that is no other's victim at the time.
    private static let lines = [
        "kill: n2", "pause: n2", "restart: storm", "power-loss: [n1, n2]", "oom: n2", "throttle: 2%, target: n2",
        "partition: halves", "partition: majorities-ring", "partition: isolate, target: n2, direction: in",
        "loss: 20%, target: n2", "delay: 20ms, jitter: 10ms, target: n2", "reorder: 20%, target: n2",
        "duplicate: 20%, target: n2", "rate-limit: 40000, target: n2", "reset: n2", "half-open: n2",
        "clock: ahead, by: 1m, target: n2", "clock: strobe, target: n2", "disk: full, target: n2",
        "disk: slow, target: n2", "disk: error, target: n2", "disk: read-only, target: n2", "damage: wipe, target: n2",
        "damage: rot, target: n3", "damage: truncate, target: n2",
    ]

    var isolation: Isolation { relay ? .unwanted : .needed }
    var staysRoot: Bool { getuid() == 0 }

    func checkBeforeSandbox() throws {
        guard (1...1_000).contains(rounds), hold >= 0.1, hold <= 60 else {
            throw Failure.unusable("--rounds must be 1 to 1000 and --hold 0.1 to 60")
        }
        guard !chosen.isEmpty else { throw Failure.unusable("no fault begins with \"\(only ?? "")\"") }
    }

    private var chosen: [String] { Self.lines.filter { only.map($0.hasPrefix) ?? true } }

    func runInside() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-bench-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var load = Workload(name: "bench-faults")
        (load.rate, load.length) = (400, .duration(.seconds(86_400)))
        let desk: FaultDesk
        do {
            desk = try await FaultDesk(
                .init(
                    workload: load, nodeExecutable: node ?? Executables.beside("dynamo-node"),
                    faultLibrary: Executables.beside("libdyno-faults.so"), socket: path + "/socket"),
                directory: try RunDirectory(exactly: path))
        } catch {
            throw Failure.broken("\(error)")
        }
        print("machine: \(Machine(directory: path).text), \(Sandbox.inside?.rawValue ?? "relayed connections")")
        print("fault                                          there ms  (most)   gone ms  (most)  witnessed")
        var unproven = 0
        for line in chosen {
            let timing = await desk.measure(line, rounds: rounds, hold: .seconds(hold))
            print(Self.text(timing, rounds: rounds))
            fflush(nil)
            if !timing.effects.isEmpty, timing.proven < rounds { unproven += 1 }
        }
        await desk.end()
        if unproven > 0 { throw ExitCode(ExitStatus.invalid) }
    }

    private static func text(_ timing: FaultTiming, rounds: Int) -> String {
        let name = timing.line + String(repeating: " ", count: max(1, 46 - timing.line.count))
        guard !timing.effects.isEmpty else { return "\(name)cannot be had: \(timing.sentence)" }
        return name
            + String(
                format: "%9.2f %8.2f %9.2f %8.2f  %d of %d: ", median(timing.effects), timing.effects.max() ?? 0,
                median(timing.undos), timing.undos.max() ?? 0, timing.proven, rounds) + timing.sentence
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
