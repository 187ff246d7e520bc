import ArgumentParser
import Controller
import Foundation
import NIOPosix
import Stress
import Workload

/// `dyno bench membership`.
struct BenchMembershipCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "membership",
        abstract: "Measure what a join and a leave cost under load: keys moved beside 1/S, failures, latencies.",
        discussion: """
            Boots five dynamo-nodes on loopback addresses (N=3, R=W=2, every acknowledgement fsynced), writes the keys, and puts load on \
            them. Then a sixth node of equal weight joins, and after a while the second leaves and is stopped, as an administrator does \
            it: clients are told of another node once the leaver says that it may be stopped. At the end every key is read from all its \
            homes and must hold the last value that was acknowledged.

              dyno bench membership
              dyno bench membership --keys 100000 --clients 32 --json

            Moved are copies that a node fetched before it became their home, and those that a former home sent; ideal is the share of the \
            ring of the node that comes or goes.

            Exit status: 0 no operation failed and nothing was lost, 1 not so, 254 unusable arguments, 255 a change did not come to its \
            end.
            """)

    @Option(help: "Keys, each with three copies.")
    var keys = 10_000

    @Option(help: "Clients, each with one operation under way.")
    var clients = 16

    @Option(help: "Puts in a hundred operations, the others are gets.")
    var puts = 50

    @Option(help: "Bytes of a value.")
    var valueSize = 100

    @Option(help: "Ring partitions.")
    var ring = 256

    @Option(help: "Seconds of load before, between and after the changes.")
    var duration = 5.0

    @Option(
        help: "Where the nodes keep their data meanwhile; by default a temporary directory.", completion: .directory)
    var data: String?

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    @Option(help: "Of the order of operations.")
    var seed: UInt64 = 1

    @Flag(help: "Print the result as JSON.")
    var json = false

    private var plan: MembershipPlan {
        var plan = MembershipPlan()
        (plan.keys, plan.clients, plan.putPercentage, plan.valueSize) = (keys, clients, puts, valueSize)
        (plan.ring, plan.duration, plan.seed) = (ring, duration, seed)
        return plan
    }

    func validate() throws {
        if let objection = plan.objection { throw ValidationError(objection) }
    }

    func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        var settings = StoreSpec()
        (settings.nodes, settings.ring) = (plan.nodes, plan.ring)
        var isGood = false
        try LoopbackStore.prepare(data: data, node: node, settings: settings, arguments: [], group: group) {
            cluster, directory in
            do {
                try cluster.start()
                let bench = MembershipBench(
                    plan: plan, cluster: cluster, machine: Machine(directory: directory.path), group: group)
                if !json { bench.onProgress = { FileHandle.standardError.write(Data("\($0) …\n".utf8)) } }
                let report = try bench.run()
                print(json ? report.json : report.text)
                isGood = report.isGood
            } catch {
                throw Failure.broken("\(error)")
            }
        }
        if !isGood { throw ExitCode(ExitStatus.invalid) }
    }
}
