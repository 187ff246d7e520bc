import Causality
import Dynamo
import History
import Nemesis
import Simulation
import Workload

/// A run of a workload in virtual time: the same core, generator, plan of faults and events as a real run, on a
/// simulated network and simulated disks. The same settings give the same history, to the byte.
public struct SimulatedRun {
    public struct Settings: Sendable {
        public var workload: Workload
        public var seed: UInt64
        public var flaw: Flaw?

        public init(workload: Workload, seed: UInt64, flaw: Flaw? = nil) {
            self.workload = workload
            self.seed = seed
            self.flaw = flaw
        }
    }

    /// How long the nodes have to meet before the load begins.
    private static let boot: Int64 = 500_000_000
    /// How often it is looked whether replicas agree, in the first second and later.
    private static let poll: Int64 = 100_000_000, laterPoll: Int64 = 1_000_000_000

    private let settings: Settings
    private var cluster: Cluster
    private var record: SimulatedRecord

    private var workload: Workload { settings.workload }

    /// Plays the run: its whole history, as a real run would have left it.
    ///
    /// - Throws: ``ConfigurationError``, or an error that names the fault which cannot be simulated.
    public static func history(of settings: Settings) throws -> History {
        var run = try SimulatedRun(settings)
        try run.play()
        return run.record.history
    }

    private init(_ settings: Settings) throws {
        self.settings = settings
        record = SimulatedRecord(settings)
        cluster = try Cluster(Self.cluster(settings))
    }

    private static func cluster(_ settings: Settings) -> Cluster.Settings {
        let store = settings.workload.store
        var cluster = Cluster.Settings(nodes: store.nodes)
        for place in cluster.members.indices {
            if store.zones.indices.contains(place) { cluster.members[place].zone = store.zones[place] }
            if store.weights.indices.contains(place) { cluster.members[place].weight = store.weights[place] }
        }
        cluster.seed = settings.seed
        cluster.configuration.partitions = store.ring
        cluster.configuration.n = store.n
        cluster.configuration.r = .count(store.r)
        cluster.configuration.w = .count(store.w)
        cluster.configuration.antiEntropy = store.antiEntropy
        cluster.configuration.hintedHandoff = store.hintedHandoff
        cluster.configuration.readRepair = store.readRepair
        cluster.configuration.sloppyQuorum = store.sloppyQuorum
        cluster.configuration.requestTimeout = store.requestTimeout.wholeNanoseconds
        cluster.configuration.flaw = settings.flaw
        // A killed process leaves its peers with a reset connection, nearly always.
        cluster.network.refusedPerCent = 90
        return cluster
    }

    static func key(_ name: String) -> Key { Key(bucket: Array(ValueForm.bucket.utf8), name: Array(name.utf8)) }

    // MARK: The phases

    private mutating func play() throws {
        cluster.run(for: Self.boot)
        let plan = FaultPlan(
            workload.faults, random: workload.random, seed: settings.seed, horizon: .seconds(600))
        record.phase("load", at: cluster.now)
        let atLeast = plan.lastBoundedEnd.wholeNanoseconds + (workload.settle ?? .zero).wholeNanoseconds
        var clients = SimulatedClients(workload, seed: settings.seed, from: cluster.now, atLeast: atLeast)
        var nemesis = SimulatedNemesis(workload, plan: plan, seed: settings.seed, from: cluster.now)
        try load(&clients, &nemesis)
        record.phase("heal", at: cluster.now)
        converge()
        record.phase("final", at: cluster.now)
        observe(final: true)
        clients.readFinally(&cluster, &record)
        nemesis.recordWitnesses(&record, at: cluster.now)
        record.note("counters", Counters(cluster.notes.map(\.note), messages: cluster.messages), at: cluster.now)
    }

    private mutating func load(_ clients: inout SimulatedClients, _ nemesis: inout SimulatedNemesis) throws {
        while !clients.isDone {
            let times = [cluster.nextEvent, clients.nextWish, nemesis.nextTime].compactMap { $0 }
            guard let next = times.min() else { break }
            cluster.run(until: max(next, cluster.now))
            clients.hear(&cluster, &record)
            try nemesis.act(on: &cluster, &record)
            clients.unreachable = nemesis.clientsOf
            clients.act(on: &cluster, &record)
        }
        try nemesis.stop(on: &cluster, &record)
    }

    /// Waits until all replicas agree, at most as long as the workload allows.
    private mutating func converge() {
        observe(final: false)
        let begin = cluster.now
        let deadline = begin + workload.convergeWithin.wholeNanoseconds
        while true {
            if agrees() { return record.add(EventDraft(0, .controller, .info, .converged), at: cluster.now) }
            if cluster.now >= deadline { return }
            cluster.run(for: cluster.now - begin < Self.laterPoll ? Self.poll : Self.laterPoll)
        }
    }

    // MARK: Observing

    /// Nodes that run, which at the end of a run are all that belong to the store.
    private var members: [String] { cluster.members.filter(cluster.isUp) }

    /// Whether all homes of every key hold the same, no hint waits and all Merkle roots agree.
    private func agrees() -> Bool {
        let replicas = members.compactMap { cluster.replica($0) }
        guard replicas.allSatisfy({ ((try? $0.hintCounts) ?? ["?": 1]).isEmpty }) else { return false }
        let differs = cluster.contents.contains { entry in
            let homes = entry.homes.filter { cluster.isUp($0.node) }
            return homes.contains { $0.siblings != homes[0].siblings }
        }
        if differs { return false }
        var roots: [Int: Hash128] = [:]
        for var replica in replicas {
            for partition in replica.homePartitions {
                let root = replica.merkleRoot(partition: partition)
                if let root, let other = roots.updateValue(root, forKey: partition), other != root { return false }
            }
        }
        return true
    }

    /// Writes down what every node stores, as the observers of a real run do.
    private mutating func observe(final: Bool) {
        for node in members {
            guard var replica = cluster.replica(node) else { continue }
            var objects: [(key: Key, siblings: Siblings)] = []
            try? replica.store.forEachObject { objects.append(($0, $1)) }
            for (key, siblings) in objects.sorted(by: { $0.key < $1.key }) {
                let home = replica.isHome(key)
                tell(key, siblings, on: node, home: home, range: home ? "p\(replica.partition(of: key))" : nil)
            }
            let counts = (try? replica.store.hintCounts()) ?? [:]
            for home in counts.keys.sorted() {
                for hint in (try? replica.store.hints(home: home, after: nil, limit: .max)) ?? [] {
                    tell(hint.key, hint.siblings, on: node, home: false, range: nil)
                }
            }
            if final { tell(hints: counts.values.reduce(0, +), &replica, on: node) }
        }
    }

    private mutating func tell(_ key: Key, _ siblings: Siblings, on node: String, home: Bool, range: String?) {
        var draft = EventDraft(0, .inspector, .ok, .replica)
        draft.node = node
        draft.key = String(decoding: key.name, as: UTF8.self)
        draft.home = home
        draft.value = range
        var versions: [VersionDraft] = []
        for version in siblings.versions {
            versions.append(
                VersionDraft(
                    id: ValueForm.id(of: version.payload.value), dot: record.dot(version.dot),
                    clock: record.clock(version.clock), tombstone: version.tombstone))
        }
        draft.list = .versions(versions)
        record.add(draft, at: cluster.now)
    }

    private mutating func tell(hints: Int, _ replica: inout Replica<MemoryStore>, on node: String) {
        var draft = EventDraft(0, .inspector, .ok, .hints)
        draft.node = node
        draft.number = Int64(hints)
        record.add(draft, at: cluster.now)
        for partition in replica.homePartitions {
            guard let root = replica.merkleRoot(partition: partition) else { continue }
            var draft = EventDraft(0, .inspector, .ok, .root)
            draft.node = node
            draft.value = "p\(partition)"
            draft.hash = String(root.high, radix: 16) + "-" + String(root.low, radix: 16)
            record.add(draft, at: cluster.now)
        }
    }
}

/// What the nodes counted, in the words of a real run's `counters` event.
private struct Counters: Encodable {
    var hintsStored = 0
    var hintsDelivered = 0
    var keysRepaired = 0
    var readRepairs = 0
    /// Messages of the core stand for the packets of a real run.
    var packets: Int
    var bytes = 0

    enum CodingKeys: String, CodingKey {
        case hintsStored = "hints_stored"
        case hintsDelivered = "hints_delivered"
        case keysRepaired = "keys_repaired"
        case readRepairs = "read_repairs"
        case packets, bytes
    }

    init(_ notes: [Note], messages: Int) {
        packets = messages
        for note in notes {
            switch note {
            case .hintStored: hintsStored += 1
            case .hintDelivered: hintsDelivered += 1
            case .readRepaired: readRepairs += 1
            case .exchanged(_, _, let keys): keysRepaired += keys
            default: continue
            }
        }
    }
}
