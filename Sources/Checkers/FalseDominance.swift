import History

/// `false-dominance`: a clock claims a write that its own write does not follow (SEMANTICS section 3, *causality*).
///
/// A clock claims, for each actor, all dots up to a counter; asking for each of them at each write would be quadratic.
/// But what the clocks of the seen writes claim was looked at there: of that, only what was false there can be false
/// here. So a write asks only for the dots that its clock adds, and once more for the false ones.
struct FalseDominance {
    private let subject: Subject
    private var search: CausalSearch
    /// What is claimed by the clocks of the seen writes, joined.
    private var inherited: ActorVector
    /// What is claimed by the clocks of the write at hand, joined.
    private var claimed: ActorVector

    /// The dots of the key at hand that may be falsely claimed, sorted; and where each actor's are.
    private var dots = UncheckedArray<KeyDot>()
    private var segmentStart: UncheckedArray<Int32>
    private var segmentEnd: UncheckedArray<Int32>
    private var segmentKey: UncheckedArray<UInt32>

    /// For each write of the key, its joined claims in `claims` and the false ones among them in `lies`.
    private var claims = UncheckedArray<ClockEntry>()
    private var lies = UncheckedArray<Int32>()
    private var claimRange: UncheckedArray<Slice>
    private var lieRange: UncheckedArray<Slice>
    /// For each dot of the key, the write at which it was last asked for.
    private var askedAt = UncheckedArray<Int32>()
    /// For each write, the one whose clock was last reported to claim it: a write with several dots is claimed once.
    private var reportedAt: UncheckedArray<Int32>

    init(subject: Subject) {
        self.subject = subject
        let strings = subject.history.strings.count
        search = CausalSearch(writes: subject.writes.count)
        inherited = ActorVector(count: strings)
        claimed = ActorVector(count: strings)
        segmentStart = UncheckedArray(repeating: 0, count: strings)
        segmentEnd = UncheckedArray(repeating: 0, count: strings)
        segmentKey = UncheckedArray(repeating: Interner.none, count: strings)
        claimRange = UncheckedArray(repeating: .empty, count: subject.writes.count)
        lieRange = UncheckedArray(repeating: .empty, count: subject.writes.count)
        reportedAt = UncheckedArray(repeating: WriteTable.none, count: subject.writes.count)
    }

    /// Checks one key: `writes` in topological order, all its `dots` sorted.
    mutating func check(
        key: UInt32, writes: ContiguousArray<Int32>.SubSequence, dots all: ContiguousArray<KeyDot>,
        known: KnownClocks, log: inout AnomalyLog
    ) {
        select(all, key)
        claims.removeAll()
        lies.removeAll()
        askedAt.removeAll()
        askedAt.grow(to: dots.count, filling: WriteTable.none)
        guard dots.count > 0 else { return }
        for write in writes {
            join(write, known)
            findLies(of: write, key)
            guard known.firstClock[Int(write)] >= 0 else { continue }
            for position in lieRange[Int(write)].range {
                report(dots[Int(lies[position])], by: write, key, known, &log)
            }
        }
    }

    /// Keeps the dots of puts that no possible delete has in its past, and notes where each actor's begin and end.
    private mutating func select(_ all: ContiguousArray<KeyDot>, _ key: UInt32) {
        dots.removeAll()
        for dot in all {
            if subject.writes.writes[Int(dot.write)].isDelete { continue }
            if subject.horizon.precedesPossibleDelete(dot.write) { continue }
            let actor = Int(dot.actor)
            if segmentKey[actor] != key {
                segmentKey[actor] = key
                segmentStart[actor] = Int32(dots.count)
            }
            dots.append(dot)
            segmentEnd[actor] = Int32(dots.count)
        }
    }

    /// Joins the claims of a write, and those that it inherits.
    ///
    /// A write without known clock claims nothing; it passes on what it inherits, for the sake of those that follow it.
    private mutating func join(_ write: Int32, _ known: KnownClocks) {
        inherited.clear()
        claimed.clear()
        let start = claims.count
        var next = known.firstClock[Int(write)]
        let passesOn = next < 0
        while next >= 0 {
            let clock = known.clocks[Int(next)]
            for position in clock.entries {
                let entry = subject.history.clocks[position]
                if claimed.raise(entry.actor, to: entry.counter) { claims.append(entry) }
            }
            next = clock.next
        }
        for position in subject.writes.seenRange(of: write) {
            for claim in claimRange[Int(subject.writes.seenWrite(position))].range {
                let entry = claims[claim]
                inherited.raise(entry.actor, to: entry.counter)
                if passesOn, claimed.raise(entry.actor, to: entry.counter) { claims.append(entry) }
            }
        }
        for position in start..<claims.count { claims[position].counter = claimed[claims[position].actor] }
        claimRange[Int(write)] = Slice(start: UInt32(start), count: UInt32(claims.count - start))
    }

    private mutating func findLies(of write: Int32, _ key: UInt32) {
        let start = lies.count
        for position in claimRange[Int(write)].range {
            let entry = claims[position]
            guard segmentKey[Int(entry.actor)] == key else { continue }
            let end = segmentEnd[Int(entry.actor)]
            var dot = firstDot(of: entry)
            while dot < end, dots[Int(dot)].counter <= entry.counter {
                ask(dot, of: write)
                dot += 1
            }
        }
        for position in subject.writes.seenRange(of: write) {
            for lie in lieRange[Int(subject.writes.seenWrite(position))].range {
                let dot = dots[Int(lies[lie])]
                if claimed.has(dot.actor), claimed[dot.actor] >= dot.counter { ask(lies[lie], of: write) }
            }
        }
        lieRange[Int(write)] = Slice(start: UInt32(start), count: UInt32(lies.count - start))
    }

    /// The first dot of the entry's actor that is not inherited.
    @inline(__always)
    private func firstDot(of entry: ClockEntry) -> Int32 {
        var low = segmentStart[Int(entry.actor)], high = segmentEnd[Int(entry.actor)]
        guard inherited.has(entry.actor) else { return low }
        let floor = inherited[entry.actor]
        while low < high {
            let middle = (low + high) / 2
            if dots[Int(middle)].counter > floor { high = middle } else { low = middle + 1 }
        }
        return low
    }

    @inline(__always)
    private mutating func ask(_ dot: Int32, of write: Int32) {
        guard askedAt[Int(dot)] != write else { return }
        askedAt[Int(dot)] = write
        let claimedWrite = dots[Int(dot)].write
        if claimedWrite == write { return }
        if subject.precedes(claimedWrite, write, &search) { return }
        lies.append(dot)
    }

    private mutating func report(
        _ dot: KeyDot, by write: Int32, _ key: UInt32, _ known: KnownClocks, _ log: inout AnomalyLog
    ) {
        guard reportedAt[Int(dot.write)] != write else { return }
        reportedAt[Int(dot.write)] = write
        log.reportDistinct(
            Finding(
                type: .falseDominance, key: key, value: subject.writes.writes[Int(write)].id,
                other: subject.writes.writes[Int(dot.write)].id, observer: claimant(of: dot, by: write, known),
                witness: dot.event))
    }

    /// The first event that shows the clock of `write` which claims the dot.
    private func claimant(of dot: KeyDot, by write: Int32, _ known: KnownClocks) -> Int32 {
        var next = known.firstClock[Int(write)]
        while next >= 0 {
            let clock = known.clocks[Int(next)]
            for position in clock.entries {
                let entry = subject.history.clocks[position]
                if entry.actor == dot.actor, entry.counter >= dot.counter { return clock.event }
            }
            next = clock.next
        }
        return -1
    }
}
