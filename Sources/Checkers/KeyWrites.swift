import History

/// The writes of each key in topological order: none before one that it has seen.
struct KeyWrites {
    private var start: ContiguousArray<Int32>
    private var numbers: ContiguousArray<Int32>

    init(subject: Subject) {
        start = ContiguousArray(repeating: 0, count: subject.history.strings.count + 1)
        numbers = ContiguousArray(repeating: 0, count: subject.writes.count)
        for write in subject.writes.writes where write.key != Interner.none { start[Int(write.key) + 1] += 1 }
        for key in 1..<max(start.count, 1) { start[key] += start[key - 1] }
        var next = start
        for number in subject.order.topological {
            let key = subject.writes.writes[Int(number)].key
            guard key != Interner.none else { continue }
            numbers[Int(next[Int(key)])] = number
            next[Int(key)] += 1
        }
    }

    func writes(of key: UInt32) -> ContiguousArray<Int32>.SubSequence {
        numbers[Int(start[Int(key)])..<Int(start[Int(key) + 1])]
    }
}
