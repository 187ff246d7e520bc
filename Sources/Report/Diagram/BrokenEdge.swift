import Checkers
import History

/// Which relation an anomaly breaks: the one that a diagram marks.
extension DiagramBuilder.Draft {
    /// Plain `seen` arrows between the writes drawn, and the broken one.
    mutating func placeArrows() {
        var drawn: [(id: UInt32, write: KnownVersions.Write)] = []
        for (id, write) in versions.writes where rowOf[write.invocation] != nil { drawn.append((id, write)) }
        drawn.sort { $0.write.invocation < $1.write.invocation }
        let broken = brokenEdge
        for (id, write) in drawn {
            for parent in write.seen {
                guard let earlier = versions.writes[parent], let from = row(of: earlier, before: write.invocation),
                    let to = rowOf[write.invocation]
                else { continue }
                if let broken, broken.isSeenEdge, broken.later == id, broken.earlier == parent { continue }
                diagram.arrows.append(.init(kind: .seen, from: from, to: to, label: ""))
            }
        }
        guard !diagram.rows.isEmpty else { return }
        let proven = diagram.rows.indices.filter { diagram.rows[$0].isProof }
        diagram.arrows.append(
            .init(
                kind: .broken, from: broken.flatMap { rowOf[$0.from] } ?? proven.first ?? 0,
                to: broken.flatMap { rowOf[$0.to] } ?? proven.last ?? 0, label: broken?.label ?? anomaly.type.name))
    }

    /// The row where a write was complete, or where it began when it completed only after `index`.
    private func row(of write: KnownVersions.Write, before index: Int) -> Int? {
        if let completion = write.completion, completion < index, let row = rowOf[completion] { return row }
        return rowOf[write.invocation]
    }

    private struct Edge {
        var from: Int
        var to: Int
        var label: String
        /// The broken relation is itself one of `seen`: it is drawn once, as broken.
        var isSeenEdge = false
        var earlier: UInt32?
        var later: UInt32?
    }

    private var brokenEdge: Edge? {
        let value = anomaly.value ?? "", other = anomaly.other ?? ""
        let ops = anomaly.ops.filter { proof.contains($0) }.sorted()
        guard let first = ops.first, let last = ops.last else { return nil }
        /// The last event of the proof that saw something: a read, a replica.
        let observer = ops.last { isObservation($0) } ?? last
        let written = end(of: anomaly.value) ?? first
        // By name, not by case: an anomaly of a checker that this table does not know is drawn all the same.
        switch anomaly.type.name {
        case "lost-write": return Edge(from: written, to: observer, label: "\(value) is not in what this read returned")
        case "read-your-writes":
            return Edge(from: written, to: observer, label: "the process does not see its own \(value)")
        case "missed-handoff", "under-replicated":
            let node = anomaly.node ?? "the home"
            return Edge(from: written, to: observer, label: "\(value) never came to \(node)")
        case "converged-to-less":
            let held = ops.first { isObservation($0) } ?? first
            return Edge(from: held, to: observer, label: "\(value) was here and is on no home in the end")
        case "monotonic-reads":
            let reads = ops.filter { isObservation($0) }
            return Edge(from: reads.first ?? first, to: observer, label: "\(value) was read before and is gone")
        case "stale-sibling":
            return Edge(from: end(of: anomaly.value) ?? first, to: observer, label: "\(value) lives on beside \(other)")
        case "resurrection":
            return Edge(
                from: end(of: anomaly.other) ?? first, to: observer, label: "\(value) is back after delete \(other)")
        case "failed-write-visible": return Edge(from: written, to: observer, label: "\(value) had failed, and is read")
        case "wrong-key":
            return Edge(from: first, to: observer, label: "\(value) belongs to another key")
        case "future-read": return Edge(from: first, to: last, label: "\(value) is read before it is written")
        case "phantom-value": return Edge(from: observer, to: observer, label: "nobody ever wrote \(value)")
        case "undelivered-hint": return Edge(from: observer, to: observer, label: "these hints were never delivered")
        case "not-converged":
            let label = first == last ? "no event says that the replicas agree" : "later than allowed"
            return Edge(from: first, to: last, label: label)
        case "duplicate-dot", "dot-reused-after-delete":
            return between(anomaly.value, anomaly.other, "two writes, one dot")
        case "missed-dominance":
            return between(other: "the clock of \(value) lacks the dot of \(other), which it had seen")
        case "clock-regression": return between(other: "the clock of \(value) is not above that of \(other)")
        case "false-dominance":
            return between(other: "the clock of \(value) has the dot of \(other), which its client never saw")
        case "counter-regression", "counter-restart-after-delete":
            return between(other: "the counter of \(value) is below that of \(other)")
        case "diverged", "dishonest-root", "root-mismatch":
            let pair = ops.filter { isObservation($0) || history.events[$0].function == .root }
            let replicas = pair.filter { isObservation($0) }
            let ends = replicas.count > 1 ? replicas : pair
            return Edge(from: ends.first ?? first, to: ends.last ?? last, label: "these two must be equal")
        default:
            // From the write at fault to where it showed.
            return Edge(from: written, to: max(observer, written), label: anomaly.type.name)
        }
    }

    private func isObservation(_ index: Int) -> Bool {
        let event = history.events[index]
        switch event.function {
        case .get: return event.type == .ok
        case .replica, .hints: return true
        default: return false
        }
    }

    /// Where the write of an id ended, among the events drawn.
    private func end(of id: String?) -> Int? {
        guard let id, let identifier = history.strings.identifier(of: id), let write = versions.writes[identifier]
        else {
            return nil
        }
        if let completion = write.completion, rowOf[completion] != nil { return completion }
        return rowOf[write.invocation] == nil ? nil : write.invocation
    }

    /// From the write of `other` to that of `value`.
    private func between(other label: String) -> Edge? { between(anomaly.other, anomaly.value, label) }

    private func between(_ a: String?, _ b: String?, _ label: String) -> Edge? {
        guard let a, let b, let first = history.strings.identifier(of: a),
            let second = history.strings.identifier(of: b),
            let one = versions.writes[first], let two = versions.writes[second]
        else { return nil }
        let (earlier, later, from, to) =
            one.invocation < two.invocation ? (first, second, one, two) : (second, first, two, one)
        return Edge(
            from: row(of: from, before: to.invocation).map { diagram.rows[$0].event } ?? from.invocation,
            to: to.invocation, label: label, isSeenEdge: to.seen.contains(earlier), earlier: earlier, later: later)
    }

    /// What is known of the versions that the anomaly names and of those written or seen in the events drawn.
    mutating func noteVersions() {
        var ids: [UInt32] = []
        func add(_ id: UInt32?) {
            if let id, id != Interner.none, !ids.contains(id), ids.count < 12 { ids.append(id) }
        }
        for id in [anomaly.value, anomaly.other] { add(id.flatMap { history.strings.identifier(of: $0) }) }
        for row in diagram.rows where row.isProof {
            let event = history.events[row.event]
            switch event.function {
            case .put, .delete: if event.type == .invoke { add(event.value) }
            case .get, .replica: for version in history.versions(of: event).prefix(6) { add(version.id) }
            default: continue
            }
        }
        diagram.versions = ids.map { versions.note($0) }
    }
}
