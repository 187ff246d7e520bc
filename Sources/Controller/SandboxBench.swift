import Foundation
import History
import Nemesis
import Synchronization
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// Node processes in the sandbox's network: the effects behind the nemesis's faults.
public final class SandboxBench: Bench {
    /// How long a node may take until it serves.
    private static let readyLimit: Duration = .seconds(30)

    public let nodes: [String]
    public let replicas: Int
    public let zones: [String: String]
    let links: [NodeLink]
    let store: any Store
    let processes: [String: NodeProcess]
    let recorder: Recorder
    let network: any NodeNetwork
    let equipment: FaultEquipment
    let directory: RunDirectory
    /// Those that are in the ring, or should be.
    private let ring: Mutex<Set<String>>
    private let failingDisks = Mutex<Set<String>>([])
    private let clients = Mutex<(@Sendable (Set<String>) async -> Void)?>(nil)

    /// - Parameters:
    ///   - nodes: those that the run begins with; `network` may have more, for joins.
    init(
        nodes: [String], settings: StoreSpec, store: any Store, network: any NodeNetwork, directory: RunDirectory,
        processes: [String: NodeProcess], recorder: Recorder, equipment: FaultEquipment
    ) {
        self.nodes = nodes
        self.store = store
        self.network = network
        links = network.links
        self.processes = processes
        self.recorder = recorder
        self.equipment = equipment
        self.directory = directory
        ring = Mutex(Set(nodes))
        replicas = settings.n
        zones = Dictionary(zip(nodes, settings.zones)) { first, _ in first }
    }

    public var now: Int64 { recorder.now }

    /// The nodes that are in the ring now, or should be, in the order of ``links``.
    var members: [NodeLink] { ring.withLock { ring in links.filter { ring.contains($0.node) } } }

    func changeRing(_ body: (inout Set<String>) -> Void) { ring.withLock { body(&$0) } }

    /// Whoever is told which nodes there are, when that has changed: the load.
    func whenRingChanges(_ tell: @escaping @Sendable (Set<String>) async -> Void) { clients.withLock { $0 = tell } }

    /// Tells the clients which nodes there are; returns when nobody has anything under way at another.
    func tellClients() async {
        let tell = clients.withLock { $0 }
        await tell?(Set(members.map(\.node)))
    }

    // MARK: - Processes

    public func kill(_ node: String) async throws { try end(node, SIGKILL) }

    public func stop(_ node: String) async throws {
        let ending = try process(node).end(signal: SIGTERM)
        guard ending != nil else { throw NodeProcessError(node: node, reason: "did not end within 5 s of SIGTERM") }
    }

    private func end(_ node: String, _ signal: Int32) throws {
        guard let ending = try process(node).end(signal: signal) else {
            throw NodeProcessError(node: node, reason: "did not end within 5 s of signal \(signal)")
        }
        guard ending == .killed(signal: signal) else {
            throw NodeProcessError(node: node, reason: "had ended before it was killed (\(ending))")
        }
    }

    public func start(_ node: String) async throws {
        let process = try process(node)
        if process.isRunning { return }
        let hadFailingDisk = failingDisks.withLock { $0.contains(node) }
        try process.start()
        do {
            try await awaitReady([node])
        } catch {
            // To refuse to start on such a disk is right, and no crash.
            if hadFailingDisk || failingDisks.withLock({ $0.contains(node) }) { process.excuseRefusal() }
            throw error
        }
    }

    /// Keeps in mind whose disk fails.
    func note(failingDisk isFailing: Bool, of node: String) {
        failingDisks.withLock { disks in
            if isFailing { disks.insert(node) } else { disks.remove(node) }
        }
    }

    public func pause(_ node: String) async throws {
        try process(node).signal(SIGSTOP)
        try await awaitKernelState(of: node) { $0 == "T" }
    }

    public func resume(_ node: String) async throws {
        try process(node).signal(SIGCONT)
        try await awaitKernelState(of: node) { $0 != "T" }
    }

    // MARK: - Links

    public func cut(_ cuts: [DirectedLink], clientsOf: [String]) async throws {
        try network.cut(cuts, clientsOf: clientsOf)
    }

    public func shape(_ shapes: [LinkShape]) async throws { try network.shape(shapes) }

    public func reset(_ refused: [DirectedLink]) async throws { try network.reset(refused) }

    // MARK: - What the store tells

    /// Those that can answer: a node that is down or stopped cannot.
    private var awake: [NodeLink] {
        links.filter { processes[$0.node]?.isRunning == true && processes[$0.node]?.kernelState != "T" }
    }

    public func preferenceList(of key: String) async -> [String]? {
        await NodePoll.first(awake, within: NodePoll.underLoad) { [store] in
            try await store.preferenceList(of: key, from: $0)
        }
    }

    public func hintsHeld() async -> [String: Int] {
        await counted().mapValues(\.hintsWaiting)
    }

    public func coordinating() async -> [String: Int] {
        let before = await counted().mapValues(\.replicationMessages)
        try? await Task.sleep(for: .milliseconds(150))
        let after = await counted().mapValues(\.replicationMessages)
        return after.reduce(into: [:]) { $0[$1.key] = $1.value - (before[$1.key] ?? $1.value) }
    }

    private func counted() async -> [String: StoreCounters] {
        await NodePoll.all(awake, within: NodePoll.underLoad) { [store] in try await store.counters($0) }
    }

    // MARK: - Waiting

    /// Waits until all of `names` serve; throws the name of the first that does not, with the end of its log.
    func awaitReady(_ names: [String]) async throws {
        let deadline = ContinuousClock.now + Self.readyLimit
        for link in links where names.contains(link.node) {
            while await !store.isReady(link) {
                let process = try process(link.node)
                guard process.isRunning else {
                    throw NodeProcessError(node: link.node, reason: "ended while it started: \(process.lastWords)")
                }
                guard ContinuousClock.now < deadline else {
                    throw NodeProcessError(node: link.node, reason: "does not serve: \(process.lastWords)")
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// The kernel shows a stop signal's effect within a millisecond, but waits for threads that wait for a disk; five seconds are
    /// beyond doubt.
    private func awaitKernelState(of node: String, _ isReached: (Character) -> Bool) async throws {
        let process = try process(node)
        let deadline = ContinuousClock.now + .seconds(5)
        while let state = process.kernelState {
            if isReached(state) { return }
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw NodeProcessError(
            node: node, reason: "is in kernel state \(process.kernelState.map(String.init) ?? "gone")")
    }

    func process(_ node: String) throws -> NodeProcess {
        guard let process = processes[node] else {
            throw NodeProcessError(node: node, reason: "is no node of this run")
        }
        return process
    }

    func link(_ node: String) throws -> NodeLink {
        guard let link = links.first(where: { $0.node == node }) else {
            throw NodeProcessError(node: node, reason: "is no node of this run")
        }
        return link
    }
}
