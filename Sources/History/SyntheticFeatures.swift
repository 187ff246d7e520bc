extension SyntheticHistory {
    /// A small history of a store that is never wrong, in which most of what the native form has a code of its own for
    /// occurs: items of puts, acknowledgements, other extras, operations and processes with names of their own.
    package static func withExtras(seed: Int) -> History {
        var history = History()
        history.header = header(seed: UInt64(seed))
        var recent: [String] = []
        let drafts = drafts(events: 60 + seed % 40, keys: 1 + seed % 4, clients: 3, seed: UInt64(seed))
        for (number, draft) in drafts.enumerated() {
            var draft = draft
            // Whole microseconds have another unit than nanoseconds.
            if seed % 2 == 1 { draft.time -= draft.time % 1000 }
            if draft.type == .invoke, draft.function.isWrite, let value = draft.value {
                draft.extras = items(of: draft, value)
                recent = recent.suffix(2) + [value]
            } else if number % 11 == 5 {
                draft.extras = "\"error\":[\"timeout\",\(number)]"
            }
            history.append(draft)
            if number % 16 == 9 { addForeign(to: &history, draft.time, number, recent) }
        }
        if let shown = history.versions.indices.last { history.versionExtras[shown] = "\"note\":\"\\u00e9\"" }
        return history
    }

    /// The cart that a put writes: what it saw, and itself.
    private static func items(of draft: EventDraft, _ value: String) -> String {
        var items: Set<String> = [value]
        if case .ids(let seen) = draft.list { items.formUnion(seen) }
        let sorted = items.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return "\"items\":[" + sorted.map { "\"\($0)\"" }.joined(separator: ",") + "]"
    }

    /// What a capture saw, an operation of another model, and a word of a process that has a name.
    private static func addForeign(to history: inout History, _ time: Int64, _ number: Int, _ recent: [String]) {
        var acknowledgements = EventDraft(time, .controller, .info, .other)
        (acknowledgements.name, acknowledgements.node) = ("acks", "n1")
        let puts = recent.joined(separator: " ")
        acknowledgements.extras = (number % 3 == 0 ? "" : "\"w\":2,") + "\"acks\":2,\"puts\":\"\(puts)\""
        history.append(acknowledgements)
        for type in [EventType.invoke, .ok] {
            var draft = EventDraft(time, .client(1000), type, .other)
            (draft.name, draft.key) = ("cas", "register-\(number % 2)")
            draft.extras = "\"value\":[\(number),{\"a\":null}]"
            history.append(draft)
        }
        var word = EventDraft(time, .other(name: history.strings.intern("watchdog")), .info, .other)
        word.name = "noticed"
        history.append(word)
    }
}
