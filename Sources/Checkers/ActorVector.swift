import History

/// A version vector in working memory: looked up by actor in one step, cleared in one step. A copy shares its memory.
struct ActorVector {
    private let counters: UncheckedArray<UInt64>
    private let stamps: UncheckedArray<Int32>
    private var round: Int32 = 0

    /// A vector whose actors are strings with identifiers below `count`.
    init(count: Int) {
        counters = UncheckedArray(repeating: 0, count: count)
        stamps = UncheckedArray(repeating: 0, count: count)
    }

    mutating func clear() { round += 1 }

    /// The actor's counter; 0 for an actor without entry.
    subscript(actor: UInt32) -> UInt64 {
        stamps[Int(actor)] == round ? counters[Int(actor)] : 0
    }

    func has(_ actor: UInt32) -> Bool { stamps[Int(actor)] == round }

    /// Raises the actor's entry to `counter`; true when the actor had no entry.
    @discardableResult
    mutating func raise(_ actor: UInt32, to counter: UInt64) -> Bool {
        if stamps[Int(actor)] == round {
            if counters[Int(actor)] < counter { counters[Int(actor)] = counter }
            return false
        }
        stamps[Int(actor)] = round
        counters[Int(actor)] = counter
        return true
    }

    /// Replaces the content by the entries in that range of ``History/clocks``.
    mutating func load(_ entries: Range<Int>, _ history: History) {
        clear()
        for position in entries { raise(history.clocks[position].actor, to: history.clocks[position].counter) }
    }

    /// Whether this vector is at least that clock, entry by entry.
    func dominates(_ entries: Range<Int>, _ history: History) -> Bool {
        for position in entries where self[history.clocks[position].actor] < history.clocks[position].counter {
            return false
        }
        return true
    }
}
