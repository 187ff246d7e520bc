extension History {
    /// For each event of a client process the index of its partner: the completion of an invocation, the invocation
    /// of a completion. -1 where there is none: an invocation that never completed, and every event of a named
    /// process.
    public func pairing() -> ContiguousArray<Int32> {
        var partners = ContiguousArray<Int32>(repeating: -1, count: events.count)
        var inFlight = ProcessTable<Int32>(default: -1)
        for index in events.indices where events[index].process.isClient {
            let process = events[index].process.rawValue
            if events[index].type == .invoke {
                inFlight[process] = Int32(index)
                continue
            }
            let invocation = inFlight[process]
            guard invocation >= 0 else { continue }
            partners[index] = invocation
            partners[Int(invocation)] = Int32(index)
            inFlight[process] = -1
        }
        return partners
    }
}

/// A value for each client process: an array for the small numbers that a run gives out, a dictionary for any others.
struct ProcessTable<Value: Sendable>: Sendable {
    private static var denseLimit: Int64 { 1 << 16 }
    private let initial: Value
    private var dense = ContiguousArray<Value>()
    private var sparse: [Int64: Value] = [:]

    init(default initial: Value) { self.initial = initial }

    subscript(process: Int64) -> Value {
        get {
            if process < dense.count && process >= 0 { return dense[Int(process)] }
            return sparse[process] ?? initial
        }
        _modify {
            if process >= 0, process < dense.count {
                yield &dense[Int(process)]
            } else {
                var value = self[process]
                defer { self[process] = value }
                yield &value
            }
        }
        set {
            if process < 0 || process >= ProcessTable.denseLimit {
                sparse[process] = newValue
                return
            }
            while dense.count <= process { dense.append(initial) }
            dense[Int(process)] = newValue
        }
    }
}
