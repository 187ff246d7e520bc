/// A write of another part, which a part needs to know of: one of its reads returned its id.
package struct StrangerWrite: Sendable {
    /// Its events, each with its index in the whole history.
    var events: [(index: Int, draft: EventDraft)]
}

extension HistoryPart {
    /// The writes of this part whose ids are among `codes`.
    package func writes(of codes: Set<UInt64>) -> [(code: UInt64, write: StrangerWrite)] {
        var found: [(code: UInt64, invocation: Int)] = []
        for (position, event) in history.events.enumerated() {
            guard event.function.isWrite, event.type == .invoke, event.process.isClient, event.key != Interner.none,
                keyNumbers[Int(event.key)] != Interner.none
            else { continue }
            let code = code(of: event.value)
            if codes.contains(code) { found.append((code, position)) }
        }
        if found.isEmpty { return [] }
        let partners = history.pairing()
        return found.map { code, invocation in
            let places = [invocation] + (partners[invocation] >= 0 ? [Int(partners[invocation])] : [])
            return (code, StrangerWrite(events: places.map { (Int(indexes[$0]), draft($0)) }))
        }
    }

    /// An event with its strings spelled out, without its list: what it is, not what it saw.
    private func draft(_ position: Int) -> EventDraft {
        let event = history.events[position]
        var draft = EventDraft(event.time, event.process, event.type, event.function)
        draft.key = event.key == Interner.none ? nil : history.string(event.key)
        draft.node = event.node == Interner.none ? nil : history.string(event.node)
        draft.value = event.value == Interner.none ? nil : history.string(event.value)
        return draft
    }
}
