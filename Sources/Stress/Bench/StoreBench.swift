import Controller
import Foundation
import NIOCore
import NIOPosix
import Workload

/// Measures a store, row by row: clients in closed loops, a warm-up, a window of time.
///
/// Blocks the calling thread, which must be the one that started the cluster.
public final class StoreBench {
    /// Why a measurement could not be made.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    let plan: BenchPlan
    private let cluster: LoopbackCluster?
    private let targets: [NodeEndpoint]
    let group: MultiThreadedEventLoopGroup
    private var routes: [[Int]]?
    private let frames: BenchFrames
    public private(set) var report: BenchReport

    /// Measures five nodes of ours, which run already.
    public init(plan: BenchPlan, cluster: LoopbackCluster, machine: Machine, group: MultiThreadedEventLoopGroup) {
        self.plan = plan
        self.cluster = cluster
        self.group = group
        targets = cluster.endpoints
        frames = BenchFrames(bucket: plan.bucket, keys: plan.keys, valueSize: plan.valueSize, seed: plan.seed)
        report = BenchReport(
            machine: machine,
            subject: "\(cluster.nodes.count) x dynamo-node on loopback, every acknowledgement fsynced, "
                + Self.subject(plan))
    }

    /// Measures somebody else's store, which runs already and speaks Riak's protocol buffers port.
    public init(plan: BenchPlan, targets: [NodeEndpoint], group: MultiThreadedEventLoopGroup) {
        self.plan = plan
        self.group = group
        self.targets = targets
        cluster = nil
        frames = BenchFrames(bucket: plan.bucket, keys: plan.keys, valueSize: plan.valueSize, seed: plan.seed)
        let names = targets.map { "\($0.host):\($0.port)" }.joined(separator: ", ")
        report = BenchReport(machine: Machine(directory: nil), subject: "\(names), " + Self.subject(plan))
    }

    private static func subject(_ plan: BenchPlan) -> String {
        "\(plan.keys) keys, values of \(plan.valueSize) bytes, "
            + (plan.carriesContext ? "puts pass back the context" : "puts without a context")
            + (plan.aware ? ", clients that know the ring" : "")
    }

    /// Milliseconds from the start of all nodes until each served, for the report.
    public var startMilliseconds: Double? {
        get { report.startMilliseconds }
        set { report.startMilliseconds = newValue }
    }

    /// Fills the store with every key, so that gets find something and puts replace it.
    ///
    /// - Throws: ``Failure``, also when nothing answers within `limit` seconds.
    public func prepare(limit: Double = 120) throws {
        if let cluster {
            report.idleMegabytes = megabytes(cluster)
            if plan.aware { routes = try learnRoutes(cluster) }
        } else {
            try greet(targets)
        }
        let load = try makeLoad(connections: 16, putPercentage: 100)
        defer { try? group.next().submit { load.value.close() }.wait() }
        try wait(for: group.next().flatSubmit { load.value.fill() }, limit: limit, load: load)
    }

    /// Measures one row and adds it to the report.
    public func measure(_ row: BenchPlan.Row) throws -> BenchMeasure {
        let loop = group.next()
        let load = try makeLoad(connections: row.connections, putPercentage: row.putPercentage)
        defer { try? loop.submit { load.value.close() }.wait() }
        try loop.submit { load.value.run() }.wait()
        Thread.sleep(forTimeInterval: plan.warmUp)
        let meter = CPUMeter(cluster: cluster)
        try loop.submit { load.value.beginWindow() }.wait()
        let began = Date()
        if let fault = row.fault, let cluster {
            try suffer(fault, on: cluster, meter: meter, began: began, seconds: plan.duration(of: row))
        }
        Thread.sleep(until: began + plan.duration(of: row))
        let used = meter.used()
        let window = try wait(
            for: loop.flatSubmit { load.value.end() }, limit: plan.patience * Double(targets.count + 1) + 5, load: load)
        guard window.operations > 0 else {
            let reason = try loop.submit { load.value.lastError }.wait()
            throw Failure(description: "not one operation was answered: \(reason ?? "nothing came back")")
        }
        let measure = BenchMeasure(row, window, nodes: used.nodes, load: used.load)
        report.rows.append(measure)
        if let cluster { report.finalMegabytes = megabytes(cluster) }
        return measure
    }

    // MARK: -

    private func suffer(
        _ fault: BenchPlan.Fault, on cluster: LoopbackCluster, meter: CPUMeter, began: Date, seconds: Double
    ) throws {
        let victim = 1 % cluster.nodes.count
        Thread.sleep(until: began + seconds / 5)
        switch fault {
        case .kill:
            meter.willEnd(victim)
            cluster.kill(victim)
        case .pause: cluster.signal(victim, SIGSTOP)
        }
        Thread.sleep(until: began + seconds / 2)
        switch fault {
        case .kill:
            try cluster.launch(victim)
            meter.started(victim)
            try cluster.awaitReadiness(victim)
        case .pause: cluster.signal(victim, SIGCONT)
        }
    }

    private func makeLoad(connections: Int, putPercentage: Int) throws -> NIOLoopBound<BenchLoad> {
        let settings = BenchLoad.Settings(
            connections: connections, putPercentage: putPercentage, targets: targets,
            carriesContext: plan.carriesContext, routes: routes,
            patience: .milliseconds(Int64(plan.patience * 1_000)), seed: plan.seed)
        let loop = group.next()
        return try loop.submit { [frames] in
            NIOLoopBound(BenchLoad(settings: settings, frames: frames, eventLoop: loop), eventLoop: loop)
        }.wait()
    }

    /// Waits for a future, but not for ever.
    private func wait<T: Sendable>(
        for future: EventLoopFuture<T>, limit: Double, load: NIOLoopBound<BenchLoad>
    ) throws -> T {
        let loop = group.next()
        let bounded = loop.makePromise(of: T.self)
        let timeout = loop.scheduleTask(in: .milliseconds(Int64(limit * 1_000))) {
            let reason = load.value.lastError ?? "nothing came back"
            bounded.fail(Failure(description: "the store did not answer in \(Int(limit)) seconds: \(reason)"))
        }
        future.whenComplete { result in
            timeout.cancel()
            bounded.completeWith(result)
        }
        return try bounded.futureResult.wait()
    }

    private func megabytes(_ cluster: LoopbackCluster) -> Double {
        let sizes = cluster.nodes.compactMap(\.pid).map { Double(ProcessTimes.residentBytes(pid: $0)) / 1e6 }
        return sizes.isEmpty ? 0 : sizes.reduce(0, +) / Double(sizes.count)
    }
}

extension Thread {
    /// Returns at once when the time has passed.
    fileprivate static func sleep(until date: Date) {
        let left = date.timeIntervalSinceNow
        if left > 0 { sleep(forTimeInterval: left) }
    }
}

extension BenchMeasure {
    init(_ row: BenchPlan.Row, _ window: BenchLoad.Window, nodes: Int64?, load: Int64) {
        let count = Double(Swift.max(1, window.operations))
        let seconds = Double(window.duration) / 1e9
        func milliseconds(_ percentile: Double) -> Double {
            Double(window.latencies.valueAtPercentile(percentile)) / 1_000
        }
        self.init(
            connections: row.connections, mix: row.mix, fault: row.fault, operations: window.operations,
            errors: window.errors, seconds: seconds, operationsPerSecond: seconds > 0 ? count / seconds : 0,
            p50: milliseconds(50), p99: milliseconds(99), p999: milliseconds(99.9),
            max: Double(window.latencies.max) / 1_000, nodeMicroseconds: nodes.map { Double($0) / 1_000 / count },
            loadMicroseconds: Double(load) / 1_000 / count)
    }
}

/// Processor time from one moment to another, of the nodes and of this process.
private final class CPUMeter {
    private let cluster: LoopbackCluster?
    private var nodesAtStart: [Int64]
    private var ended: Int64 = 0
    private let loadAtStart: Int64

    init(cluster: LoopbackCluster?) {
        self.cluster = cluster
        nodesAtStart = cluster?.nodes.map { Self.time($0.pid) } ?? []
        loadAtStart = ProcessTimes.nanoseconds(pid: getpid())
    }

    /// A node is about to be killed: what it has used is lost with it.
    func willEnd(_ node: Int) {
        guard let cluster else { return }
        ended += Self.time(cluster.nodes[node].pid) - nodesAtStart[node]
        nodesAtStart[node] = 0
    }

    /// A node was started again: all that its process uses counts.
    func started(_ node: Int) { nodesAtStart[node] = 0 }

    func used() -> (nodes: Int64?, load: Int64) {
        let load = ProcessTimes.nanoseconds(pid: getpid()) - loadAtStart
        guard let cluster else { return (nil, load) }
        let now = cluster.nodes.map { Self.time($0.pid) }
        return (zip(now, nodesAtStart).reduce(ended) { $0 + $1.0 - $1.1 }, load)
    }

    private static func time(_ pid: Int32?) -> Int64 { pid.map(ProcessTimes.nanoseconds) ?? 0 }
}
