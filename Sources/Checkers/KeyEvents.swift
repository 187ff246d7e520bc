import History

/// The events of each key in their order, so that a checker can take key after key.
struct KeyEvents {
    /// Every key of the history, by first appearance.
    let keys: ContiguousArray<UInt32>
    private let start: ContiguousArray<Int32>
    private let indices: ContiguousArray<Int32>

    /// - Parameter keyNumbers: of a part of a history, for each string that is a key of it the key's number; nil: every
    ///   key counts.
    init(history: History, keyNumbers: ContiguousArray<UInt32>? = nil) {
        var counts = ContiguousArray<Int32>(repeating: 0, count: history.strings.count)
        var keys = ContiguousArray<UInt32>()
        for event in history.events where event.key != Interner.none {
            if counts[Int(event.key)] == 0, keyNumbers.map({ $0[Int(event.key)] != Interner.none }) ?? true {
                keys.append(event.key)
            }
            counts[Int(event.key)] += 1
        }
        var start = ContiguousArray<Int32>()
        var next = ContiguousArray<Int32>(repeating: -1, count: history.strings.count)
        var total: Int32 = 0
        for key in keys {
            start.append(total)
            next[Int(key)] = total
            total += counts[Int(key)]
        }
        start.append(total)
        var indices = ContiguousArray<Int32>(repeating: 0, count: Int(total))
        for index in history.events.indices {
            let key = history.events[index].key
            guard key != Interner.none, next[Int(key)] >= 0 else { continue }
            indices[Int(next[Int(key)])] = Int32(index)
            next[Int(key)] += 1
        }
        self.keys = keys
        self.start = start
        self.indices = indices
    }

    /// The indexes of the events of the key at `position` of ``keys``, ascending.
    func events(at position: Int) -> ContiguousArray<Int32>.SubSequence {
        indices[Int(start[position])..<Int(start[position + 1])]
    }
}
