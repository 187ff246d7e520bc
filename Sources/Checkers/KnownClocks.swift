import History

/// The dots and the clocks that a history shows for each write, gathered from every event of its own key.
///
/// A class, for it is handed about in the innermost loops and must not be copied there.
final class KnownClocks {
    /// A dot that was shown for a write.
    struct Dot: BitwiseCopyable {
        var actor: UInt32
        var counter: UInt64
        /// The first event that shows it.
        var event: Int32
        /// The next dot of the same write; -1 at the end.
        var next: Int32
    }

    /// A clock that was shown for a write.
    struct Clock: BitwiseCopyable {
        /// Its entries, in ``History/clocks``.
        var slice: Slice
        var entries: Range<Int> { slice.range }
        /// The first event that shows it.
        var event: Int32
        /// The next clock of the same write; -1 at the end.
        var next: Int32
    }

    let dots: ContiguousArray<Dot>
    let clocks: ContiguousArray<Clock>
    /// For each write its first dot in ``dots`` and its first clock in ``clocks``; -1: none known.
    let firstDot: ContiguousArray<Int32>
    let firstClock: ContiguousArray<Int32>
    /// For each string that is the actor of a dot, its place among those by name.
    let rank: ContiguousArray<UInt32>
    /// How many actors of dots there are.
    let actorCount: Int

    init(subject: Subject) {
        let lesson = Lesson(subject)
        dots = ContiguousArray(lesson.dots.buffer)
        clocks = ContiguousArray(lesson.clocks.buffer)
        firstDot = ContiguousArray(lesson.firstDot.buffer)
        firstClock = ContiguousArray(lesson.firstClock.buffer)
        (rank, actorCount) = KnownClocks.rankActors(dots, subject)
    }

    private static func rankActors(
        _ dots: ContiguousArray<Dot>, _ subject: Subject
    ) -> (rank: ContiguousArray<UInt32>, count: Int) {
        var rank = ContiguousArray<UInt32>(repeating: Interner.none, count: subject.history.strings.count)
        var actors: [UInt32] = []
        for dot in dots where rank[Int(dot.actor)] == Interner.none {
            rank[Int(dot.actor)] = 0
            actors.append(dot.actor)
        }
        actors.sort { subject.isBefore($0, $1) }
        for (place, actor) in actors.enumerated() { rank[Int(actor)] = UInt32(place) }
        return (rank, actors.count)
    }

    /// Whether nothing is known of any write.
    var isEmpty: Bool { dots.isEmpty && clocks.isEmpty }

    /// The only dot known of a write; nil when it has none or several.
    func onlyDot(of write: Int32) -> Dot? {
        let first = firstDot[Int(write)]
        guard first >= 0, dots[Int(first)].next < 0 else { return nil }
        return dots[Int(first)]
    }
}

/// What the events of a history tell of dots and clocks, one after the other.
private struct Lesson {
    var dots = UncheckedArray<KnownClocks.Dot>()
    var clocks = UncheckedArray<KnownClocks.Clock>()
    var firstDot: UncheckedArray<Int32>
    var firstClock: UncheckedArray<Int32>

    init(_ subject: Subject) {
        firstDot = UncheckedArray(repeating: -1, count: subject.writes.count)
        firstClock = UncheckedArray(repeating: -1, count: subject.writes.count)
        let history = subject.history
        for index in Int32(0)..<Int32(history.events.count) {
            let event = subject.event(index)
            guard event.key != Interner.none, event.type != .invoke, event.list.count > 0 else { continue }
            switch event.function {
            case .get, .replica:
                for position in event.list.range {
                    let version = history.versions[position]
                    learn(version, of: subject.writes.number(ofID: version.id, key: event.key), from: index, history)
                }
            case .put, .delete:
                let write = subject.completedWrite(event, at: index)
                for position in event.list.range { learn(history.versions[position], of: write, from: index, history) }
            default:
                continue
            }
        }
    }

    @inline(__always)
    private mutating func learn(_ version: Version, of write: Int32, from event: Int32, _ history: History) {
        guard write >= 0 else { return }
        if version.hasDot { learnDot(version, of: write, from: event) }
        if version.hasClock { learnClock(version.clock, of: write, from: event, history) }
    }

    @inline(__always)
    private mutating func learnDot(_ version: Version, of write: Int32, from event: Int32) {
        var known = firstDot[Int(write)]
        while known >= 0 {
            let dot = dots[Int(known)]
            if dot.actor == version.actor, dot.counter == version.counter { return }
            known = dot.next
        }
        dots.append(
            KnownClocks.Dot(
                actor: version.actor, counter: version.counter, event: event, next: firstDot[Int(write)]))
        firstDot[Int(write)] = Int32(dots.count - 1)
    }

    @inline(__always)
    private mutating func learnClock(_ slice: Slice, of write: Int32, from event: Int32, _ history: History) {
        var known = firstClock[Int(write)]
        while known >= 0 {
            let clock = clocks[Int(known)]
            if clock.slice == slice || Lesson.equal(clock.entries, slice.range, history) { return }
            known = clock.next
        }
        clocks.append(KnownClocks.Clock(slice: slice, event: event, next: firstClock[Int(write)]))
        firstClock[Int(write)] = Int32(clocks.count - 1)
    }

    /// Whether two clocks list the same entries in the same order.
    ///
    /// The same clock in another order only counts as one more clock, which changes no verdict.
    private static func equal(_ a: Range<Int>, _ b: Range<Int>, _ history: History) -> Bool {
        guard a.count == b.count else { return false }
        for offset in 0..<a.count
        where history.clocks[a.lowerBound + offset] != history.clocks[b.lowerBound + offset] {
            return false
        }
        return true
    }
}
