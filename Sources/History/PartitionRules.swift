/// The rules of ``History/validate(file:)`` that need the events in their order and all keys together, checked as the
/// events of a history pass by.
///
/// It only says whether a history is malformed, and exactly then; who has to tell why reads it again.
struct PartitionRules: Sendable {
    /// What a client process does.
    private struct State: Sendable {
        var phase = Phase.idle
        var function = Function.other
        var name: UInt32 = Interner.none
        var key: UInt32 = Interner.none
        /// The code of the id written.
        var value: UInt64 = 0
    }

    private enum Phase: UInt8, Sendable { case idle, inFlight, ended }

    private var time = Int64.min
    private var states = ProcessTable<State>(default: State())
    private var written = CodeSet()

    /// An event with its strings translated into those of the whole history.
    struct Passing {
        var name: UInt32
        var key: UInt32
        /// The code of its value if it is a write; nil when it has none.
        var value: UInt64?
    }

    /// Whether the event may come next.
    @inline(__always)
    mutating func admit(_ event: Event, _ passing: Passing) -> Bool {
        guard event.time >= time else { return false }
        time = event.time
        return event.process.isClient ? admitOperation(event, passing) : true
    }

    private mutating func admitOperation(_ event: Event, _ passing: Passing) -> Bool {
        let process = event.process.rawValue
        let state = states[process]
        if event.type == .invoke {
            guard state.phase == .idle else { return false }
            states[process] = State(
                phase: .inFlight, function: event.function, name: passing.name, key: passing.key,
                value: passing.value ?? 0)
            if event.function.isWrite, let value = passing.value { return written.insert(value) }
            return true
        }
        guard state.phase == .inFlight, state.function == event.function, state.name == passing.name else {
            return false
        }
        if state.key != passing.key, state.key != Interner.none, passing.key != Interner.none { return false }
        if event.function.isWrite, event.type == .ok, let value = passing.value, value != state.value { return false }
        states[process].phase = event.type == .info ? .ended : .idle
        return true
    }
}
