import Causality
import Dynamo
import Simulation

/// What is wrong with a finished run, by the names that the bench's checkers use.
///
/// It judges by what the clients knew (which ids they had seen), and holds the store's dots and clocks against that.
struct Judge {
    struct Anomaly: Hashable, CustomStringConvertible {
        enum Kind: String {
            case lostWrite, staleSibling, failedWriteVisible, phantomValue, duplicateDot, missedDominance,
                falseDominance
            case diverged, rootMismatch, dishonestRoot, hintsLeft, requestsLeft, surplusLeft, changesLeft
        }
        var kind: Kind
        var detail: String
        var description: String { "\(kind.rawValue): \(detail)" }
    }

    private let run: Scenario.Run
    private let writes: [Int: Operation]
    private let past: [Int: Set<Int>]
    private(set) var anomalies: [Anomaly] = []

    /// - Parameter converges: whether all homes must agree; without anti-entropy, writes of unknown outcome may stay on
    ///   some.
    init(_ run: Scenario.Run, converges: Bool = true) {
        self.run = run
        let written = run.history.filter { $0.kind != .get }
        writes = Dictionary(uniqueKeysWithValues: written.map { ($0.value, $0) })
        var past: [Int: Set<Int>] = [:]
        // A version is read only after it was written, so in order of invocation every past is complete when it is
        // used.
        for write in written {
            past[write.value] = write.seen.reduce(into: Set(write.seen)) { $0.formUnion(past[$1] ?? []) }
        }
        self.past = past
        judgeReads()
        judgeDots()
        judgeCoverage()
        judgeConvergence(converges)
    }

    private mutating func report(_ kind: Anomaly.Kind, _ detail: String) {
        anomalies.append(Anomaly(kind: kind, detail: detail))
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool { past[other]?.contains(one) == true }

    private mutating func judgeReads() {
        for read in run.history where read.kind == .get && read.outcome == .ok {
            let ids = read.found.versions.compactMap(\.id)
            for id in ids {
                if writes[id]?.key != read.key { report(.phantomValue, "\(id)") }
                if writes[id]?.outcome == .fail { report(.failedWriteVisible, "\(id)") }
                for other in ids where precedes(id, other) { report(.staleSibling, "\(id) beside \(other)") }
            }
        }
    }

    /// Every version seen anywhere: in an acknowledgement, a read or a final replica.
    private func sightings() -> [(key: Key, id: Int, dot: Dot, clock: VersionVector)] {
        var seen: [(Key, Int, Dot, VersionVector)] = []
        for operation in run.history {
            if let dot = operation.dot {
                seen.append((operation.key, operation.value, dot, operation.clock ?? VersionVector()))
            }
            for version in operation.found.versions {
                seen.append((operation.key, version.id ?? 0, version.dot, version.clock))
            }
        }
        for (key, homes) in run.cluster.contents {
            for version in homes.flatMap(\.siblings.versions) {
                seen.append((key, version.id ?? 0, version.dot, version.clock))
            }
        }
        return seen
    }

    private mutating func judgeDots() {
        let sightings = sightings()
        var owners: [Key: [Dot: Int]] = [:]
        for (key, id, dot, _) in sightings {
            if let other = owners[key]?[dot], other != id { report(.duplicateDot, "\(dot) of \(id) and \(other)") }
            owners[key, default: [:]][dot] = id
        }
        var judged: Set<Int> = []
        for (key, id, _, clock) in sightings where judged.insert(id).inserted {
            for (dot, other) in owners[key] ?? [:] where other != id {
                let claims = clock.contains(dot)
                if claims, !precedes(other, id), !isDeleted(other) { report(.falseDominance, "\(id) claims \(other)") }
                if !claims, writes[id]?.seen.contains(other) == true { report(.missedDominance, "\(id) of \(other)") }
            }
        }
    }

    private func isDeleted(_ id: Int) -> Bool {
        writes[id]?.kind == .delete
            || writes.values.contains { $0.kind == .delete && $0.outcome != .fail && precedes(id, $0.value) }
    }

    private mutating func judgeCoverage() {
        let contents = Dictionary(uniqueKeysWithValues: run.cluster.contents.map { ($0.key, $0.homes) })
        for write in run.history where write.kind == .put && write.outcome == .ok {
            for (node, siblings) in contents[write.key] ?? [] where !covers(siblings.versions.compactMap(\.id), write) {
                report(.lostWrite, "\(write.value) on \(node)")
            }
            if contents[write.key] == nil, !covers([], write) { report(.lostWrite, "\(write.value) everywhere") }
        }
    }

    private func covers(_ ids: [Int], _ write: Operation) -> Bool {
        if ids.contains(where: { $0 == write.value || precedes(write.value, $0) }) { return true }
        return writes.values.contains { delete in
            delete.kind == .delete && delete.outcome != .fail && precedes(write.value, delete.value)
                && (delete.outcome == .ok || !ids.contains { precedes($0, delete.value) })
        }
    }

    private mutating func judgeConvergence(_ converges: Bool) {
        if converges {
            for key in run.cluster.disagreements { report(.diverged, String(decoding: key.name, as: UTF8.self)) }
        }
        for (name, keys) in run.cluster.surplus { report(.surplusLeft, "\(keys.count) on \(name)") }
        for name in run.cluster.members where run.cluster.replica(name)?.isSettled == false {
            report(.changesLeft, name)
        }
        var roots: [Int: Hash128] = [:]
        for name in run.cluster.members {
            guard var replica = run.cluster.replica(name) else { continue }
            if replica.openRequests > 0 { report(.requestsLeft, name) }
            for (home, count) in (try? replica.hintCounts) ?? [:] {
                report(.hintsLeft, "\(count) on \(name) for \(home)")
            }
            var rebuilt = try? Replica(
                configuration: replica.configuration, store: replica.store, generator: SplitMix64(seed: 1), now: 0,
                wallClock: 0)
            for partition in replica.homePartitions {
                let root = replica.merkleRoot(partition: partition)
                if root != rebuilt?.merkleRoot(partition: partition) {
                    report(.dishonestRoot, "\(partition) on \(name)")
                }
                if converges, let root, let other = roots.updateValue(root, forKey: partition), other != root {
                    report(.rootMismatch, "\(partition) on \(name)")
                }
            }
        }
    }
}
