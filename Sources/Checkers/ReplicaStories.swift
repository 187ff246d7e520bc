import History

/// What the anomalies of the durability and convergence checkers say.
extension Narrator {
    func missedHandoff(_ finding: Finding) -> Story {
        let write = write(finding.value)
        let completion = write?.completion ?? -1
        return Story(
            events: events(finding.value) + [finding.witness, finding.observer],
            message: "\(capital(label(finding.value))) was acknowledged at \(time(completion))\(by(completion)) while "
                + "its home \(name(finding.node)) was \(trouble(finding.witness, of: finding.node)) "
                + "(since \(time(finding.witness))); after recovery, at \(time(finding.observer)), "
                + "\(holding(finding)).")
    }

    func underReplicated(_ finding: Finding) -> Story {
        let completion = write(finding.value)?.completion ?? -1
        return Story(
            events: events(finding.value) + [finding.observer],
            message: "\(capital(label(finding.value))) was acknowledged at \(time(completion))\(by(completion)), and "
                + "its home \(name(finding.node)) was up and reachable meanwhile; yet at \(time(finding.observer)) "
                + "\(holding(finding)).")
    }

    func undeliveredHint(_ finding: Finding) -> Story {
        let count = subject.event(finding.observer).number
        return Story(
            events: [finding.observer],
            message: "At the end, at \(time(finding.observer)), \(name(finding.node)) still holds \(count) hinted "
                + "\(count == 1 ? "version" : "versions") for other nodes.")
    }

    func diverged(_ finding: Finding) -> Story {
        Story(
            events: [finding.witness, finding.observer],
            message: "Two home replicas of \(name(finding.key)) differ in the end: \(replica(finding.witness)) at "
                + "\(time(finding.witness)), \(replica(finding.observer)) at \(time(finding.observer)).")
    }

    func rootMismatch(_ finding: Finding) -> Story {
        Story(
            events: [finding.witness, finding.observer],
            message: "The Merkle roots of range \(name(finding.key)) differ in the end: \(root(finding.witness)), "
                + "\(root(finding.observer)).")
    }

    func dishonestRoot(_ finding: Finding) -> Story {
        let holders = [subject.event(finding.witness).node, subject.event(finding.observer).node]
        let roots = finalRoots(of: finding.key, nodes: holders)
        let key = name(subject.event(finding.observer).key)
        return Story(
            events: [finding.witness, finding.observer] + roots,
            message: "The nodes report equal Merkle roots for range \(name(finding.key)), yet they hold different "
                + "versions of \(key), which lies in it: \(replica(finding.witness)) at \(time(finding.witness)), "
                + "\(replica(finding.observer)) at \(time(finding.observer)).")
    }

    func convergedToLess(_ finding: Finding) -> Story {
        Story(
            events: [invocation(finding.value), finding.observer, finding.witness],
            message: "\(name(finding.node)) held \(name(finding.value)) of \(name(finding.key)) at "
                + "\(time(finding.observer)) and was not wiped since, but in the end no home replica has it or "
                + "anything that saw it: at \(time(finding.witness)) \(replica(finding.witness)).")
    }

    func notConverged(_ finding: Finding) -> Story {
        let healed = "The faults ended at \(time(finding.observer))"
        if finding.witness >= 0, let limit = subject.history.header.convergeWithin {
            return Story(
                events: [finding.observer, finding.witness],
                message: "\(healed), but the replicas agreed only at \(time(finding.witness)), later than the "
                    + "\(Narrator.seconds(limit)) allowed.")
        }
        return Story(events: [finding.observer], message: "\(healed), but the replicas were never seen to agree after.")
    }

    /// `n4 holds 3-2, which neither is it nor saw it`.
    private func holding(_ finding: Finding) -> String {
        "\(replica(finding.observer)), which neither is that write nor saw it"
    }

    /// `n4 holds 3-2, 1-7`: a replica event.
    private func replica(_ index: Int32) -> String {
        guard index >= 0 else { return "no home replica holds anything" }
        return "\(name(subject.event(index).node)) holds \(contents(index))"
    }

    private func root(_ index: Int32) -> String {
        "\(name(subject.event(index).node)) reports \(name(subject.event(index).hash)) at \(time(index))"
    }

    /// What the fault that began a stretch did to a node.
    private func trouble(_ index: Int32, of node: UInt32) -> String {
        guard index >= 0 else { return "affected by a fault" }
        switch subject.event(index).function {
        case .kill: return "down"
        case .wipe: return "down with its data lost"
        case .pause: return "paused"
        case .partition: return "cut off by a network partition"
        default: return "affected by a fault"
        }
    }

    /// The first final roots of a range that these nodes report, of two different nodes at least.
    private func finalRoots(of range: UInt32, nodes: [UInt32]) -> [Int32] {
        var found: [(node: UInt32, index: Int32)] = []
        for index in subject.finalStart..<max(subject.finalStart, Int32(subject.history.events.count)) {
            let event = subject.event(index)
            guard event.function == .root, event.value == range, !found.contains(where: { $0.node == event.node })
            else { continue }
            found.append((event.node, index))
        }
        let named = found.filter { nodes.contains($0.node) }
        let other = named.count < 2 ? found.first { !nodes.contains($0.node) } : nil
        return named.map(\.index) + (other.map { [$0.index] } ?? [])
    }
}
