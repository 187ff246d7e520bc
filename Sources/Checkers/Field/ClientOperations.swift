import History
import Notation

/// An operation of a client process, by its events.
struct ClientOperation {
    var invocation: Int32
    /// -1: there is none.
    var completion: Int32
    var outcome: Outcome
}

extension Subject {
    /// Calls `body` with every operation of the clients, in the order of their invocations.
    func forEachOperation(_ body: (ClientOperation) -> Void) {
        for index in history.events.indices {
            let event = history.events[index]
            guard event.type == .invoke, event.process.isClient else { continue }
            body(
                ClientOperation(
                    invocation: Int32(index), completion: partner[index], outcome: outcome(ofInvocation: index)))
        }
    }

    /// How the operation ended that the event at `index` begins.
    func outcome(ofInvocation index: Int) -> Outcome {
        let completion = partner[index]
        guard completion >= 0 else { return .indeterminate }
        switch history.events[Int(completion)].type {
        case .ok: return .acked
        case .fail: return .failed
        case .info, .invoke: return .indeterminate
        }
    }

    /// The `f` of an operation that the contract has no name for; nil for one that it has.
    func foreignName(_ index: Int32) -> String? {
        let event = self.event(index)
        return event.function == .other ? history.string(event.name) : nil
    }

    /// The member `value` of an event that the contract has no name for; nil when it has none.
    func value(_ index: Int32) -> Datum? { history.value(Int(index)) }

    /// The member `value` as it is written, of an event that the contract has no name for; nil when it is a string that the
    /// history knows by number, or not there.
    func valueText(_ index: Int32) -> String? { history.extraText("value", Int(index)) }

    /// A member that the form does not know.
    func extra(_ name: String, _ index: Int32) -> Datum? { history.extra(name, Int(index)) }

    /// Nanoseconds between two events.
    func span(_ first: Int32, _ last: Int32) -> Int64 { event(last).time - event(first).time }
}

extension History {
    /// The member `value` of an event that the contract has no name for; nil when it has none.
    func value(_ index: Int) -> Datum? {
        if events[index].value != Interner.none { return .string(string(events[index].value)) }
        return extra("value", index)
    }

    /// A member that the form does not know.
    func extra(_ name: String, _ index: Int) -> Datum? {
        extraText(name, index).flatMap { JSONReader.value(of: $0) }
    }

    /// The same as it is written.
    func extraText(_ name: String, _ index: Int) -> String? {
        extras[index].flatMap { ExtraMembers.text(of: name, in: $0) }
    }
}
