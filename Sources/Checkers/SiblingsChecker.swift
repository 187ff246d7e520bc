import History

/// What clients read, against what they wrote (SEMANTICS section 3, *siblings*).
struct SiblingsChecker {
    private let subject: Subject
    private var log: AnomalyLog
    private var coverage: Coverage
    private var frontier = CoverageFrontier()
    private var losses = ContiguousArray<CoverageFrontier.Loss>()
    private var sawRead = false
    private var sawFinalRead = false

    /// Of the key at hand: which get last returned a write, counted from 1 over the whole history.
    private var lastReturned: UncheckedArray<Int32>
    private var reads: Int32 = 1
    private var fresh = UncheckedArray<Int32>()
    /// Acked puts of the key that completed so far and are not yet in the frontier.
    private var arrived = UncheckedArray<Int32>()
    private var ackedDeletes = UncheckedArray<Int32>()

    init(subject: Subject, limit: Int) {
        self.subject = subject
        log = AnomalyLog(limit: limit)
        coverage = Coverage(subject: subject)
        lastReturned = UncheckedArray(repeating: 0, count: subject.writes.count)
    }

    static func survey(_ subject: Subject, limit: Int) -> Survey {
        var checker = SiblingsChecker(subject: subject, limit: limit)
        for position in subject.keyEvents.keys.indices {
            checker.check(key: subject.keyEvents.events(at: position))
        }
        return Survey(
            log: checker.log,
            exercised: (checker.sawRead ? Exercised.subject : []).union(checker.sawFinalRead ? .situation : []))
    }

    static func whyUnknown(_ exercised: Exercised) -> String? {
        if !exercised.contains(.subject) { return "No get returned anything." }
        return exercised.contains(.situation) ? nil : "No get was invoked after phase final and completed."
    }

    private mutating func check(key events: ContiguousArray<Int32>.SubSequence) {
        coverage.begin(key: events)
        frontier.removeAll()
        arrived.removeAll()
        ackedDeletes.removeAll()
        for index in events {
            let event = subject.event(index)
            guard event.process.isClient else { continue }
            switch (event.function, event.type) {
            case (.get, .invoke):
                let completion = subject.partner[Int(index)]
                guard index > subject.finalStart, completion >= 0, subject.event(completion).type == .ok
                else { continue }
                checkFinalRead(invocation: index, completion: completion)
            case (.get, .ok):
                sawRead = true
                checkRead(event, at: index)
            case (.put, .ok):
                let write = subject.completedWrite(event, at: index)
                if write >= 0 { arrived.append(write) }
            case (.delete, .ok):
                let write = subject.completedWrite(event, at: index)
                if write >= 0 { ackedDeletes.append(write) }
            default:
                continue
            }
        }
    }
}

extension SiblingsChecker {
    /// What holds for every read: where its versions come from, and that none is behind another.
    private mutating func checkRead(_ event: Event, at index: Int32) {
        for position in event.list.range {
            checkOrigin(of: subject.history.versions[position].id, event, at: index)
        }
        coverage.load(index)
        reads += 1
        fresh.removeAll()
        // Two versions that the previous read of this key returned together were compared then.
        for slot in 0..<coverage.content.count {
            let write = coverage.content[slot]
            if lastReturned[Int(write)] != reads - 1 { fresh.append(write) }
            lastReturned[Int(write)] = reads
        }
        for place in 0..<fresh.count { checkStale(fresh[place], event, at: index) }
    }

    private mutating func checkStale(_ write: Int32, _ event: Event, at index: Int32) {
        for slot in 0..<coverage.content.count {
            let other = coverage.content[slot]
            if other == write { continue }
            if coverage.precedes(write, other) { reportStale(write, behind: other, event, at: index) }
            if coverage.precedes(other, write) { reportStale(other, behind: write, event, at: index) }
        }
    }

    private mutating func checkOrigin(of id: UInt32, _ event: Event, at index: Int32) {
        guard id != Interner.none else { return }
        let number = subject.writes.numberOfID[Int(id)]
        let type: AnomalyType
        if number < 0 {
            type = .phantomValue
        } else {
            let write = subject.writes.writes[Int(number)]
            if write.key != event.key {
                type = .wrongKey
            } else if write.invocation > index {
                type = .futureRead
            } else if write.outcome == .failed {
                type = .failedWriteVisible
            } else {
                return
            }
        }
        log.report(Finding(type: type, key: event.key, value: id, observer: index))
    }

    private mutating func reportStale(_ stale: Int32, behind newer: Int32, _ event: Event, at index: Int32) {
        log.report(
            Finding(
                type: .staleSibling, key: event.key, value: subject.writes.writes[Int(stale)].id,
                other: subject.writes.writes[Int(newer)].id, observer: index))
    }

    /// What holds for final reads besides: that they cover what was acknowledged, and that the deleted stays so.
    private mutating func checkFinalRead(invocation: Int32, completion: Int32) {
        sawFinalRead = true
        let key = subject.event(invocation).key
        for write in arrived.buffer { frontier.add(write, source: subject.writes.writes[Int(write)].completion) }
        arrived.removeAll()
        coverage.load(completion)
        losses.removeAll(keepingCapacity: true)
        frontier.check(&coverage, subject, settled: invocation, losses: &losses)
        for loss in losses {
            let id = subject.writes.writes[Int(loss.write)].id
            log.report(Finding(type: .lostWrite, key: key, value: id, observer: completion))
        }
        for version in coverage.content.buffer {
            checkResurrection(of: version, invocation: invocation, completion: completion)
        }
    }

    private mutating func checkResurrection(of version: Int32, invocation: Int32, completion: Int32) {
        let write = subject.writes.writes[Int(version)]
        guard !write.isDelete, subject.horizon.earliestAckedDelete[Int(version)] < invocation else { return }
        // Final reads come in the order of invocation: the deletes gathered so far are those completed before this one.
        for delete in ackedDeletes.buffer where coverage.precedes(version, delete) {
            log.report(
                Finding(
                    type: .resurrection, key: write.key, value: write.id,
                    other: subject.writes.writes[Int(delete)].id, observer: completion))
        }
    }
}
