import History

/// Turns findings into anomalies that a person understands: the events that prove them and a sentence on each.
///
/// Only the findings that are listed come here, so this may take its time.
struct Narrator {
    let subject: Subject
    private var search: CausalSearch

    init(subject: Subject) {
        self.subject = subject
        search = CausalSearch(writes: subject.writes.count)
    }

    mutating func tell(_ finding: Finding) -> Anomaly {
        let story = story(of: finding)
        return Anomaly(
            type: finding.type, key: text(finding.key), value: text(finding.value), other: text(finding.other),
            node: text(finding.node), ops: Set(story.events.filter { $0 >= 0 }).map(Int.init).sorted(),
            message: story.message)
    }

    /// The proof of a finding (events in any order, -1 for none) and its sentence.
    struct Story {
        var events: [Int32]
        var message: String
    }

    private mutating func story(of finding: Finding) -> Story {
        switch finding.type {
        case .phantomValue: phantomValue(finding)
        case .wrongKey: wrongKey(finding)
        case .futureRead: futureRead(finding)
        case .failedWriteVisible: failedWriteVisible(finding)
        case .staleSibling: staleSibling(finding)
        case .lostWrite: lostWrite(finding)
        case .resurrection: resurrection(finding)
        case .duplicateDot, .dotReusedAfterDelete: duplicateDot(finding)
        case .missedDominance: missedDominance(finding)
        case .clockRegression: clockRegression(finding)
        case .falseDominance: falseDominance(finding)
        case .counterRegression, .counterRestartAfterDelete: counterRegression(finding)
        case .missedHandoff: missedHandoff(finding)
        case .underReplicated: underReplicated(finding)
        case .undeliveredHint: undeliveredHint(finding)
        case .ackBelowW: ackBelowW(finding)
        case .diverged: diverged(finding)
        case .rootMismatch: rootMismatch(finding)
        case .dishonestRoot: dishonestRoot(finding)
        case .convergedToLess: convergedToLess(finding)
        case .notConverged: notConverged(finding)
        case .readYourWrites: readYourWrites(finding)
        case .monotonicReads: monotonicReads(finding)
        // The checkers beyond the contract tell their own.
        default: Story(events: [finding.observer, finding.witness], message: finding.type.name)
        }
    }
}

extension Narrator {
    /// The string behind an identifier; nil when there is none.
    func text(_ identifier: UInt32) -> String? {
        identifier == Interner.none ? nil : subject.history.string(identifier)
    }

    func name(_ identifier: UInt32) -> String { subject.history.string(identifier) }

    /// The write of an id, whatever its key.
    func write(_ id: UInt32) -> Write? {
        guard id != Interner.none else { return nil }
        let number = subject.writes.numberOfID[Int(id)]
        return number < 0 ? nil : subject.writes.writes[Int(number)]
    }

    /// The events of a write: its invocation and its completion.
    func events(_ id: UInt32) -> [Int32] {
        guard let write = write(id) else { return [] }
        return [write.invocation, write.completion]
    }

    func invocation(_ id: UInt32) -> Int32 { write(id)?.invocation ?? -1 }

    /// `4.812 s`: when an event happened, since the run began.
    func time(_ index: Int32) -> String {
        guard index >= 0 else { return "an unknown time" }
        return Narrator.seconds(subject.event(index).time)
    }

    /// Nanoseconds as seconds with three decimals, rounded down.
    static func seconds(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + " s"
    }

    /// ` by n2`: the node that a client's operation contacted, or nothing when no event names it.
    func by(_ index: Int32) -> String { contact(index, "by") }
    func from(_ index: Int32) -> String { contact(index, "from") }

    private func contact(_ index: Int32, _ word: String) -> String {
        guard index >= 0 else { return "" }
        if let node = text(subject.event(index).node) { return " \(word) \(node)" }
        let other = subject.partner[Int(index)]
        guard other >= 0, let node = text(subject.event(other).node) else { return "" }
        return " \(word) \(node)"
    }

    /// `put 3-41 on cart-7`.
    func label(_ id: UInt32) -> String {
        guard let write = write(id) else { return name(id) }
        return "\(write.isDelete ? "delete" : "put") \(name(id)) on \(name(write.key))"
    }

    /// `put 3-41 on cart-7, acknowledged at 4.812 s by n2`, or what became of it instead.
    func labelWithOutcome(_ id: UInt32) -> String {
        guard let write = write(id) else { return name(id) }
        let outcome =
            switch write.outcome {
            case .acked: "acknowledged at \(time(write.completion))"
            case .failed: "which failed at \(time(write.completion))"
            case .indeterminate: "invoked at \(time(write.invocation)) and never acknowledged"
            }
        return label(id) + ", " + outcome + by(write.invocation)
    }

    /// `process 3's get of cart-7 at 9.100 s from n1`: a read, by its completion.
    func read(_ index: Int32) -> String {
        let event = subject.event(index)
        return "process \(event.process.rawValue)'s get of \(name(event.key)) at \(time(index))\(from(index))"
    }

    /// The ids in a read or in a replica's content, the first few by name.
    func contents(_ index: Int32) -> String {
        let shown = 4
        let versions = subject.history.versions(of: subject.event(index))
        if versions.isEmpty { return "nothing" }
        let names = versions.prefix(shown).map { name($0.id) + ($0.tombstone ? " (tombstone)" : "") }
        let rest = versions.count > shown ? " and \(versions.count - shown) more" : ""
        return names.joined(separator: ", ") + rest
    }

    /// The invocations of a chain of `seen` from the write of `older` to that of `newer`, both ends included.
    ///
    /// Breadth first, so the shortest. Of a chain that is not found among the first few thousand writes only the ends
    /// are told: nobody reads such a proof link by link.
    mutating func chain(from older: UInt32, to newer: UInt32) -> [Int32] {
        let first = subject.writes.numberOfID[Int(older)], last = subject.writes.numberOfID[Int(newer)]
        let ends = [invocation(older), invocation(newer)]
        guard first >= 0, last >= 0 else { return ends }
        var queue: [(write: Int32, via: Int)] = [(last, -1)]
        var met: Set<Int32> = [last]
        var position = 0
        while position < queue.count, queue.count < 4096 {
            for seen in subject.writes.seenRange(of: queue[position].write) {
                let parent = subject.writes.seenWrite(seen)
                if parent == first { return ends + links(queue, from: position) }
                guard subject.precedes(first, parent, &search), met.insert(parent).inserted
                else { continue }
                queue.append((parent, position))
            }
            position += 1
        }
        return ends
    }

    private func links(_ queue: [(write: Int32, via: Int)], from position: Int) -> [Int32] {
        var result: [Int32] = []
        var next = position
        while next >= 0 {
            result.append(subject.writes.writes[Int(queue[next].write)].invocation)
            next = queue[next].via
        }
        return result
    }
}
