import History
import Workload

/// Carries out a plan of faults against a bench and writes each into the history.
///
/// Whatever happens, it ends with everything undone: nothing cut or shaped, no paused node, every clock right, every node
/// started again that is not meant to be gone.
public actor NemesisRunner {
    /// A fault in force.
    struct Active {
        let fault: PlannedFault
        var report: FaultReport
        /// When it is called off: its whole time after it was there.
        var ends: ContinuousClock.Instant = .now
        /// What goes on by itself while the nemesis attends to other faults: a join, a rolling restart.
        var work: Task<[String], any Error>?
    }

    private let plan: FaultPlan
    private let hotKeys: [String]
    let bench: any Bench
    let sink: any EventSink
    private var generator: SeededGenerator

    var active: [Active] = []
    private var reports: [FaultReport] = []
    /// Nodes that left the ring or were replaced.
    var gone: Set<String> = []
    private var recovered: String?
    private let stopSignal = StopSignal()

    /// - Parameters:
    ///   - hotKeys: the keys whose homes the target `home` is drawn from.
    ///   - seed: draws targets and sides.
    public init(plan: FaultPlan, hotKeys: [String], bench: any Bench, sink: any EventSink, seed: UInt64) {
        self.plan = plan
        self.hotKeys = hotKeys
        self.bench = bench
        self.sink = sink
        generator = SeededGenerator(seed: seed)
    }

    /// The faults in force, in words, for the progress display.
    public var inForce: [String] { active.map(\.report.summary) }

    /// Lets ``run()`` undo what is in force and return; from any thread.
    public nonisolated func stop() { stopSignal.stop() }

    /// Runs the plan until it ends or ``stop()``, then undoes everything. The faults that were carried out, with what failed.
    public func run() async -> [FaultReport] {
        let clock = ContinuousClock()
        let began = clock.now
        var upcoming = plan.faults[...]
        while !stopSignal.isStopped {
            let nextEnd = active.min { $0.ends < $1.ends }
            if let ending = nextEnd, upcoming.first.map({ ending.ends <= began + $0.begin }) ?? true {
                guard await stopSignal.sleep(until: ending.ends) else { break }
                await end(ending.fault)
            } else if let fault = upcoming.popFirst() {
                guard await stopSignal.sleep(until: began + fault.begin) else { break }
                await begin(fault)
            } else {
                break
            }
        }
        while let next = active.first { await end(next.fault) }
        return reports
    }

    // MARK: - Beginning

    private func begin(_ fault: PlannedFault) async {
        guard let (deed, how) = await draw(fault.action) else { return }
        if case .partition = deed { endPartitionInForce() }
        var report = FaultReport(deed: deed, drawn: how, call: bench.now)
        record(begin: report)
        // In force from here on, so that what is composed of all faults in force takes it in.
        active.append(Active(fault: fault, report: report))
        var work: Task<[String], any Error>?
        do {
            if let long = longWork(deed, within: fault.duration) {
                work = long
            } else {
                report.seen += try await make(deed)
            }
        } catch {
            report.failure = "\(error)"
        }
        report.begin = bench.now
        (report.end, report.gone) = (report.begin, report.begin)
        guard let index = active.firstIndex(where: { $0.fault == fault }) else { return }
        active[index].report = report
        active[index].ends = .now + fault.duration
        active[index].work = work
    }

    /// A new partition replaces the one in force: its interval ends where the new one begins.
    private func endPartitionInForce() {
        guard let index = active.firstIndex(where: { !$0.report.groups.isEmpty }) else { return }
        var ended = active.remove(at: index)
        ended.report.end = bench.now
        ended.report.gone = ended.report.end
        reports.append(ended.report)
    }

    /// Whom and what a planned fault means now; nil when nobody fits.
    private func draw(_ action: FaultSpec.Action) async -> (deed: Deed, how: String)? {
        let occupied = Set(active.filter(\.report.deed.occupies).flatMap(\.report.deed.nodes)).union(gone)
        let draw = TargetDraw(
            bench: bench, free: bench.nodes.filter { !occupied.contains($0) }, hotKeys: hotKeys, recovered: recovered)
        var generator = generator
        defer { self.generator = generator }
        let members = bench.nodes.filter { !gone.contains($0) }
        switch action {
        case .rollingRestart: return (.rollingRestart(draw.free), "all that run")
        case .join(let node): return (.join(node), "named")
        case .partition(let shape, let clientsCut):
            var isolated = TargetDraw.Found(nodes: [], how: "by shape")
            if case .isolate(let target, _) = shape {
                isolated = await draw.find(target, using: &generator)
                if isolated.nodes.isEmpty { return nil }
            }
            return shape.deed(among: members, isolated: isolated.nodes, clientsCut: clientsCut, using: &generator)
                .map { ($0, isolated.how) }
        case .kill(let target), .pause(let target), .files(_, let target), .leave(let target), .replace(let target, _),
            .clock(_, let target), .disk(_, let target):
            let found = await draw.find(target, using: &generator)
            return found.nodes.isEmpty ? nil : (action.deed(found.nodes), found.how)
        case .links(let trouble, let scope):
            let found = await draw.find(scope.target, using: &generator)
            let links = scope.direction.links(of: found.nodes, among: members)
            return links.isEmpty ? nil : (.trouble(trouble, links), found.how)
        }
    }

    // MARK: - Ending

    private func end(_ fault: PlannedFault) async {
        guard let index = active.firstIndex(where: { $0.fault == fault }) else { return }
        var ended = active.remove(at: index)
        ended.report.end = bench.now
        do {
            if let work = ended.work { ended.report.seen += try await work.value }
            ended.report.seen += try await undo(ended.report.deed)
        } catch {
            ended.report.failure = ended.report.failure ?? "\(error)"
        }
        ended.report.gone = bench.now
        recovered = ended.report.deed.nodes.first ?? recovered
        record(end: ended.report)
        reports.append(ended.report)
    }
}

extension FaultSpec.Action {
    /// The deed on nodes that were found; only of actions that have nodes for targets.
    fileprivate func deed(_ nodes: [String]) -> Deed {
        switch self {
        case .pause: .pause(nodes)
        case .files(let damage, _): .damage(damage, nodes)
        case .leave: .leave(nodes[0])
        case .replace(_, let newcomer): .replace(nodes[0], with: newcomer)
        case .clock(let trouble, _): .clock(trouble, nodes)
        case .disk(let trouble, _): .disk(trouble, nodes)
        case .kill, .rollingRestart, .partition, .links, .join: .kill(nodes)
        }
    }
}
