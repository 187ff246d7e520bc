import History

/// The dots and clocks that the store shows, against the order that clients know (SEMANTICS section 3, *causality*).
struct CausalityChecker {
    private let subject: Subject
    private let known: KnownClocks
    private let keyWrites: KeyWrites
    private var log: AnomalyLog
    private var falseDominance: FalseDominance
    private var clock: ActorVector

    /// The dots of the key at hand, by actor, counter and write.
    private var dots = ContiguousArray<KeyDot>()
    /// Of the key at hand, by the actor's rank: the acked write with one dot and the greatest counter that completed so
    /// far; its write is -1 where there is none.
    private var greatest: UncheckedArray<KeyDot>
    /// For the write at hand, by position in its `seen`: whether a clock dominates the seen write's dot, or its clock.
    private var dominatesDot = UncheckedArray<Bool>()
    private var dominatesClock = UncheckedArray<Bool>()

    init(subject: Subject, limit: Int) {
        self.subject = subject
        known = KnownClocks(subject: subject)
        keyWrites = KeyWrites(subject: subject)
        log = AnomalyLog(limit: limit)
        clock = ActorVector(count: subject.history.strings.count)
        falseDominance = FalseDominance(subject: subject)
        greatest = UncheckedArray(repeating: CausalityChecker.noDot, count: known.actorCount)
    }

    private static let noDot = KeyDot(actor: Interner.none, counter: 0, write: -1, event: -1, rank: 0)

    static func survey(_ subject: Subject, limit: Int) -> Survey {
        var checker = CausalityChecker(subject: subject, limit: limit)
        guard !checker.known.isEmpty else { return Survey(log: checker.log, exercised: []) }
        for position in subject.keyEvents.keys.indices {
            checker.check(key: subject.keyEvents.keys[position], events: subject.keyEvents.events(at: position))
        }
        return Survey(log: checker.log, exercised: .subject)
    }

    static func whyUnknown(_ exercised: Exercised) -> String? {
        exercised.contains(.subject) ? nil : "No event shows a dot or a clock of any write."
    }

    private mutating func check(key: UInt32, events: ContiguousArray<Int32>.SubSequence) {
        let writes = keyWrites.writes(of: key)
        gatherDots(writes)
        checkDuplicates(key)
        checkCounters(key, events)
        for write in writes where known.firstClock[Int(write)] >= 0 { checkSeen(by: write, key) }
        falseDominance.check(key: key, writes: writes, dots: dots, known: known, log: &log)
    }

    private mutating func gatherDots(_ writes: ContiguousArray<Int32>.SubSequence) {
        dots.removeAll(keepingCapacity: true)
        for write in writes {
            var next = known.firstDot[Int(write)]
            while next >= 0 {
                let dot = known.dots[Int(next)]
                dots.append(keyDot(dot, of: write))
                next = dot.next
            }
        }
        dots.sort()
    }
}

extension CausalityChecker {
    @inline(__always)
    private func keyDot(_ dot: KnownClocks.Dot, of write: Int32) -> KeyDot {
        KeyDot(
            actor: dot.actor, counter: dot.counter, write: write, event: dot.event, rank: known.rank[Int(dot.actor)])
    }
}

/// A dot of a write, as sorted within a key.
struct KeyDot: Comparable, BitwiseCopyable {
    var actor: UInt32
    var counter: UInt64
    var write: Int32
    /// The first event that shows it.
    var event: Int32

    /// The actor's place among the actors by name: an order that does not depend on which was met first.
    var rank: UInt32

    static func < (a: KeyDot, b: KeyDot) -> Bool {
        if a.rank != b.rank { return a.rank < b.rank }
        return a.counter != b.counter ? a.counter < b.counter : a.write < b.write
    }
}

extension CausalityChecker {
    /// `duplicate-dot` and `dot-reused-after-delete`: equal dots lie side by side.
    private mutating func checkDuplicates(_ key: UInt32) {
        var start = 0
        while start < dots.count {
            var end = start + 1
            while end < dots.count, dots[end].actor == dots[start].actor, dots[end].counter == dots[start].counter {
                end += 1
            }
            for first in start..<end {
                for second in (first + 1)..<max(end, first + 1) { reportDuplicate(dots[first], dots[second], key) }
            }
            start = end
        }
    }

    private mutating func reportDuplicate(_ first: KeyDot, _ second: KeyDot, _ key: UInt32) {
        let isSorted = subject.isBefore(id(first.write), id(second.write))
        let (value, other) = isSorted ? (first, second) : (second, first)
        let isReused =
            subject.horizon.precedesPossibleDelete(value.write)
            || subject.horizon.precedesPossibleDelete(other.write)
        log.report(
            Finding(
                type: isReused ? .dotReusedAfterDelete : .duplicateDot, key: key, value: id(value.write),
                other: id(other.write), observer: value.event, witness: other.event))
    }

    private func id(_ write: Int32) -> UInt32 { subject.writes.writes[Int(write)].id }
}

extension CausalityChecker {
    /// `counter-regression` and `counter-restart-after-delete`: each actor's counter grows from write to later write.
    private mutating func checkCounters(_ key: UInt32, _ events: ContiguousArray<Int32>.SubSequence) {
        for rank in greatest.indices { greatest[rank].write = -1 }
        guard !dots.isEmpty else { return }
        for index in events {
            let event = subject.event(index)
            guard event.function == .put || event.function == .delete, event.process.isClient else { continue }
            if event.type == .invoke {
                let write = subject.writes.number(ofID: event.value, key: key)
                guard let dot = countedDot(write) else { continue }
                let before = greatest[Int(dot.rank)]
                if before.write >= 0, before.counter > dot.counter { report(before, over: dot, key) }
            } else if event.type == .ok {
                let write = subject.completedWrite(event, at: index)
                guard let dot = countedDot(write) else { continue }
                let before = greatest[Int(dot.rank)]
                if before.write < 0 || outranks(dot, before) { greatest[Int(dot.rank)] = dot }
            }
        }
    }

    /// The dot of an acked write that has exactly one.
    @inline(__always)
    private func countedDot(_ write: Int32) -> KeyDot? {
        guard write >= 0, subject.writes.writes[Int(write)].isAcked, let dot = known.onlyDot(of: write) else {
            return nil
        }
        return keyDot(dot, of: write)
    }

    @inline(__always)
    private func outranks(_ dot: KeyDot, _ other: KeyDot) -> Bool {
        if dot.counter != other.counter { return dot.counter > other.counter }
        return subject.isBefore(id(dot.write), id(other.write))
    }

    private mutating func report(_ before: KeyDot, over dot: KeyDot, _ key: UInt32) {
        let isRestart = subject.horizon.precedesPossibleDelete(before.write)
        log.report(
            Finding(
                type: isRestart ? .counterRestartAfterDelete : .counterRegression, key: key, value: id(dot.write),
                other: id(before.write), observer: dot.event, witness: before.event))
    }
}

extension CausalityChecker {
    /// `missed-dominance` and `clock-regression`: the clocks of a write contain what its client had seen.
    private mutating func checkSeen(by write: Int32, _ key: UInt32) {
        let seen = subject.writes.seenRange(of: write)
        guard !seen.isEmpty else { return }
        dominatesDot.removeAll()
        dominatesDot.grow(to: seen.count, filling: false)
        dominatesClock.removeAll()
        dominatesClock.grow(to: seen.count, filling: false)
        var next = known.firstClock[Int(write)]
        while next >= 0 {
            clock.load(known.clocks[Int(next)].entries, subject.history)
            for (offset, position) in seen.enumerated() {
                let parent = subject.writes.seenWrite(position)
                if !dominatesDot[offset], containsDot(of: parent) { dominatesDot[offset] = true }
                if !dominatesClock[offset], containsClock(of: parent) { dominatesClock[offset] = true }
            }
            next = known.clocks[Int(next)].next
        }
        for (offset, position) in seen.enumerated() {
            let parent = subject.writes.seenWrite(position)
            let shown = known.clocks[Int(known.firstClock[Int(write)])].event
            let dot = known.firstDot[Int(parent)], clock = known.firstClock[Int(parent)]
            if !dominatesDot[offset], dot >= 0 {
                let finding = Finding(
                    type: .missedDominance, key: key, value: id(write), other: id(parent), observer: shown,
                    witness: known.dots[Int(dot)].event)
                log.report(finding)
            }
            if !dominatesClock[offset], clock >= 0 {
                let finding = Finding(
                    type: .clockRegression, key: key, value: id(write), other: id(parent), observer: shown,
                    witness: known.clocks[Int(clock)].event)
                log.report(finding)
            }
        }
    }

    /// Whether a known dot of `write` is in the loaded clock.
    @inline(__always)
    private func containsDot(of write: Int32) -> Bool {
        var next = known.firstDot[Int(write)]
        while next >= 0 {
            let dot = known.dots[Int(next)]
            if clock.has(dot.actor), clock[dot.actor] >= dot.counter { return true }
            next = dot.next
        }
        return false
    }

    /// Whether the loaded clock is at least a known clock of `write`.
    @inline(__always)
    private func containsClock(of write: Int32) -> Bool {
        var next = known.firstClock[Int(write)]
        while next >= 0 {
            let other = known.clocks[Int(next)]
            if clock.dominates(other.entries, subject.history) { return true }
            next = other.next
        }
        return false
    }
}
