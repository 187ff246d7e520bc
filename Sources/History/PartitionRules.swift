/// The rules of ``History/validate(file:)`` that need the events in their order and all keys together, checked as the
/// events of a history pass by.
///
/// It only says whether a history is malformed, and exactly then; who has to tell why reads it again.
struct PartitionRules: Sendable {
    /// What a client process does.
    fileprivate struct State: Sendable, BitwiseCopyable {
        /// The code of the id written, when it writes one.
        var value: UInt64 = 0
        var name = Interner.none
        var key = Interner.none
        var function = Function.other
        var phase = Phase.idle
    }

    fileprivate enum Phase: UInt8, Sendable, BitwiseCopyable { case idle, inFlight, ended }

    /// Processes below have their state in an array. A stream of a part refers back to the operations of these only.
    static let denseProcesses: Int64 = 1 << 16

    private var time = Int64.min
    private var dense = UncheckedArray<State>()
    private var sparse: [Int64: State] = [:]
    private var written = CodeSet()

    /// An event with its strings translated into those of the whole history.
    struct Passing {
        var name: UInt32
        var key: UInt32
        /// The code of its value if it is a write; nil when it has none.
        var value: UInt64?
    }

    /// What the rules say of an event.
    struct Admission: OptionSet {
        let rawValue: UInt8
        /// It may come next.
        static let granted = Admission(rawValue: 1)
        /// It completes an operation on the same key, of a process below ``denseProcesses``.
        static let repeatsKey = Admission(rawValue: 2)
        /// It has the value of the invocation, too.
        static let repeatsValue = Admission(rawValue: 4)
    }

    /// Whether the event may come next.
    @inline(__always)
    mutating func admit(_ event: Event, _ passing: Passing) -> Admission {
        guard event.time >= time else { return [] }
        time = event.time
        guard event.process.isClient else { return .granted }
        let process = event.process.rawValue
        if process >= PartitionRules.denseProcesses { return admitSparse(event, passing) }
        if process >= dense.count { dense.grow(to: Int(process) + 1, filling: State()) }
        return admitOperation(event, passing, &dense[Int(process)], &written)
    }

    private mutating func admitSparse(_ event: Event, _ passing: Passing) -> Admission {
        let admission = admitOperation(event, passing, &sparse[event.process.rawValue, default: State()], &written)
        return admission.intersection(.granted)
    }
}

/// Says whether a process in that state may do this, and what its state is then.
@inline(__always)
private func admitOperation(
    _ event: Event, _ passing: PartitionRules.Passing, _ state: inout PartitionRules.State, _ written: inout CodeSet
) -> PartitionRules.Admission {
    if event.type == .invoke {
        guard state.phase == .idle else { return [] }
        state.phase = .inFlight
        state.function = event.function
        state.name = passing.name
        state.key = passing.key
        state.value = passing.value ?? 0
        if event.function.isWrite, let value = passing.value { return written.insert(value) ? .granted : [] }
        return .granted
    }
    guard state.phase == .inFlight, state.function == event.function, state.name == passing.name else { return [] }
    var admission = PartitionRules.Admission.granted
    if state.key == passing.key {
        if passing.key != Interner.none { admission.insert(.repeatsKey) }
    } else if state.key != Interner.none, passing.key != Interner.none {
        return []
    }
    if let value = passing.value {
        if value == state.value {
            admission.insert(.repeatsValue)
        } else if event.type == .ok {
            return []
        }
    }
    state.phase = event.type == .info ? .ended : .idle
    return admission
}
