import Causality
import Dynamo

/// A whole run in virtual time: clients at work while faults strike, then quiet, then what is left.
public struct Scenario: Sendable {
    public var cluster: Cluster.Settings
    public var clients = ClientMix()
    public var faults: [TimedFault] = []
    /// How long the clients work, in nanoseconds.
    public var duration: Int64 = 3_000_000_000
    /// How long the cluster then has to converge; it is looked at ten times a second.
    public var patience: Int64 = 20_000_000_000

    public init(_ cluster: Cluster.Settings) { self.cluster = cluster }

    /// Adds random faults, drawn from the cluster's seed.
    public mutating func add(_ mix: FaultMix) {
        var generator = SplitMix64(seed: cluster.seed ^ 0xFA17)
        faults += mix.schedule(members: cluster.members.map(\.name), until: duration, generator: &generator)
    }

    /// What a run leaves behind.
    public struct Run {
        public var history: [Operation]
        /// Quiet: everything healed, restarted, and either settled or out of patience.
        public var cluster: Cluster
        /// Whether replicas, hints and roots settled in time.
        public var isSettled: Bool
        /// How many of the cluster's notes were taken while the clients worked.
        public var notesUnderLoad: Int
    }

    /// Plays the run. The same scenario gives the same run.
    ///
    /// - Throws: ``ConfigurationError``.
    public func run() throws -> Run {
        var cluster = try Cluster(cluster)
        var clients = Clients(clients, generator: SplitMix64(seed: self.cluster.seed ^ 0xC11E))
        var pending = faults.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)[...]
        while cluster.now < duration {
            let next = [cluster.nextEvent, clients.nextWish, pending.first?.time].compactMap { $0 }.min() ?? duration
            if next >= duration { break }
            while let fault = pending.first, fault.time <= next {
                try cluster.strike(fault.fault)
                pending.removeFirst()
            }
            cluster.run(until: next)
            clients.hear(&cluster)
            clients.act(on: &cluster)
        }
        let notesUnderLoad = cluster.notes.count
        try cluster.repairEverything()
        let deadline = cluster.now + patience
        while cluster.now < deadline, !cluster.isSettled {
            cluster.run(for: 100_000_000)
            clients.hear(&cluster)
        }
        return Run(
            history: clients.history, cluster: cluster, isSettled: cluster.isSettled, notesUnderLoad: notesUnderLoad)
    }
}

extension Cluster {
    /// Ends every fault.
    mutating func repairEverything() throws {
        heal()
        for name in members {
            failStorage(name, operations: false, syncs: false)
            try restart(name)
        }
    }

    /// Whether nothing is left to do: no request open, no hint held, and, where anti-entropy runs, every home in
    /// agreement.
    public var isSettled: Bool {
        let replicas = members.compactMap { replica($0) }
        guard replicas.count == members.count else { return false }
        let isQuiet = replicas.allSatisfy { $0.openRequests == 0 && ((try? $0.hintCounts) ?? ["?": 1]).isEmpty }
        guard isQuiet, replicas.allSatisfy(\.isSettled), let ring = replicas.first?.ring,
            replicas.allSatisfy({ $0.ring == ring || !$0.ring.contains($0.configuration.node) })
        else { return false }
        return surplus.isEmpty && (!settings.configuration.antiEntropy || disagreements.isEmpty)
    }

    /// Keys stored where they do not belong, by node.
    public var surplus: [String: [Key]] {
        var surplus: [String: [Key]] = [:]
        for name in members {
            guard let replica = replica(name) else { continue }
            try? replica.store.forEachObject { key, _ in
                if !replica.isHome(key) { surplus[name, default: []].append(key) }
            }
        }
        return surplus
    }

    /// What every home stores, by key, ascending; homes that store nothing are there with an empty set.
    public var contents: [(key: Key, homes: [(node: String, siblings: Siblings)])] {
        var stored: [String: [Key: Siblings]] = [:]
        var keys: Set<Key> = []
        for name in members {
            try? replica(name)?.store.forEachObject { key, siblings in
                stored[name, default: [:]][key] = siblings
                keys.insert(key)
            }
        }
        return keys.sorted().map { key in
            let homes = members.filter { replica($0)?.isHome(key) == true }
            return (key, homes.map { ($0, stored[$0]?[key] ?? Siblings()) })
        }
    }

    /// Keys whose homes store different siblings, ascending.
    public var disagreements: [Key] {
        contents.filter { entry in entry.homes.contains { $0.siblings != entry.homes[0].siblings } }.map(\.key)
    }
}
