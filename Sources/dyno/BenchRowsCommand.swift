import ArgumentParser
import Controller
import Foundation
import NIOPosix
import Stress
import Workload

/// `dyno bench rows`.
struct BenchRowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rows",
        abstract: "Measure a node with a million keys: start, memory, and an exchange that finds ten that differ.",
        discussion: """
            Writes the rows to the files of two dynamo-nodes that both hold every key, starts them, ends them cleanly, and starts them \
            again; meanwhile some keys are written to one of them only, with neither hints nor read repair, so that the Merkle exchange \
            has to find them.

              dyno bench rows
              dyno bench rows --keys 100000 --differing 100 --json

            Takes about 300 MB of disk for each million keys and node. Exit status: 0 measured, 254 unusable arguments, 255 the nodes \
            did not do what is measured.
            """)

    @Option(help: "Keys that each of the two nodes holds.")
    var keys = 1_000_000

    @Option(help: "Keys in which they differ.")
    var differing = 10

    @Option(help: "Bytes of a value.")
    var valueSize = 100

    @Option(
        help: "Where the nodes keep their data meanwhile; by default a temporary directory.", completion: .directory)
    var data: String?

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    private var plan: RowsPlan {
        var plan = RowsPlan()
        (plan.keys, plan.differing, plan.valueSize) = (keys, differing, valueSize)
        return plan
    }

    func validate() throws {
        if let objection = plan.objection { throw ValidationError(objection) }
    }

    func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        var settings = StoreSpec()
        (settings.nodes, settings.n, settings.r, settings.w) = (2, 2, 1, 1)
        (settings.hintedHandoff, settings.readRepair, settings.sloppyQuorum) = (false, false, false)
        try LoopbackStore.prepare(
            data: data, node: node, settings: settings, arguments: [], group: group
        ) { cluster, _ in
            let bench = RowsBench(plan: plan, cluster: cluster, group: group)
            if !json { bench.onProgress = { FileHandle.standardError.write(Data("\($0) …\n".utf8)) } }
            do {
                let report = try bench.run()
                print(json ? report.json : report.text)
            } catch {
                throw Failure.broken("\(error)")
            }
        }
    }
}
