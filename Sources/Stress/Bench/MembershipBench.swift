import Controller
import Foundation
import NIOCore
import NIOPosix
import RiakProtocol

/// Measures what a change of the ring costs: under load a node joins, and then another leaves and is stopped. Clients are told of
/// the newcomer once it serves, and turned away from the leaver once it says that it may be stopped, as a load balancer does it;
/// until then its failures count like those of any node.
///
/// Each key is written by one client, one put after the other with the context of the last answer, each with a stamp: so at the
/// end the last acknowledged stamp of each key must be found, whatever moved where meanwhile.
///
/// Blocks the calling thread, which must be the one that started the cluster.
public final class MembershipBench {
    /// Why a measurement could not be made.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Seconds that the replicas may take to agree at the end.
    private static let convergenceLimit = 60.0
    /// Seconds that clients wait for an answer.
    private static let patience = 5.0

    private let plan: MembershipPlan
    private let cluster: LoopbackCluster
    private let loop: any EventLoop
    private let reader: HTTPReader
    private var report: MembershipReport
    /// Told what is going on.
    public var onProgress: (String) -> Void = { _ in }

    /// - Parameter cluster: as many nodes as planned, which run.
    public init(
        plan: MembershipPlan, cluster: LoopbackCluster, machine: Machine, group: MultiThreadedEventLoopGroup
    ) {
        self.plan = plan
        self.cluster = cluster
        loop = group.next()
        reader = HTTPReader(group: group)
        report = MembershipReport(
            machine: machine,
            plan: "\(plan.nodes) x dynamo-node, \(plan.ring) ring partitions, \(plan.keys) keys of \(plan.replicas) "
                + "copies, values of \(plan.valueSize) bytes; \(plan.clients) clients, \(plan.putPercentage) % puts")
    }

    /// Both changes, and the look at every key after them. Throws when a change does not come to its end.
    public func run() throws -> MembershipReport {
        let newcomer = plan.nodes
        let load = try makeLoad()
        defer { try? loop.submit { load.value.close() }.wait() }
        onProgress("writing \(plan.keys) keys")
        try loop.flatSubmit { load.value.fill() }.wait()
        try loop.submit {
            load.value.run()
            load.value.beginWindow()
        }.wait()
        try rest("before", load)
        onProgress("n\(plan.nodes + 1) joins")
        try change("a sixth node joins", nodesSharing: plan.nodes + 1, load) {
            let joined = try cluster.join("n\(plan.nodes + 1)")
            try turn(to: Array(0...newcomer), load)
            try cluster.settle(joined)
        }
        try rest("between", load)
        onProgress("n2 leaves")
        let leaver = 1
        try change("another leaves", nodesSharing: plan.nodes + 1, load) { try cluster.leave(leaver) }
        try turn(to: (0...newcomer).filter { $0 != leaver }, load)
        guard cluster.terminate(leaver) == 0 else { throw Failure(description: "n2 did not end well") }
        try rest("after", load)
        let window = try loop.flatSubmit { load.value.end() }.wait()
        if window.errors > 0 { report.phases[report.phases.count - 1].failed += window.errors }
        report.firstFailure = try loop.submit { load.value.firstError }.wait()
        onProgress("reading every key from all its homes")
        try settleAccounts(try loop.submit { load.value.stamps }.wait())
        return report
    }

    // MARK: - Under load

    private func makeLoad() throws -> NIOLoopBound<BenchLoad> {
        // Where the newcomer is going to be is known only once it is there: it gets the next address.
        let targets = cluster.endpoints + [cluster.nextEndpoint("n\(plan.nodes + 1)")]
        var settings = BenchLoad.Settings(
            connections: plan.clients, putPercentage: plan.putPercentage, targets: targets, carriesContext: true,
            routes: nil, patience: .milliseconds(Int64(Self.patience * 1_000)), seed: plan.seed)
        settings.stampsKeys = true
        settings.absent = [plan.nodes]
        let frames = BenchFrames(bucket: plan.bucket, keys: plan.keys, valueSize: plan.valueSize, seed: plan.seed)
        return try loop.submit { [loop, settings] in
            NIOLoopBound(BenchLoad(settings: settings, frames: frames, eventLoop: loop), eventLoop: loop)
        }.wait()
    }

    private func turn(to nodes: [Int], _ load: NIOLoopBound<BenchLoad>) throws {
        try loop.flatSubmit { load.value.turn(to: nodes) }.wait()
    }

    private func rest(_ name: String, _ load: NIOLoopBound<BenchLoad>) throws {
        Thread.sleep(forTimeInterval: plan.duration)
        try note(name, load)
    }

    /// A change under load: how long it takes, what moves, and how the clients fare meanwhile.
    private func change(
        _ name: String, nodesSharing: Int, _ load: NIOLoopBound<BenchLoad>, _ body: () throws -> Void
    ) throws {
        let before = try (counter("dynamo_transfer_keys_total"), counter("dynamo_surplus_sent_total"))
        let began = Date()
        try body()
        let seconds = Date().timeIntervalSince(began)
        let after = try (counter("dynamo_transfer_keys_total"), counter("dynamo_surplus_sent_total"))
        report.moves.append(
            .init(
                name: name, seconds: seconds, moved: after.0 - before.0, sent: after.1 - before.1,
                copies: plan.keys * plan.replicas, ideal: 1 / Double(nodesSharing)))
        try note(name, load)
    }

    private func note(_ name: String, _ load: NIOLoopBound<BenchLoad>) throws {
        let window = try loop.submit { load.value.cut() }.wait()
        func milliseconds(_ percentile: Double) -> Double {
            Double(window.latencies.valueAtPercentile(percentile)) / 1_000
        }
        report.phases.append(
            .init(
                name: name, seconds: Double(window.duration) / 1e9, operations: window.operations,
                failed: window.errors, p50: milliseconds(50), p99: milliseconds(99), p999: milliseconds(99.9),
                max: Double(window.latencies.max) / 1_000))
    }

    /// What the nodes that run have counted, added up.
    private func counter(_ name: String) throws -> Int {
        try cluster.nodes.filter { $0.pid != nil }.reduce(0) { sum, node in
            let (reader, address) = (reader, node.address)
            let page = try loop.makeFutureWithTask {
                try await reader.get(host: address, port: DynamoStore.httpPort, path: "/metrics")
            }.wait()
            let line = String(decoding: page, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + " ") }
            guard let count = line.flatMap({ Int($0.dropFirst(name.count + 1)) }) else {
                throw Failure(description: "\(node.name) does not tell \(name)")
            }
            return sum + count
        }
    }

    // MARK: - At the end

    /// Waits until the replicas agree, and reads every key from all its homes.
    private func settleAccounts(_ stamps: [UInt64]) throws {
        let deadline = Date() + Self.convergenceLimit
        while let reason = cluster.disagreement() {
            guard Date() < deadline else { throw Failure(description: "the replicas do not agree: \(reason)") }
            Thread.sleep(forTimeInterval: 0.1)
        }
        let members = cluster.nodes.indices.filter { cluster.nodes[$0].pid != nil }
        let sockets = try members.map { member in
            try RiakSocket(host: cluster.endpoints[member].host, port: cluster.clientPort, limit: Self.patience)
        }
        for (key, stamp) in stamps.enumerated() where stamp > 0 {
            var get = RpbGetReq()
            get.bucket = Data(plan.bucket.utf8)
            get.key = Data(BenchFrames.name(of: key))
            (get.r, get.pr) = (UInt32(plan.replicas), UInt32(plan.replicas))
            let answer = try sockets[key % sockets.count].call(try Frame(.getRequest, get))
            report.read += 1
            let found = try? RpbGetResp(serializedBytes: answer.body)
            let isThere =
                answer.code == MessageCode.getResponse.rawValue
                && found?.content.contains { BenchFrames.stamp(in: $0.value) == stamp } == true
            if !isThere { report.lost += 1 }
        }
    }
}
