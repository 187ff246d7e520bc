/// The rules of SEMANTICS section 2: what a write has seen are writes of its key, and no write comes before itself.
extension History {
    /// - Parameter writes: the invocation that wrote each id, by the number of the string; -1 where none did.
    func checkSeen(writes: ContiguousArray<Int32>) throws(Malformation) {
        var looksForward = false
        for index in events.indices where events[index].function.isWrite && events[index].type == .invoke {
            for id in ids(of: events[index]) {
                let write = id == Interner.none ? -1 : Int(writes[Int(id)])
                if write < 0 { throw Malformation(index, "seen id \"\(string(id))\" is written by nobody") }
                if events[write].key != events[index].key {
                    let (here, there) = (string(events[index].key), string(events[write].key))
                    throw Malformation(
                        index,
                        "seen id \"\(string(id))\" is a write of key \"\(there)\" (line \(write + 2)), "
                            + "not of \"\(here)\""
                    )
                }
                if write >= index { looksForward = true }
            }
        }
        // Where every write has seen earlier lines only, there is no cycle to look for.
        if looksForward { try checkCycles(writes) }
    }

    /// Takes away, again and again, the writes whose seen writes are all gone: what stays is on a cycle or behind one.
    private func checkCycles(_ writes: ContiguousArray<Int32>) throws(Malformation) {
        var waiting: [Int: Int] = [:]
        var followers: [Int: [Int]] = [:]
        var ready: [Int] = []
        for index in events.indices where events[index].function.isWrite && events[index].type == .invoke {
            let seen = ids(of: events[index])
            if seen.isEmpty { ready.append(index) } else { waiting[index] = seen.count }
            for id in seen { followers[Int(writes[Int(id)]), default: []].append(index) }
        }
        while let index = ready.popLast() {
            for follower in followers[index] ?? [] {
                let left = (waiting[follower] ?? 0) - 1
                waiting[follower] = left
                if left == 0 {
                    waiting[follower] = nil
                    ready.append(follower)
                }
            }
        }
        if let first = waiting.keys.min() { throw cycle(from: first, among: waiting, writes) }
    }

    /// Walks from a stuck write to stuck writes that it has seen until one comes up again.
    private func cycle(from first: Int, among stuck: [Int: Int], _ writes: ContiguousArray<Int32>) -> Malformation {
        var path: [Int] = []
        var places: [Int: Int] = [:]
        var next: Int? = first
        while let index = next, places[index] == nil {
            places[index] = path.count
            path.append(index)
            next = ids(of: events[index]).lazy.map { Int(writes[Int($0)]) }.first { stuck[$0] != nil }
        }
        let loop = path[(next.flatMap { places[$0] } ?? 0)...]
        let smallest = loop.min() ?? first
        let turn = loop.firstIndex(of: smallest) ?? loop.startIndex
        let names = (loop[turn...] + loop[..<turn] + [smallest]).prefix(8).map { "\"\(string(events[$0].value))\"" }
        return Malformation(smallest, "seen makes a cycle: \(names.joined(separator: " has seen "))")
    }
}

extension History {
    /// Whether what every write has seen are earlier writes of its key, or at least writes of it and no cycle.
    package var hasSoundSeen: Bool {
        var writes = ContiguousArray<Int32>(repeating: -1, count: strings.count)
        for index in events.indices where events[index].function.isWrite && events[index].type == .invoke {
            writes[Int(events[index].value)] = Int32(index)
        }
        do throws(Malformation) { try checkSeen(writes: writes) } catch { return false }
        return true
    }
}
