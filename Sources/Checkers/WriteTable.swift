import History

/// How an operation ended; an invocation without completion ended in `info`.
enum Outcome: UInt8 {
    case acked, failed, indeterminate

    /// Whether the write may have taken effect.
    var isPossible: Bool { self != .failed }
}

/// A put or a delete.
struct Write {
    /// The id that it wrote, interned.
    var id: UInt32
    var key: UInt32
    /// Event index of the invocation.
    var invocation: Int32
    /// Event index of the completion; -1 when there is none.
    var completion: Int32
    var outcome: Outcome
    var isDelete: Bool

    var isAcked: Bool { outcome == .acked }
}

/// Every write of a history, numbered from 0 in the order of invocation, with the writes that each had seen.
struct WriteTable {
    /// The number that stands for "no write".
    static let none: Int32 = -1

    private(set) var writes = ContiguousArray<Write>()
    /// The number of the write of an interned id; ``none`` when the id was never written.
    private(set) var numberOfID: ContiguousArray<Int32>
    /// Where the seen writes of write `w` are in `seen`: from `seenStart[w]` to `seenStart[w + 1]`.
    private var seenStart = ContiguousArray<Int32>()
    private var seen = ContiguousArray<Int32>()
    /// Whether every write has seen only earlier writes of its key: then `seen` needs no further validation.
    private(set) var seesOnlyEarlier = true

    init(history: History, index: HistoryIndex) {
        numberOfID = ContiguousArray(repeating: WriteTable.none, count: history.strings.count)
        collectWrites(history, index)
        collectSeen(history)
    }

    var count: Int { writes.count }

    /// The writes whose ids the client passed back with `write`, of the same key, as a range of ``seenWrite(_:)``.
    @inline(__always)
    func seenRange(of write: Int32) -> Range<Int> {
        Int(seenStart[Int(write)])..<Int(seenStart[Int(write) + 1])
    }

    @inline(__always)
    func seenWrite(_ position: Int) -> Int32 { seen[position] }

    /// The write of `id` when it is one of `key`, ``none`` otherwise: phantom ids and ids of other keys order nothing.
    @inline(__always)
    func number(ofID id: UInt32, key: UInt32) -> Int32 {
        guard id != Interner.none else { return WriteTable.none }
        let number = numberOfID[Int(id)]
        return number >= 0 && writes[Int(number)].key == key ? number : WriteTable.none
    }

    private mutating func collectWrites(_ history: History, _ index: HistoryIndex) {
        writes.reserveCapacity(index.writes.count)
        for invocation in index.writes {
            let event = history.events[Int(invocation)]
            guard numberOfID[Int(event.value)] == WriteTable.none else { continue }
            numberOfID[Int(event.value)] = Int32(writes.count)
            let completion = index.partner[Int(invocation)]
            var outcome = Outcome.indeterminate
            if completion >= 0 {
                switch history.events[Int(completion)].type {
                case .ok: outcome = .acked
                case .fail: outcome = .failed
                case .info, .invoke: outcome = .indeterminate
                }
            }
            writes.append(
                Write(
                    id: event.value, key: event.key, invocation: invocation, completion: completion,
                    outcome: outcome, isDelete: event.function == .delete))
        }
    }

    /// Ids that may not be in `seen` (of no write, of another key) are passed over: a validated history has none.
    private mutating func collectSeen(_ history: History) {
        seenStart.reserveCapacity(writes.count + 1)
        for number in writes.indices {
            seenStart.append(Int32(seen.count))
            let write = writes[number]
            for position in history.events[Int(write.invocation)].list.range {
                let parent = self.number(ofID: history.ids[position], key: write.key)
                if parent < 0 || parent >= Int32(number) { seesOnlyEarlier = false }
                if parent >= 0, parent != Int32(number) { seen.append(parent) }
            }
        }
        seenStart.append(Int32(seen.count))
    }
}
