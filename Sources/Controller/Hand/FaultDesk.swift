import Foundation
import History
import Nemesis
import Workload

/// A store in the sandbox whose faults are begun and ended by hand, with a little load on it so that a fault meets traffic, and
/// every fault witnessed as in a run.
public actor FaultDesk {
    public struct Settings: Sendable {
        /// Store, load and keys; its faults are not carried out.
        public var workload: Workload
        public var nodeExecutable: String
        public var faultLibrary: String
        public var socket: String

        public init(workload: Workload, nodeExecutable: String, faultLibrary: String, socket: String) {
            self.workload = workload
            self.nodeExecutable = nodeExecutable
            self.faultLibrary = faultLibrary
            self.socket = socket
        }
    }

    /// A fault that is begun by hand lasts until it is ended by hand.
    private static let untilEnded = Duration.seconds(86_400)
    /// The capture matches deliveries with what was sent half a second later.
    private static let readingTime = Duration.milliseconds(800)

    private let settings: Settings
    private let assembly: Assembly
    private let nemesis: NemesisRunner
    private let server: FaultServer
    private let runner: LoadRunner
    private var load: Task<LoadResult, Never>?

    /// Boots the store, puts the load on it and listens.
    public init(_ settings: Settings, directory: RunDirectory) async throws {
        self.settings = settings
        let workload = settings.workload
        var header = Header()
        (header.name, header.nodes) = (workload.name, workload.store.nodeNames)
        server = try FaultServer(path: settings.socket)
        assembly = try Assembly(
            .init(
                settings: workload.store, nodeExecutable: settings.nodeExecutable, flaw: nil,
                faultLibrary: settings.faultLibrary, actions: Self.possible(workload.store), directory: directory,
                header: header, seed: workload.seed, way: Sandbox.inside == nil ? .relay : .namespaces))
        nemesis = NemesisRunner(
            plan: FaultPlan([]), hotKeys: workload.keys.hottest(5), bench: assembly.bench, sink: assembly.recorder,
            seed: workload.seed)
        runner = assembly.makeLoad(workload, seed: workload.seed)
        _ = try await assembly.boot()
        let runner = runner
        load = Task { await runner.runLoad() }
        server.serve { [weak self] request in
            await self?.answer(request) ?? .init(isGood: false, text: "the cluster is ending")
        }
    }

    /// One of each fault that needs something to be there before the nodes start.
    private static func possible(_ store: StoreSpec) -> [FaultSpec.Action] {
        let links = FaultSpec.Scope(target: .random, direction: .both)
        var actions: [FaultSpec.Action] = [
            .clock(.jump(.zero), .random), .disk(.error, .random), .links(.reset, links),
        ]
        guard let sandbox = Sandbox.inside else { return actions }
        actions += [.disk(.full, .random), .join("n\(store.nodes + 1)")]
        if sandbox == .root { actions += [.powerLoss(.random), .outOfMemory(.random)] }
        return actions
    }

    /// Where each node is, for a person.
    public var places: [String] {
        assembly.bench.members.map {
            "\($0.node)  \($0.address)  HTTP \(DynamoStore.httpPort), protocol buffers \(assembly.store.clientPort)"
        }
    }

    public var addresses: [String] { assembly.bench.members.map(\.address) }

    /// Undoes everything and ends the store. What became of the faults is in the history.
    public func end() async {
        server.stop()
        let reports = await nemesis.endAll()
        runner.stop()
        _ = await load?.value
        _ = assembly.shutDown()
        Witnesses(evidence: assembly.network.evidence, recorder: assembly.recorder).record(
            reports, crashes: assembly.crashes, problem: nil)
        try? assembly.recorder.close()
        assembly.remove(keepingData: false)
    }

    // MARK: - Requests

    private func answer(_ request: FaultRequest) async -> FaultRequest.Answer {
        switch request.deed {
        case .list: return .init(isGood: true, text: await list())
        case .start: return await start(request.what)
        case .stop: return await stop(request.what)
        }
    }

    private func list() async -> String {
        let faults = await nemesis.faultsInForce
        if faults.isEmpty { return "no fault is in force" }
        return faults.map { "\($0.id)  \($0.report.summary) (\($0.report.drawn)), since \(since($0.report))" }
            .joined(separator: "\n")
    }

    private func since(_ report: FaultReport) -> String {
        String(format: "%.1f s", Double(assembly.recorder.now - report.begin) / 1e9)
    }

    private func start(_ line: String) async -> FaultRequest.Answer {
        let action: FaultSpec.Action
        do {
            action = try FaultLine.action(line, store: settings.workload.store)
        } catch {
            return .init(isGood: false, text: error.message)
        }
        if let objection = objection(to: action) { return .init(isGood: false, text: objection) }
        guard let id = await nemesis.begin(action, for: Self.untilEnded),
            let report = await nemesis.faultsInForce.first(where: { $0.id == id })?.report
        else { return .init(isGood: false, text: "nobody fits \"\(line)\" now") }
        let milliseconds = String(format: "%.1f ms", Double(report.begin - report.call) / 1e6)
        if let failure = report.failure {
            _ = await nemesis.end(id)
            return .init(isGood: false, text: "\(report.summary) failed and was undone: \(failure)")
        }
        let seen = report.seen.isEmpty ? "" : "; " + report.seen.joined(separator: "; ")
        return .init(
            isGood: true, text: "\(id)  \(report.summary) (\(report.drawn)) is there after \(milliseconds)\(seen)")
    }

    /// Makes a fault, holds it and undoes it.
    func round(
        _ line: String, hold: Duration
    ) async -> Result<(report: FaultReport, proven: Bool, sentence: String), FaultRefused> {
        let action: FaultSpec.Action
        do {
            action = try FaultLine.action(line, store: settings.workload.store)
        } catch {
            return .failure(FaultRefused(description: error.message))
        }
        if let objection = objection(to: action) { return .failure(FaultRefused(description: objection)) }
        guard let id = await nemesis.begin(action, for: Self.untilEnded) else {
            return .failure(FaultRefused(description: "nobody fits"))
        }
        try? await Task.sleep(for: hold)
        guard let report = await nemesis.end(id) else { return .failure(FaultRefused(description: "ended early")) }
        try? await Task.sleep(for: Self.readingTime)
        let judge = Witnesses(evidence: assembly.network.evidence, recorder: assembly.recorder)
        let (proven, sentence) = judge.judge(report)
        return .success((report, proven, sentence))
    }

    private func objection(to action: FaultSpec.Action) -> String? {
        var workload = settings.workload
        workload.faults = [FaultSpec(action: action, schedule: .once(at: .zero), duration: .zero)]
        if Sandbox.inside == nil { return workload.objectionToRelay }
        guard action.needsRoot, Sandbox.inside != .root else { return nil }
        return
            "the fault \(action.word) cannot be had by an ordinary user: loop devices and control groups belong to root"
    }

    private func stop(_ which: String) async -> FaultRequest.Answer {
        let faults = await nemesis.faultsInForce
        let chosen = faults.filter { which == "all" || "\($0.id)" == which || $0.report.name == which }
        guard !chosen.isEmpty else {
            let names = faults.map { "\($0.id) (\($0.report.name))" }.joined(separator: ", ")
            let there = faults.isEmpty ? "no fault is in force" : "in force: \(names); or all"
            return .init(isGood: which == "all", text: which == "all" ? there : "no such fault: \(there)")
        }
        var ended: [(id: Int, report: FaultReport)] = []
        for fault in chosen {
            if let report = await nemesis.end(fault.id) { ended.append((fault.id, report)) }
        }
        if ended.contains(where: { !$0.report.deed.links.isEmpty }) { try? await Task.sleep(for: Self.readingTime) }
        let judge = Witnesses(evidence: assembly.network.evidence, recorder: assembly.recorder)
        var isGood = true
        let lines = ended.map { id, report in
            let (proven, sentence) = judge.judge(report)
            isGood = isGood && proven
            let milliseconds = String(format: "%.1f ms", Double(report.gone - report.end) / 1e6)
            return "\(id)  \(report.summary) is gone after \(milliseconds); "
                + (proven ? "witnessed: " : "NOT PROVEN: ") + sentence
        }
        return .init(isGood: isGood, text: lines.joined(separator: "\n"))
    }
}
