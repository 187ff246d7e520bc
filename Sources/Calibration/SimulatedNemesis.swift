import Dynamo
import History
import Nemesis
import Simulation
import Workload

/// Carries out a plan of faults in virtual time: the same plan, the same shapes and the same events as in a real run,
/// done to a simulated cluster.
struct SimulatedNemesis {
    struct Active {
        let fault: PlannedFault
        let deed: Deed
        let how: String
        let begin: Instant
        var ends: Instant
    }

    /// How long one node of a rolling restart is down, and how long until the next.
    private static let restartTime: Int64 = 300_000_000
    /// How often a change of the ring is looked at.
    private static let poll: Int64 = 100_000_000
    /// Objects that rot takes.
    private static let rottenObjects = 20

    private let start: Instant
    private let workload: Workload
    private var upcoming: ArraySlice<PlannedFault>
    private(set) var active: [Active] = []
    /// Restarts of a rolling restart that are still to come.
    private var errands: [(time: Instant, node: String, isStart: Bool)] = []
    private var generator: SeededGenerator
    private var recovered: String?
    private var gone: Set<String> = []
    /// What the history is told of each fault at the end.
    var witnesses: [SimulatedWitness] = []

    init(_ workload: Workload, plan: FaultPlan, seed: UInt64, from start: Instant) {
        self.workload = workload
        self.start = start
        upcoming = plan.faults[...]
        generator = SeededGenerator(seed: seed)
    }

    /// When something is to be done; nil: nothing any more.
    var nextTime: Instant? {
        let next = upcoming.first.map { start + $0.begin.wholeNanoseconds }
        return ([next, errands.first?.time] + active.map(\.ends)).compactMap { $0 }.min()
    }

    /// Nodes that clients are cut off from.
    var clientsOf: Set<String> {
        active.reduce(into: []) { cut, fault in
            if case .partition(_, _, let without) = fault.deed { cut.formUnion(without) }
        }
    }

    /// Does what is due.
    mutating func act(on cluster: inout Cluster, _ record: inout SimulatedRecord) throws {
        while let errand = errands.first, errand.time <= cluster.now {
            errands.removeFirst()
            if errand.isStart { try cluster.restart(errand.node) } else { cluster.crash(errand.node) }
        }
        // What has its time first ends, so that what begins at the same instant finds it over.
        while let ending = active.first(where: { $0.ends <= cluster.now }) {
            if isUnfinished(ending.deed, cluster) {
                postpone(ending, to: cluster.now + Self.poll)
            } else {
                try end(ending, on: &cluster, &record)
            }
        }
        while let fault = upcoming.first, start + fault.begin.wholeNanoseconds <= cluster.now {
            upcoming.removeFirst()
            try begin(fault, on: &cluster, &record)
        }
    }

    /// Undoes everything, and lets changes of the ring come to their end, which must be within 90 s.
    mutating func stop(on cluster: inout Cluster, _ record: inout SimulatedRecord) throws {
        upcoming = []
        for errand in errands where errand.isStart { try cluster.restart(errand.node) }
        errands = []
        let deadline = cluster.now + 90_000_000_000
        while let ending = active.first {
            if isUnfinished(ending.deed, cluster), cluster.now < deadline {
                // A node that is away may be the one that is waited for.
                let others = active.filter { !$0.deed.isChangeOfRing }
                for other in others { try end(other, on: &cluster, &record) }
                cluster.run(for: Self.poll)
            } else {
                try end(ending, on: &cluster, &record)
            }
        }
    }

    // MARK: Beginning

    private mutating func begin(
        _ fault: PlannedFault, on cluster: inout Cluster, _ record: inout SimulatedRecord
    ) throws {
        guard let (deed, how) = draw(fault.action, cluster) else { return }
        if case .partition = deed, let index = active.firstIndex(where: { $0.deed.hasSides }) {
            witness(active.remove(at: index), at: cluster.now)
        }
        tell(begin: deed, &record, at: cluster.now)
        let ends = cluster.now + (deed.isChangeOfRing ? Self.poll : fault.duration.wholeNanoseconds)
        active.append(Active(fault: fault, deed: deed, how: how, begin: cluster.now, ends: ends))
        try make(deed, line: fault.line, on: &cluster)
    }

    /// Whom and what a planned fault means now; nil when nobody fits.
    private mutating func draw(_ action: FaultSpec.Action, _ cluster: Cluster) -> (deed: Deed, how: String)? {
        let occupied = Set(active.filter(\.deed.takesProcesses).flatMap(\.deed.nodes)).union(gone)
        let targets = SimulatedTargets(
            cluster: cluster, workload: workload,
            free: workload.store.nodeNames.filter { !occupied.contains($0) && cluster.isUp($0) }, recovered: recovered)
        let members = workload.store.nodeNames.filter { !gone.contains($0) }
        switch action {
        case .join(let node): return (.join(node), "named")
        case .partition(let shape, let clientsCut):
            var isolated: (nodes: [String], how: String) = ([], "by shape")
            if case .isolate(let target, _) = shape {
                isolated = targets.find(target, using: &generator)
                if isolated.nodes.isEmpty { return nil }
            }
            let zones = Dictionary(
                zip(workload.store.nodeNames, workload.store.zones), uniquingKeysWith: { first, _ in first })
            return shape.deed(
                among: members, isolated: isolated.nodes, zones: zones, clientsCut: clientsCut, using: &generator
            ).map { ($0, isolated.how) }
        case .kill(let target), .pause(let target), .rollingRestart(let target), .powerLoss(let target),
            .outOfMemory(let target), .throttle(_, let target), .files(_, let target), .leave(let target),
            .replace(let target, _), .clock(_, let target), .disk(_, let target):
            let found = targets.find(target, using: &generator)
            return action.deed(found.nodes).map { ($0, found.how) }
        case .links(let trouble, let scope):
            if !scope.links.isEmpty { return (.trouble(trouble, scope.links.map(DirectedLink.init).sorted()), "named") }
            let found = targets.find(scope.target, using: &generator)
            let links = scope.direction.links(of: found.nodes, among: members)
            return links.isEmpty ? nil : (.trouble(trouble, links), found.how)
        }
    }

    // MARK: Making and undoing

    private mutating func make(_ deed: Deed, line: Int, on cluster: inout Cluster) throws {
        switch deed {
        // A crash takes what was not synced with it, as a loss of power does.
        case .kill(let nodes), .powerLoss(let nodes), .outOfMemory(let nodes), .damage(_, let nodes):
            for node in nodes { cluster.crash(node) }
        case .throttle: throw NotSimulated(line: line, fault: "throttle")
        case .pause(let nodes): for node in nodes { cluster.pause(node) }
        case .rollingRestart(let nodes):
            for (turn, node) in nodes.enumerated() {
                let time = cluster.now + Int64(turn) * 2 * Self.restartTime
                errands += [(time, node, false), (time + Self.restartTime, node, true)]
            }
        case .partition, .cut: block(on: &cluster)
        case .trouble(let trouble, let links): try shape(trouble, links, isOn: true, line: line, on: &cluster)
        case .clock(let trouble, let nodes):
            guard case .jump(let by) = trouble else { throw NotSimulated(line: line, fault: "this clock") }
            for node in nodes { cluster.setClock(node, ahead: by.wholeNanoseconds / 1_000) }
        case .disk(.slow(let by), let nodes): for node in nodes { cluster.slowDisk(node, by: by.wholeNanoseconds) }
        case .disk(_, let nodes): for node in nodes { cluster.failStorage(node, operations: false, syncs: true) }
        case .join(let node): _ = cluster.admit(Member(name: node), at: up(cluster, except: []))
        case .leave(let node): _ = cluster.change(.leave(node), at: up(cluster, except: [node]))
        case .replace(let node, let newcomer):
            cluster.crash(node)
            gone.insert(node)
            _ = cluster.admit(Member(name: newcomer), inPlaceOf: node, at: up(cluster, except: [node]))
        }
    }

    private mutating func end(
        _ ending: Active, on cluster: inout Cluster, _ record: inout SimulatedRecord
    ) throws {
        active.removeAll { $0.fault == ending.fault && $0.begin == ending.begin }
        switch ending.deed {
        case .kill(let nodes), .powerLoss(let nodes), .outOfMemory(let nodes):
            for node in nodes { try cluster.restart(node) }
        case .damage(let damage, let nodes):
            for node in nodes {
                try cluster.restart(node, wiped: damage == .wipe)
                if damage == .rot { rot(node, &cluster) }
                if damage == .truncate { throw NotSimulated(line: ending.fault.line, fault: "truncate") }
            }
        case .pause(let nodes): for node in nodes { cluster.resume(node) }
        case .partition, .cut: block(on: &cluster)
        case .trouble(let trouble, let links):
            try shape(trouble, links, isOn: false, line: ending.fault.line, on: &cluster)
        case .clock(_, let nodes): for node in nodes { cluster.setClock(node, ahead: 0) }
        case .disk(_, let nodes):
            for node in nodes {
                cluster.slowDisk(node, by: 0)
                cluster.failStorage(node, operations: false, syncs: false)
            }
        case .leave(let node):
            cluster.crash(node)
            gone.insert(node)
        case .rollingRestart, .throttle, .join, .replace: break
        }
        recovered = ending.deed.nodes.first ?? recovered
        tell(end: ending.deed, &record, at: cluster.now)
        witness(ending, at: cluster.now)
    }

    private mutating func postpone(_ fault: Active, to time: Instant) {
        guard let index = active.firstIndex(where: { $0.fault == fault.fault && $0.begin == fault.begin }) else {
            return
        }
        active[index].ends = time
    }

    /// Whether what a fault began goes on.
    private func isUnfinished(_ deed: Deed, _ cluster: Cluster) -> Bool {
        switch deed {
        case .rollingRestart: return !errands.isEmpty
        case .join(let node), .replace(_, let node):
            return cluster.replica(node)?.isSettled != true || cluster.replica(node)?.ring.contains(node) != true
        case .leave(let node):
            return cluster.replica(node)?.isSettled != true || cluster.replica(node)?.ring.contains(node) == true
        default: return false
        }
    }

    private func block(on cluster: inout Cluster) {
        var links: Set<DirectedLink> = []
        for fault in active {
            switch fault.deed {
            case .partition(_, let cuts, _), .cut(let cuts), .trouble(.halfOpen, let cuts), .trouble(.reset, let cuts):
                links.formUnion(cuts)
            default: continue
            }
        }
        cluster.block(links.map { ($0.from, $0.to) })
    }

    private func shape(
        _ trouble: LinkTrouble, _ links: [DirectedLink], isOn: Bool, line: Int, on cluster: inout Cluster
    ) throws {
        let counts = Dictionary(grouping: links.flatMap { [$0.from, $0.to] }, by: { $0 }).mapValues(\.count)
        // The node that all the links have in common; all where there is none.
        let most = counts.values.max() ?? 0
        let nodes = counts.filter { $0.value == most }.keys.sorted()
        switch trouble {
        case .delay(let delay, let jitter):
            let late = isOn ? delay.wholeNanoseconds + jitter.wholeNanoseconds / 2 : 0
            for node in nodes { cluster.delay(node, by: late) }
        case .loss(let share): for node in nodes { cluster.lose(isOn ? Int(share * 1000) : 0, of: node) }
        case .halfOpen, .reset: block(on: &cluster)
        // TCP hides these from a store, but for the time that they take.
        case .reorder, .duplicate: break
        case .rate: throw NotSimulated(line: line, fault: "rate-limit")
        }
    }

    private mutating func rot(_ node: String, _ cluster: inout Cluster) {
        var keys: [Key] = []
        try? cluster.replica(node)?.store.forEachObject { key, _ in keys.append(key) }
        keys.sort()
        for key in keys.shuffled(using: &generator).prefix(Self.rottenObjects) { cluster.corrupt(key, at: node) }
    }

    /// A running member, for an administrator to speak to.
    private func up(_ cluster: Cluster, except: [String]) -> String {
        workload.store.nodeNames.first { cluster.isUp($0) && !except.contains($0) && !gone.contains($0) } ?? ""
    }
}

extension Deed {
    /// Whether processes of its nodes are stopped or killed, so that no other fault may have them.
    var takesProcesses: Bool {
        switch self {
        case .kill, .pause, .rollingRestart, .powerLoss, .outOfMemory, .damage, .leave, .replace: true
        case .throttle, .partition, .cut, .trouble, .clock, .disk, .join: false
        }
    }

    var hasSides: Bool { if case .partition = self { true } else { false } }

    /// Whether it ends when the ring says so, and not by the clock.
    var isChangeOfRing: Bool {
        switch self {
        case .join, .leave, .replace: true
        default: false
        }
    }
}

extension FaultSpec.Action {
    /// The deed on nodes that were found; nil where there are none.
    fileprivate func deed(_ nodes: [String]) -> Deed? {
        guard let first = nodes.first else { return nil }
        return switch self {
        case .kill: .kill(nodes)
        case .rollingRestart: .rollingRestart(nodes)
        case .powerLoss: .powerLoss(nodes)
        case .outOfMemory: .outOfMemory(nodes)
        case .throttle(let percent, _): .throttle(percent, nodes)
        case .pause: .pause(nodes)
        case .files(let damage, _): .damage(damage, nodes)
        case .leave: .leave(first)
        case .replace(_, let newcomer): .replace(first, with: newcomer)
        case .clock(let trouble, _): .clock(trouble, nodes)
        case .disk(let trouble, _): .disk(trouble, nodes)
        case .partition, .links, .join: nil
        }
    }
}
