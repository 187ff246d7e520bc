/// The rules that tie the events of a client process together, and each id to one write.
struct OperationRules {
    /// The invocation that wrote each id, by the number of the string; -1 where none did.
    private(set) var writes: ContiguousArray<Int32>
    /// What each client process does: the index of its invocation in flight, or one of the two below.
    private var states = ProcessTable<Int32>(default: OperationRules.idle)

    private static let idle: Int32 = -1
    private static let ended: Int32 = -2

    init(_ history: History) {
        writes = ContiguousArray(repeating: -1, count: history.strings.count)
    }

    mutating func check(_ index: Int, _ history: History) throws(Malformation) {
        let event = history.events[index]
        guard event.process.isClient else { return }
        let process = event.process.rawValue
        let state = states[process]
        if state == OperationRules.ended {
            throw Malformation(index, "process \(process) goes on after an operation that ended in info")
        }
        if event.type == .invoke {
            if state != OperationRules.idle {
                throw Malformation(
                    index, "process \(process) has two operations in flight, the first from line \(state + 2)")
            }
            states[process] = Int32(index)
            if event.function.isWrite { try noteWrite(index, event, history) }
            return
        }
        if state == OperationRules.idle {
            throw Malformation(index, "completion without invocation: process \(process) has no operation in flight")
        }
        try checkCompletion(index, of: Int(state), history)
        states[process] = event.type == .info ? OperationRules.ended : OperationRules.idle
    }

    private mutating func noteWrite(_ index: Int, _ event: Event, _ history: History) throws(Malformation) {
        let earlier = writes[Int(event.value)]
        if earlier >= 0 {
            let id = history.string(event.value)
            throw Malformation(index, "the id \"\(id)\" is written twice, the first time in line \(earlier + 2)")
        }
        writes[Int(event.value)] = Int32(index)
    }

    private func checkCompletion(_ index: Int, of invocation: Int, _ history: History) throws(Malformation) {
        let event = history.events[index]
        let begun = history.events[invocation]
        if event.function != begun.function || event.name != begun.name {
            throw mismatch(index, invocation, "f", history.name(of: event), history.name(of: begun))
        }
        if event.key != begun.key && event.key != Interner.none && begun.key != Interner.none {
            throw mismatch(index, invocation, "key", history.string(event.key), history.string(begun.key))
        }
        // A failed operation may say something else here; one that took effect must have written what it set out to.
        if event.function.isWrite && event.type == .ok && event.value != Interner.none && event.value != begun.value {
            throw mismatch(index, invocation, "value", history.string(event.value), history.string(begun.value))
        }
    }

    private func mismatch(
        _ index: Int, _ invocation: Int, _ member: String, _ found: String, _ wanted: String
    ) -> Malformation {
        Malformation(
            index,
            "completion of another operation: \(member) is \"\(found)\", "
                + "its invocation in line \(invocation + 2) has \"\(wanted)\""
        )
    }
}

extension History {
    /// The `f` of an event as it is written.
    func name(of event: Event) -> String {
        event.function == .other ? string(event.name) : event.function.spelling
    }
}
