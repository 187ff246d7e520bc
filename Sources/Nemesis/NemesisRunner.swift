import History
import Synchronization
import Workload

/// Carries out a plan of faults against a bench, or faults one by one by hand, and writes each into the history.
///
/// Whatever happens, ``run()`` ends with everything undone: nothing cut or shaped, no paused node, every clock right, every
/// node started again that is not meant to be gone. An undo that fails is tried once more at the end, and one that is stuck is
/// named and left to itself.
public actor NemesisRunner {
    /// A fault in force.
    struct Active {
        let id: Int
        var report: FaultReport
        /// When it is called off: its whole time after it was there.
        var ends: ContinuousClock.Instant = .now
        /// What goes on by itself while the nemesis attends to other faults: a join, a rolling restart.
        var work: Task<[String], any Error>?
        /// Whether that has come to its end.
        var isWorkDone = false
    }

    /// How often it is looked whether that has come to its end, when nothing else is to be done.
    private static let attention = Duration.milliseconds(50)

    /// How long making or undoing one fault may take. What takes long by nature has limits of its own within this.
    public static let limit = Duration.seconds(60)
    static let limitOfLongWork = Duration.seconds(240)

    private let plan: FaultPlan
    private let hotKeys: [String]
    let bench: any Bench
    let sink: any EventSink
    private let limit: Duration
    private var generator: SeededGenerator

    var active: [Active] = []
    private var reports: [FaultReport] = []
    private var lastID = 0
    /// Nodes that left the ring or were replaced.
    var gone: Set<String> = []
    private var recovered: String?
    /// What could not be undone.
    private var stuck: [Deed] = []
    private let stopSignal = StopSignal()
    /// Bounded faults of the plan that have not ended yet.
    private let outstanding: Atomic<Int>
    private var boundedIDs: Set<Int> = []

    /// - Parameters:
    ///   - hotKeys: the keys whose homes the target `home` is drawn from.
    ///   - seed: draws targets and sides.
    ///   - limit: how long making or undoing one fault may take.
    public init(
        plan: FaultPlan, hotKeys: [String], bench: any Bench, sink: any EventSink, seed: UInt64,
        limit: Duration = NemesisRunner.limit
    ) {
        self.plan = plan
        self.hotKeys = hotKeys
        self.bench = bench
        self.sink = sink
        self.limit = limit
        generator = SeededGenerator(seed: seed)
        outstanding = Atomic(plan.faults.count(where: \.isBounded))
    }

    /// The faults in force, in words, for the progress display.
    public var inForce: [String] { active.map(\.report.summary) }

    /// The faults in force by number, each as it was begun.
    public var faultsInForce: [(id: Int, report: FaultReport)] { active.map { ($0.id, $0.report) } }

    /// Whether faults are still to come or in force that the load must outlast; from any thread. On a busy machine, making a fault
    /// may take so long that the next ones begin later than planned.
    public nonisolated var isAtWork: Bool { !stopSignal.isStopped && outstanding.load(ordering: .relaxed) > 0 }

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
                if ending.work != nil, let index = active.firstIndex(where: { $0.id == ending.id }),
                    !active[index].isWorkDone
                {
                    // Other faults go on meanwhile: it may be their end that this one waits for.
                    active[index].ends = .now + Self.attention
                    continue
                }
                await end(ending.id)
            } else if let fault = upcoming.popFirst() {
                guard await stopSignal.sleep(until: began + fault.begin) else { break }
                let id = await begin(fault.action, for: fault.duration)
                if fault.isBounded { id.map { _ = boundedIDs.insert($0) } ?? settle() }
            } else {
                break
            }
        }
        return await endAll()
    }

    /// A bounded fault has ended, or met nobody.
    private func settle() { outstanding.subtract(1, ordering: .relaxed) }

    /// The final heal: undoes whatever is in force. All faults that were carried out so far, with what failed.
    public func endAll() async -> [FaultReport] {
        while let next = active.first { await end(next.id) }
        // Once more what failed: each undo may be asked for again, and a node that did not start may start now.
        for deed in stuck {
            _ = try? await Limited.run(deed.name, within: limit) { try await self.undo(deed) }
        }
        stuck = []
        return reports
    }

    // MARK: - Beginning

    /// Makes a fault on whom it means now, and gives back its number; nil when nobody fits, which is recorded.
    @discardableResult
    public func begin(_ action: FaultSpec.Action, for duration: Duration) async -> Int? {
        guard let (deed, how) = await draw(action) else {
            recordSkipped(action)
            return nil
        }
        if case .partition = deed { endPartitionInForce() }
        var report = FaultReport(deed: deed, drawn: how, call: bench.now)
        record(begin: report)
        // Not before: the history may have been busy with a block.
        report.call = bench.now
        // In force from here on, so that what is composed of all faults in force takes it in.
        lastID += 1
        let id = lastID
        active.append(Active(id: id, report: report))
        var work: Task<[String], any Error>?
        do {
            if let long = longWork(deed) {
                work = long
            } else {
                report.seen += try await Limited.run("making \(report.summary)", within: limit) {
                    try await self.make(deed)
                }
            }
        } catch {
            report.failure = "\(error)"
        }
        report.begin = bench.now
        (report.end, report.gone) = (report.begin, report.begin)
        guard let index = active.firstIndex(where: { $0.id == id }) else { return id }
        active[index].report = report
        active[index].ends = .now + duration
        active[index].work = work
        if let work { watch(work, of: id) }
        return id
    }

    private func watch(_ work: Task<[String], any Error>, of id: Int) {
        Task {
            _ = await work.result
            if let index = active.firstIndex(where: { $0.id == id }) { active[index].isWorkDone = true }
        }
    }

    /// A new partition replaces the one in force: its interval ends where the new one begins.
    private func endPartitionInForce() {
        guard let index = active.firstIndex(where: { !$0.report.groups.isEmpty }) else { return }
        var ended = active.remove(at: index)
        if boundedIDs.remove(ended.id) != nil { settle() }
        ended.report.end = bench.now
        ended.report.gone = ended.report.end
        reports.append(ended.report)
    }

    /// Whom and what a planned fault means now; nil when nobody fits.
    private func draw(_ action: FaultSpec.Action) async -> (deed: Deed, how: String)? {
        let claims: Set<Deed.Claim> = [.process, action.claim]
        let occupied = Set(active.filter { claims.contains($0.report.deed.claim) }.flatMap(\.report.deed.nodes))
            .union(gone)
        let draw = TargetDraw(
            bench: bench, free: bench.nodes.filter { !occupied.contains($0) }, hotKeys: hotKeys, recovered: recovered)
        var generator = generator
        defer { self.generator = generator }
        return await action.deed(draw, among: bench.nodes.filter { !gone.contains($0) }, using: &generator)
    }

    // MARK: - Ending

    /// Ends the fault with a number that ``begin(_:for:)`` gave; what became of it, nil when it is not in force.
    @discardableResult
    public func end(_ id: Int) async -> FaultReport? {
        guard let index = active.firstIndex(where: { $0.id == id }) else { return nil }
        var ended = active.remove(at: index)
        ended.report.end = bench.now
        let deed = ended.report.deed
        do {
            if let work = ended.work {
                ended.report.seen += try await Limited.run(
                    ended.report.summary, within: max(limit, Self.limitOfLongWork)
                ) { try await work.value }
            }
            ended.report.seen += try await Limited.run("the undo of \(ended.report.summary)", within: limit) {
                try await self.undo(deed)
            }
        } catch {
            ended.report.failure = ended.report.failure ?? "\(error)"
            stuck.append(deed)
        }
        ended.report.gone = bench.now
        recovered = deed.nodes.first ?? recovered
        record(end: ended.report)
        reports.append(ended.report)
        if boundedIDs.remove(ended.id) != nil { settle() }
        return ended.report
    }
}
