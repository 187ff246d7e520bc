import History

/// What the anomalies of the causality checker say.
extension Narrator {
    mutating func duplicateDot(_ finding: Finding) -> Story {
        let shared = sharedDot(finding)
        let shown =
            "\(capital(shared)) on \(name(finding.key)) was given to \(name(finding.value)), as shown at "
            + "\(time(finding.observer)), and to \(name(finding.other)), as shown at \(time(finding.witness))"
        guard finding.type == .dotReusedAfterDelete else {
            return Story(
                events: [invocation(finding.value), invocation(finding.other), finding.observer, finding.witness],
                message: shown + "; each will be taken for the other.")
        }
        let ends = [finding.value, finding.other]
        let erased = ends.first { deleteAfter($0) != nil } ?? finding.value
        let delete = deleteAfter(erased)
        let cause = delete.map { ", once delete \(name($0.id)) at \(time($0.invocation)) was forgotten" } ?? ""
        return Story(
            events: [
                invocation(finding.value), invocation(finding.other), finding.observer, finding.witness,
            ] + (delete.map { chain(from: erased, to: $0.id) } ?? []),
            message: shown + ": the counter began anew\(cause), and a context from before it will swallow later "
                + "writes.")
    }

    func missedDominance(_ finding: Finding) -> Story {
        Story(
            events: [invocation(finding.value), invocation(finding.other), finding.observer, finding.witness],
            message: "\(capital(label(finding.value))), invoked at \(time(invocation(finding.value)))"
                + "\(by(invocation(finding.value))), had seen \(name(finding.other)), but its clock "
                + "\(clock(of: finding.value, at: finding.observer)) does not contain that write's dot "
                + "\(dot(of: finding.other, at: finding.witness)): both will live on as siblings.")
    }

    func clockRegression(_ finding: Finding) -> Story {
        Story(
            events: [invocation(finding.value), invocation(finding.other), finding.observer, finding.witness],
            message: "\(capital(label(finding.value))), invoked at \(time(invocation(finding.value)))"
                + "\(by(invocation(finding.value))), had seen \(name(finding.other)), but its clock "
                + "\(clock(of: finding.value, at: finding.observer)) is not at least the clock "
                + "\(clock(of: finding.other, at: finding.witness)) of what it saw.")
    }

    func falseDominance(_ finding: Finding) -> Story {
        Story(
            events: [
                invocation(finding.value), invocation(finding.other), finding.observer, finding.witness,
            ],
            message: "The clock \(clock(of: finding.value, at: finding.observer)) of \(label(finding.value)), shown at "
                + "\(time(finding.observer)), contains the dot \(dot(of: finding.other, at: finding.witness)) of "
                + "\(name(finding.other)), which that client had never seen: the store will drop it as obsolete.")
    }

    mutating func counterRegression(_ finding: Finding) -> Story {
        let completion = write(finding.other)?.completion ?? -1
        let earlier = dot(of: finding.other, at: finding.witness), later = dot(of: finding.value, at: finding.observer)
        let shown =
            "\(capital(label(finding.value))), invoked at \(time(invocation(finding.value)))"
            + "\(by(invocation(finding.value))), was given dot \(later), although \(name(finding.other)) had been "
            + "acknowledged with dot \(earlier) at \(time(completion))"
        let events = [
            invocation(finding.other), completion, invocation(finding.value), write(finding.value)?.completion ?? -1,
            finding.observer, finding.witness,
        ]
        guard finding.type == .counterRestartAfterDelete else {
            return Story(events: events, message: shown + ": the actor's counter went back.")
        }
        let delete = deleteAfter(finding.other)
        let cause = delete.map { " \(name($0.id)) at \(time($0.invocation))" } ?? ""
        return Story(
            events: events + (delete.map { chain(from: finding.other, to: $0.id) } ?? []),
            message: shown + ": the counter began anew after delete\(cause).")
    }

    /// A possible delete that has the write of `id` in its past.
    private func deleteAfter(_ id: UInt32) -> Write? {
        let number = subject.writes.numberOfID[Int(id)]
        guard number >= 0, subject.horizon.precedesPossibleDelete(number) else { return nil }
        let key = subject.writes.writes[Int(number)].key
        var search = CausalSearch(writes: subject.writes.count)
        for other in Int32(0)..<Int32(subject.writes.count) {
            let write = subject.writes.writes[Int(other)]
            guard write.key == key, write.isDelete, write.outcome.isPossible else { continue }
            if subject.precedes(number, other, &search) { return write }
        }
        return nil
    }

    /// The versions that an event shows of an id, or of the write that it completes.
    private func versions(of id: UInt32, at index: Int32) -> [Version] {
        guard index >= 0 else { return [] }
        return subject.history.versions(of: subject.event(index)).filter { $0.id == id || $0.id == Interner.none }
    }

    private func dot(of id: UInt32, at index: Int32) -> String {
        for version in versions(of: id, at: index) where version.hasDot { return text(version) }
        return "unknown"
    }

    private func text(_ version: Version) -> String { "(\(name(version.actor)), \(version.counter))" }

    /// The dot that both writes of a finding were shown with.
    private func sharedDot(_ finding: Finding) -> String {
        let others = versions(of: finding.other, at: finding.witness)
        for version in versions(of: finding.value, at: finding.observer) where version.hasDot {
            for other in others where other.actor == version.actor && other.counter == version.counter {
                return "dot " + text(version)
            }
        }
        return "the same dot"
    }

    private func clock(of id: UInt32, at index: Int32) -> String {
        for version in versions(of: id, at: index) where version.hasClock {
            let entries = subject.history.clock(of: version).map { "\(name($0.actor)): \($0.counter)" }
            return "{" + entries.sorted().joined(separator: ", ") + "}"
        }
        return "{}"
    }
}
