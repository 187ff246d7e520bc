import History
import Workload

/// Carries out a plan of faults against a bench, one step after the other, and writes each into the history.
///
/// Whatever happens, it ends with everything undone: no partition, no paused node, every node started again.
public actor NemesisRunner {
    /// A fault in force.
    private struct Active {
        let fault: PlannedFault
        var nodes: [String]
        var report: FaultReport
        /// Number of the partition, so that the end of an earlier one does not heal a later one.
        var partition: Int?
    }

    private let plan: FaultPlan
    private let hotKeys: [String]
    private let bench: any Bench
    private let sink: any EventSink
    private var generator: FaultGenerator

    private var active: [Active] = []
    private var killed: Set<String> = []
    private var paused: Set<String> = []
    private var partitions = 0
    private var reports: [FaultReport] = []
    private let stopSignal = StopSignal()

    /// - Parameters:
    ///   - hotKeys: the keys whose homes the target `home` is drawn from.
    ///   - seed: draws targets and sides.
    public init(plan: FaultPlan, hotKeys: [String], bench: any Bench, sink: any EventSink, seed: UInt64) {
        self.plan = plan
        self.hotKeys = hotKeys
        self.bench = bench
        self.sink = sink
        generator = FaultGenerator(seed: seed)
    }

    /// The faults in force, in words, for the progress display.
    public var inForce: [String] { active.map { describe($0) } }

    /// Lets ``run()`` undo what is in force and return; from any thread.
    public nonisolated func stop() { stopSignal.stop() }

    /// Runs the plan until it ends or ``stop()``, then undoes everything. The faults that were carried out, with what failed.
    public func run() async -> [FaultReport] {
        let clock = ContinuousClock()
        let began = clock.now
        var upcoming = plan.faults[...]
        while !stopSignal.isStopped {
            let nextEnd = active.min { $0.fault.end < $1.fault.end }
            if let ending = nextEnd, upcoming.first.map({ ending.fault.end <= $0.begin }) ?? true {
                guard await stopSignal.sleep(until: began + ending.fault.end) else { break }
                await end(ending.fault)
            } else if let fault = upcoming.popFirst() {
                guard await stopSignal.sleep(until: began + fault.begin) else { break }
                await begin(fault)
            } else {
                break
            }
        }
        await undoEverything()
        return reports
    }

    // MARK: - Beginning

    private func begin(_ fault: PlannedFault) async {
        switch fault.action {
        case .kill(let target): await beginKill(fault, target)
        case .pause(let target): await beginPause(fault, target)
        case .partition(let shape, let clientsCut): await beginPartition(fault, shape, clientsCut: clientsCut)
        }
    }

    private func beginKill(_ fault: PlannedFault, _ target: FaultSpec.Target) async {
        guard let node = await resolve(target) else { return }
        killed.insert(node)
        paused.remove(node)
        record(.kill, [node])
        await force(fault, name: "kill", nodes: [node]) { try await self.bench.kill(node) }
    }

    private func beginPause(_ fault: PlannedFault, _ target: FaultSpec.Target) async {
        guard let node = await resolve(target) else { return }
        paused.insert(node)
        record(.pause, [node])
        await force(fault, name: "pause", nodes: [node]) { try await self.bench.pause(node) }
    }

    private func beginPartition(_ fault: PlannedFault, _ shape: FaultSpec.Shape, clientsCut: Bool) async {
        var isolated: String?
        if case .isolate(let target) = shape {
            isolated = await resolve(target)
            guard isolated != nil else { return }
        }
        let groups = shape.groups(of: bench.nodes, isolated: isolated, using: &generator)
        let cuts = DirectedLink.between(groups)
        // The largest side keeps its clients: somebody must be able to work.
        let largest = groups.max { $0.count < $1.count } ?? []
        let without = clientsCut ? bench.nodes.filter { !largest.contains($0) } : []
        endPartitionInForce()
        partitions += 1
        var draft = EventDraft(0, .nemesis, .info, .partition)
        draft.list = .groups(groups)
        sink.record(draft)
        await force(fault, name: "partition", nodes: [], groups: groups, cuts: cuts, partition: partitions) {
            try await self.bench.cut(cuts, clientsOf: without)
        }
    }

    /// A new partition replaces the one in force: its interval ends where the new one begins.
    private func endPartitionInForce() {
        guard let index = active.firstIndex(where: { $0.partition == partitions && $0.partition != nil }) else {
            return
        }
        var ended = active.remove(at: index)
        ended.report.end = bench.now
        reports.append(ended.report)
    }

    /// Does what begins a fault and keeps it as one in force, with the time from call to effect.
    private func force(
        _ fault: PlannedFault, name: String, nodes: [String], groups: [[String]] = [], cuts: [DirectedLink] = [],
        partition: Int? = nil, _ effect: () async throws -> Void
    ) async {
        let call = bench.now
        var failure: String?
        do { try await effect() } catch { failure = "\(error)" }
        let begin = bench.now
        let report = FaultReport(
            name: name, nodes: nodes, groups: groups, begin: begin, end: begin, effectTime: begin - call,
            failure: failure,
            cuts: cuts)
        active.append(Active(fault: fault, nodes: nodes, report: report, partition: partition))
    }

    // MARK: - Ending

    private func end(_ fault: PlannedFault) async {
        guard let index = active.firstIndex(where: { $0.fault == fault }) else { return }
        var ended = active.remove(at: index)
        ended.report.end = bench.now
        do { try await undo(ended) } catch { ended.report.failure = ended.report.failure ?? "\(error)" }
        reports.append(ended.report)
    }

    private func undo(_ ended: Active) async throws {
        switch ended.fault.action {
        case .kill:
            guard let node = ended.nodes.first, killed.contains(node) else { return }
            try await bench.start(node)
            killed.remove(node)
            record(.restart, [node])
        case .pause:
            guard let node = ended.nodes.first, paused.contains(node) else { return }
            try await bench.resume(node)
            paused.remove(node)
            record(.resume, [node])
        case .partition:
            guard ended.partition == partitions else { return }
            try await bench.cut([], clientsOf: [])
            sink.record(EventDraft(0, .nemesis, .info, .heal))
        }
    }

    private func undoEverything() async {
        while let next = active.first { await end(next.fault) }
    }

    // MARK: - Targets

    /// The node that a target means now; nil when no node that runs fits.
    private func resolve(_ target: FaultSpec.Target) async -> String? {
        let free = bench.nodes.filter { !killed.contains($0) && !paused.contains($0) }
        switch target {
        case .node(let name):
            return free.contains(name) ? name : nil
        case .random:
            return free.randomElement(using: &generator)
        case .home:
            guard let key = hotKeys.randomElement(using: &generator) else { return free.first }
            let preference = await bench.preferenceList(of: key) ?? []
            return preference.first { free.contains($0) } ?? free.randomElement(using: &generator)
        }
    }

    private func record(_ function: Function, _ nodes: [String]) {
        var draft = EventDraft(0, .nemesis, .info, function)
        draft.list = .ids(nodes)
        sink.record(draft)
    }

    private func describe(_ fault: Active) -> String {
        fault.report.groups.isEmpty
            ? "\(fault.report.name) \(fault.nodes.joined(separator: ","))"
            : fault.report.groups.map { $0.joined(separator: ",") }.joined(separator: " | ")
    }
}
