import History

/// One set S of versions of one key (a read, a replica's content), and which writes it *covers* (SEMANTICS section 2).
///
/// The same value is loaded with one S after another; all its memory is kept. Writes are told apart by stamps, so that
/// loading costs as much as S is large and nothing more.
struct Coverage {
    private let subject: Subject
    private var search: CausalSearch
    /// The distinct writes of the key in S.
    private(set) var content = UncheckedArray<Int32>()
    /// For a write of the current S, its position in ``content``.
    private let slotOf: UncheckedArray<Int32>
    private let inContent: UncheckedArray<Int32>
    private var round: Int32 = 0
    /// The event at which S was seen.
    private var seenAt: Int32 = 0

    /// The key's deletes that ended in `info`, and those among them that count for this S once that is worked out.
    private var indeterminateDeletes = UncheckedArray<Int32>()
    private var eligible = UncheckedArray<Int32>()
    private var eligibleIsKnown = false

    /// For a write met by the latest ``spread(downTo:)``, the position in ``content`` of a version that it is behind.
    private let spreadSlot: UncheckedArray<Int32>
    private let metBySpread: UncheckedArray<Int32>
    private var spreads: Int32 = 0
    private var spreadLevel: Int32 = Int32.max
    private var stack = UncheckedArray<Int32>()

    init(subject: Subject) {
        self.subject = subject
        let count = subject.writes.count
        search = CausalSearch(writes: count)
        slotOf = UncheckedArray(repeating: 0, count: count)
        inContent = UncheckedArray(repeating: 0, count: count)
        spreadSlot = UncheckedArray(repeating: 0, count: count)
        metBySpread = UncheckedArray(repeating: 0, count: count)
    }

    /// Starts with another key: `events` are all of its events.
    mutating func begin(key events: ContiguousArray<Int32>.SubSequence) {
        indeterminateDeletes.removeAll()
        guard let first = events.first else { return }
        for delete in subject.indeterminateDeletes.of(subject.event(first).key) { indeterminateDeletes.append(delete) }
    }

    /// Takes the versions of the event at `index` for S, seen at that event.
    mutating func load(_ index: Int32) {
        clear(seenAt: index)
        add(index)
    }

    /// Makes S empty.
    mutating func clear(seenAt index: Int32) {
        round += 1
        content.removeAll()
        seenAt = index
        spreadLevel = Int32.max
        eligibleIsKnown = false
    }

    /// Adds the versions of the event at `index` to S.
    mutating func add(_ index: Int32) {
        let event = subject.event(index)
        for position in event.list.range {
            let number = subject.writes.number(ofID: subject.history.versions[position].id, key: event.key)
            guard number >= 0, inContent[Int(number)] != round else { continue }
            inContent[Int(number)] = round
            slotOf[Int(number)] = Int32(content.count)
            content.append(number)
        }
        seenAt = max(seenAt, index)
    }

    /// Whether the write itself is in S.
    func contains(_ write: Int32) -> Bool { inContent[Int(write)] == round }

    /// The position in ``content`` of a version s with w ⪯ s; -1 when S has none (the first clause of *covers*).
    mutating func slot(behind write: Int32) -> Int32 {
        if inContent[Int(write)] == round { return slotOf[Int(write)] }
        if subject.order.level[Int(write)] >= spreadLevel {
            return metBySpread[Int(write)] == spreads ? spreadSlot[Int(write)] : -1
        }
        for slot in 0..<content.count where precedes(write, content[slot]) { return Int32(slot) }
        return -1
    }

    /// Whether a ≺ b.
    mutating func precedes(_ a: Int32, _ b: Int32) -> Bool {
        subject.precedes(a, b, &search)
    }

    /// Whether S covers a write that is not behind any version of S (the second and third clause).
    mutating func excusesAbsence(of write: Int32) -> Bool {
        if subject.writes.writes[Int(write)].isDelete { return true }
        if subject.horizon.earliestAckedDelete[Int(write)] < seenAt { return true }
        guard subject.horizon.hasIndeterminateDelete[Int(write)] else { return false }
        findEligibleDeletes()
        for delete in eligible.buffer where precedes(write, delete) { return true }
        return false
    }

    /// Whether S covers the write.
    mutating func covers(_ write: Int32) -> Bool {
        slot(behind: write) >= 0 || excusesAbsence(of: write)
    }

    /// Works out at once, for every write of that level or a higher one, which version of S it is behind.
    ///
    /// One walk back from S: the better way when many writes are going to be asked for.
    mutating func spread(downTo level: Int32) {
        guard level < spreadLevel else { return }
        // A stamp of its own: an earlier, shallower walk from the same S must not stop this one.
        spreads += 1
        stack.removeAll()
        for slot in 0..<content.count {
            stack.append(content[slot])
            while let write = stack.popLast() {
                for position in subject.writes.seenRange(of: write) {
                    let parent = subject.writes.seenWrite(position)
                    guard subject.order.level[Int(parent)] >= level, metBySpread[Int(parent)] != spreads
                    else { continue }
                    metBySpread[Int(parent)] = spreads
                    spreadSlot[Int(parent)] = Int32(slot)
                    stack.append(parent)
                }
            }
        }
        spreadLevel = level
    }

    /// The deletes that ended in `info`, were invoked before S was seen and have no version of S in their past.
    private mutating func findEligibleDeletes() {
        guard !eligibleIsKnown else { return }
        eligibleIsKnown = true
        eligible.removeAll()
        for delete in indeterminateDeletes.buffer where subject.writes.writes[Int(delete)].invocation < seenAt {
            var isRefuted = false
            for version in content.buffer where precedes(version, delete) {
                isRefuted = true
                break
            }
            if !isRefuted { eligible.append(delete) }
        }
    }
}
