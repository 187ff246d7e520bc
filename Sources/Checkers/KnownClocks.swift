import History

/// The dots and the clocks that a history shows for each write, gathered from every event of its own key.
struct KnownClocks {
    /// A dot that was shown for a write.
    struct Dot {
        var actor: UInt32
        var counter: UInt64
        /// The first event that shows it.
        var event: Int32
        /// The next dot of the same write; -1 at the end.
        var next: Int32
    }

    /// A clock that was shown for a write.
    struct Clock {
        /// Its entries, in ``History/clocks``.
        var entries: Range<Int>
        /// The first event that shows it.
        var event: Int32
        /// The next clock of the same write; -1 at the end.
        var next: Int32
    }

    private(set) var dots = ContiguousArray<Dot>()
    private(set) var clocks = ContiguousArray<Clock>()
    /// For each write its first dot in ``dots`` and its first clock in ``clocks``; -1: none known.
    private(set) var firstDot: ContiguousArray<Int32>
    private(set) var firstClock: ContiguousArray<Int32>
    /// For each string that is the actor of a dot, its place among those by name.
    private(set) var rank: ContiguousArray<UInt32>
    /// How many actors of dots there are.
    private(set) var actorCount = 0

    init(subject: Subject) {
        firstDot = ContiguousArray(repeating: -1, count: subject.writes.count)
        firstClock = firstDot
        rank = ContiguousArray(repeating: Interner.none, count: subject.history.strings.count)
        for index in Int32(0)..<Int32(subject.history.events.count) {
            let event = subject.event(index)
            guard event.key != Interner.none, event.type != .invoke, event.list.count > 0 else { continue }
            switch event.function {
            case .get, .replica:
                for position in event.list.range {
                    let id = subject.history.versions[position].id
                    learn(position, of: subject.writes.number(ofID: id, key: event.key), from: index, subject)
                }
            case .put, .delete:
                let write = subject.completedWrite(event, at: index)
                for position in event.list.range { learn(position, of: write, from: index, subject) }
            default:
                continue
            }
        }
        rankActors(subject)
    }

    private mutating func rankActors(_ subject: Subject) {
        var actors: [UInt32] = []
        for dot in dots where rank[Int(dot.actor)] == Interner.none {
            rank[Int(dot.actor)] = 0
            actors.append(dot.actor)
        }
        actorCount = actors.count
        actors.sort { subject.isBefore($0, $1) }
        for (place, actor) in actors.enumerated() { rank[Int(actor)] = UInt32(place) }
    }

    /// Whether nothing is known of any write.
    var isEmpty: Bool { dots.isEmpty && clocks.isEmpty }

    /// The only dot known of a write; nil when it has none or several.
    func onlyDot(of write: Int32) -> Dot? {
        let first = firstDot[Int(write)]
        guard first >= 0, dots[Int(first)].next < 0 else { return nil }
        return dots[Int(first)]
    }

    private mutating func learn(_ position: Int, of write: Int32, from event: Int32, _ subject: Subject) {
        guard write >= 0 else { return }
        let version = subject.history.versions[position]
        if version.hasDot { learnDot(version, of: write, from: event) }
        if version.hasClock { learnClock(version.clock.range, of: write, from: event, subject.history) }
    }

    private mutating func learnDot(_ version: Version, of write: Int32, from event: Int32) {
        var known = firstDot[Int(write)]
        while known >= 0 {
            let dot = dots[Int(known)]
            if dot.actor == version.actor, dot.counter == version.counter { return }
            known = dot.next
        }
        dots.append(
            Dot(actor: version.actor, counter: version.counter, event: event, next: firstDot[Int(write)]))
        firstDot[Int(write)] = Int32(dots.count - 1)
    }

    private mutating func learnClock(
        _ entries: Range<Int>, of write: Int32, from event: Int32, _ history: History
    ) {
        var known = firstClock[Int(write)]
        while known >= 0 {
            let clock = clocks[Int(known)]
            if clock.entries == entries || KnownClocks.equal(clock.entries, entries, history) { return }
            known = clock.next
        }
        clocks.append(Clock(entries: entries, event: event, next: firstClock[Int(write)]))
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
