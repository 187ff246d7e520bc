import ArgumentParser
import Controller
import Foundation
import NIOPosix
import Stress
import Workload

/// `dyno bench store`.
struct BenchStoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Measure a store: operations a second and latencies, steady and while a node is gone.",
        discussion: """
            Boots five dynamo-nodes on loopback addresses of their own (N=3, R=W=2, every acknowledgement fsynced) and lets clients \
            in closed loops read and write. An attempt that fails is made again at another node, and the latency of its operation \
            counts from the first. With --target it measures a store that runs already and speaks Riak's protocol buffers port.

            With --aware each client sends a request to a home of its key, and the hop from a node that is none is saved: run it with \
            and without, and compare the operations a second and the processor time of the nodes.

              dyno bench store
              dyno bench store --connections 32 --puts 50 --duration 30 --faults kill
              dyno bench store --target 10.0.0.1:8087,10.0.0.2:8087 --contexts none

            Exit status: 0 measured, 254 unusable arguments, 255 the store did not answer.
            """)

    enum Contexts: String, ExpressibleByArgument, CaseIterable { case carried, none }

    @Option(help: "Numbers of clients, each with one operation under way; separated by commas.")
    var connections = "16,32,64"

    @Option(help: "Puts in a hundred operations, the others are gets; separated by commas.")
    var puts = "50,100"

    @Option(help: "What happens to a node in rows of their own: kill, pause, both with a comma, or none.")
    var faults = "kill,pause"

    @Option(help: "Seconds that a row is measured; three times as long where a node is gone meanwhile.")
    var duration = 10.0

    @Option(help: "Seconds of load before that.")
    var warmUp = 3.0

    @Option(help: "Keys, chosen evenly.")
    var keys = 10_000

    @Option(help: "Bytes of a value.")
    var valueSize = 100

    @Option(
        help: "Puts pass back the context of the last answer (carried), or none: then the bucket keeps one version.")
    var contexts = Contexts.carried

    @Flag(help: "Clients know the ring and speak to a home of each key.")
    var aware = false

    @Option(help: "A store that runs already, as host:port of each node, separated by commas.")
    var target: String?

    @Option(
        help: "Where the nodes keep their data meanwhile; by default a temporary directory.", completion: .directory)
    var data: String?

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    @Option(help: "Of the order of operations.")
    var seed: UInt64 = 1

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if let objection = try plan().objection { throw ValidationError(objection) }
        if target != nil, aware { throw ValidationError("--aware needs nodes of ours, not --target") }
        _ = try targets()
    }

    private func plan() throws -> BenchPlan {
        var plan = BenchPlan()
        plan.connections = try Self.numbers(connections, "--connections")
        plan.putPercentages = try Self.numbers(puts, "--puts")
        plan.faults = target == nil ? try faultList() : []
        (plan.duration, plan.warmUp) = (duration, warmUp)
        (plan.keys, plan.valueSize, plan.seed) = (keys, valueSize, seed)
        plan.carriesContext = contexts == .carried
        plan.aware = aware
        return plan
    }

    private func faultList() throws -> [BenchPlan.Fault] {
        if faults == "none" || faults.isEmpty { return [] }
        return try faults.split(separator: ",").map { name in
            guard let fault = BenchPlan.Fault(rawValue: String(name)) else {
                throw ValidationError("--faults: \"\(name)\" is none of kill, pause")
            }
            return fault
        }
    }

    private static func numbers(_ text: String, _ option: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Int(part) else { throw ValidationError("\(option): \"\(part)\" is no number") }
            return number
        }
    }

    private func targets() throws -> [NodeEndpoint]? {
        guard let target else { return nil }
        return try target.split(separator: ",").map { part in
            guard let colon = part.lastIndex(of: ":"), let port = UInt16(part[part.index(after: colon)...]),
                colon > part.startIndex
            else { throw ValidationError("--target: \"\(part)\" is not host:port") }
            return NodeEndpoint(name: String(part), host: String(part[..<colon]), port: Int(port))
        }
    }

    func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let plan = try plan()
        if let targets = try targets() {
            return try measure(StoreBench(plan: plan, targets: targets, group: group), plan)
        }
        try LoopbackStore.run(
            data: data, node: node, arguments: contexts == .none ? ["--allow-mult", "off"] : [], group: group
        ) {
            cluster, directory, started in
            let bench = StoreBench(
                plan: plan, cluster: cluster, machine: Machine(directory: directory.path), group: group)
            bench.startMilliseconds = started * 1_000
            try measure(bench, plan)
        }
    }

    private func measure(_ bench: StoreBench, _ plan: BenchPlan) throws {
        do {
            try bench.prepare()
            if !json {
                print(bench.report.heading)
                print(BenchReport.header)
            }
            for row in plan.rows {
                let line = BenchReport.line(try bench.measure(row))
                if !json {
                    print(line)
                    fflush(nil)
                }
            }
        } catch {
            throw Failure.broken("\(error)")
        }
        if json {
            print(bench.report.json)
        } else if let megabytes = bench.report.finalMegabytes {
            print(String(format: "memory:  %.1f MB a node at the end", megabytes))
        }
    }
}
