/// What one walk through the events of a history tells of them: where those are that a checker looks for.
///
/// A walk through a part of a history costs as much as a good deal of what is then done with it, so that there is one for all.
package struct HistoryIndex: Sendable {
    /// The other half of each operation: see ``History/pairing()``.
    package private(set) var partner: ContiguousArray<Int32>
    /// The invocations of clients' puts and deletes that have a value, in order.
    package private(set) var writes = ContiguousArray<Int32>()
    /// The events that concern every key, in order.
    package private(set) var common = ContiguousArray<Int32>()
    /// Every key that counts, by first appearance.
    package private(set) var keys = ContiguousArray<UInt32>()
    /// Where the events of each key begin in ``keyEvents``, and at last where they end.
    package private(set) var keyStart = ContiguousArray<Int32>()
    /// The events of each key, in order.
    package private(set) var keyEvents = ContiguousArray<Int32>()
    /// The first event of a `replica`; nil when there is none.
    package private(set) var firstReplica: Int32?

    /// What whoever made the events knows of them.
    init(
        partner: ContiguousArray<Int32>, writes: ContiguousArray<Int32>, common: ContiguousArray<Int32>,
        keys: ContiguousArray<UInt32>, keyStart: ContiguousArray<Int32>, keyEvents: ContiguousArray<Int32>,
        firstReplica: Int32?
    ) {
        self.partner = partner
        self.writes = writes
        self.common = common
        self.keys = keys
        self.keyStart = keyStart
        self.keyEvents = keyEvents
        self.firstReplica = firstReplica
    }

    /// - Parameter keyNumbers: of a part of a history, for each string that is a key of it the key's number; nil: every
    ///   key counts.
    package init(_ history: History, keyNumbers: ContiguousArray<UInt32>? = nil) {
        partner = ContiguousArray(repeating: -1, count: history.events.count)
        // For each string its number among the keys that count; -1: not met yet, -2: none of them.
        var places = ContiguousArray<Int32>(repeating: -1, count: history.strings.count)
        if let keyNumbers {
            for string in keyNumbers.indices where keyNumbers[string] == Interner.none { places[string] = -2 }
        }
        // For each event the number of its key; -1: none that counts.
        var keyOfEvent = ContiguousArray<Int32>(repeating: -1, count: history.events.count)
        var counts = ContiguousArray<Int32>()
        walk(history, &places, &keyOfEvent, &counts)
        keyStart.reserveCapacity(keys.count + 1)
        var total: Int32 = 0
        for key in keys.indices {
            keyStart.append(total)
            total += counts[key]
        }
        keyStart.append(total)
        var next = keyStart
        keyEvents = ContiguousArray(repeating: 0, count: Int(total))
        for (event, key) in keyOfEvent.enumerated() where key >= 0 {
            keyEvents[Int(next[Int(key)])] = Int32(event)
            next[Int(key)] += 1
        }
    }

    private mutating func walk(
        _ history: History, _ places: inout ContiguousArray<Int32>, _ keyOfEvent: inout ContiguousArray<Int32>,
        _ counts: inout ContiguousArray<Int32>
    ) {
        var inFlight = ProcessTable<Int32>(default: -1)
        history.events.withUnsafeBufferPointer { events in
            for index in events.indices {
                let key = events[index].key
                if key != Interner.none {
                    if places[Int(key)] == -1 {
                        places[Int(key)] = Int32(keys.count)
                        keys.append(key)
                        counts.append(0)
                    }
                    let place = places[Int(key)]
                    keyOfEvent[index] = max(place, -1)
                    if place >= 0 { counts[Int(place)] += 1 }
                }
                let function = events[index].function
                if events[index].process.isClient {
                    pair(index, events, &inFlight)
                    if function.isWrite, events[index].type == .invoke, events[index].value != Interner.none {
                        writes.append(Int32(index))
                    }
                }
                if function == .replica {
                    firstReplica = firstReplica ?? Int32(index)
                } else if function.concernsEveryKey {
                    common.append(Int32(index))
                }
            }
        }
    }

    @inline(__always)
    private mutating func pair(
        _ index: Int, _ events: UnsafeBufferPointer<Event>, _ inFlight: inout ProcessTable<Int32>
    ) {
        let process = events[index].process.rawValue
        if events[index].type == .invoke {
            inFlight[process] = Int32(index)
            return
        }
        let invocation = inFlight[process]
        guard invocation >= 0 else { return }
        partner[index] = invocation
        partner[Int(invocation)] = Int32(index)
        inFlight[process] = -1
    }
}
