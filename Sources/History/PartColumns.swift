/// The arrays of a part as they grow, in memory that the next part uses again, and what a walk through its events would tell
/// (see ``HistoryIndex``), told while they come.
struct PartColumns {
    var events = UncheckedArray<Event>()
    var indexes = UncheckedArray<Int32>()
    var versions = UncheckedArray<Version>()
    var ids = UncheckedArray<UInt32>()
    var clocks = UncheckedArray<ClockEntry>()

    private var partner = UncheckedArray<Int32>()
    private var writes = UncheckedArray<Int32>()
    private var common = UncheckedArray<Int32>()
    private var firstReplica: Int32?
    /// The keys by first appearance, and how many events each has.
    private var keys = UncheckedArray<UInt32>()
    private var counts = UncheckedArray<Int32>()
    /// For each event the place of its key in ``keys``; -1: it has none.
    private var keyOfEvent = UncheckedArray<Int32>()

    /// The operation that a process has in flight, or had last.
    struct Operation: BitwiseCopyable {
        /// The part that it is of: what is of another part is nothing.
        var round: Int32 = -1
        /// Its invocation; -1 when it is complete.
        var invocation: Int32 = -1
        var key = Interner.none
        var keyPlace: Int32 = -1
        var value = Interner.none
    }

    private var operations = UncheckedArray<Operation>()
    private var sparse: [Int64: Int32] = [:]
    private var round: Int32 = 0

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        events.removeAll()
        indexes.removeAll()
        versions.removeAll()
        ids.removeAll()
        clocks.removeAll()
        partner.removeAll()
        writes.removeAll()
        common.removeAll()
        firstReplica = nil
        keys.removeAll()
        counts.removeAll()
        keyOfEvent.removeAll()
        if !sparse.isEmpty { sparse.removeAll() }
        round &+= 1
    }

    /// The place of a key that comes up for the first time.
    mutating func newKey(_ key: UInt32) -> Int32 {
        keys.append(key)
        counts.append(0)
        return Int32(keys.count - 1)
    }

    /// The last operation of a process below ``PartitionRules/denseProcesses`` in this part; nil when it had none.
    @inline(__always)
    func operation(of process: Process) -> Operation? {
        guard process.rawValue >= 0, process.rawValue < operations.count else { return nil }
        let operation = operations[Int(process.rawValue)]
        return operation.round == round ? operation : nil
    }

    /// Appends an event.
    ///
    /// - Parameter keyPlace: what ``newKey(_:)`` gave for its key; -1 when it has none.
    @inline(__always)
    mutating func append(_ event: Event, index: Int32, keyPlace: Int32) {
        let position = Int32(truncatingIfNeeded: events.count)
        events.append(event)
        indexes.append(index)
        partner.append(-1)
        keyOfEvent.append(keyPlace)
        if keyPlace >= 0 { counts[Int(keyPlace)] &+= 1 }
        if event.process.isClient {
            pair(event, position, keyPlace)
            if event.function.isWrite, event.type == .invoke, event.value != Interner.none { writes.append(position) }
        }
        if event.function == .replica {
            if firstReplica == nil { firstReplica = position }
        } else if event.function.concernsEveryKey {
            common.append(position)
        }
    }

    @inline(__always)
    private mutating func pair(_ event: Event, _ position: Int32, _ keyPlace: Int32) {
        let process = event.process.rawValue
        if process >= PartitionRules.denseProcesses { return pairSparse(event, position) }
        if event.type == .invoke {
            if process >= operations.count { operations.grow(to: Int(process) + 1, filling: Operation()) }
            operations[Int(process)] = Operation(
                round: round, invocation: position, key: event.key, keyPlace: keyPlace, value: event.value)
        } else if process < operations.count, operations[Int(process)].round == round {
            let invocation = operations[Int(process)].invocation
            if invocation < 0 { return }
            partner[Int(position)] = invocation
            partner[Int(invocation)] = position
            operations[Int(process)].invocation = -1
        }
    }

    private mutating func pairSparse(_ event: Event, _ position: Int32) {
        if event.type == .invoke {
            sparse[event.process.rawValue] = position
        } else if let invocation = sparse.removeValue(forKey: event.process.rawValue) {
            partner[Int(position)] = invocation
            partner[Int(invocation)] = position
        }
    }

    /// What a walk through the events tells of them.
    func index() -> HistoryIndex {
        var start = ContiguousArray<Int32>()
        start.reserveCapacity(keys.count + 1)
        var total: Int32 = 0
        for count in counts.buffer {
            start.append(total)
            total += count
        }
        start.append(total)
        let keyEvents = ContiguousArray<Int32>(unsafeUninitializedCapacity: Int(total)) { places, filled in
            var next = start
            next.withUnsafeMutableBufferPointer { next in
                for event in 0..<keyOfEvent.count where keyOfEvent[event] >= 0 {
                    let key = Int(keyOfEvent[event])
                    places[Int(next[key])] = Int32(truncatingIfNeeded: event)
                    next[key] += 1
                }
            }
            filled = Int(total)
        }
        return HistoryIndex(
            partner: ContiguousArray(partner.buffer), writes: ContiguousArray(writes.buffer),
            common: ContiguousArray(common.buffer), keys: ContiguousArray(keys.buffer), keyStart: start,
            keyEvents: keyEvents, firstReplica: firstReplica)
    }
}
