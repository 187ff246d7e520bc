extension History {
    /// An event with its strings spelled out, as whoever records it hands it over.
    public func draft(_ index: Int) -> EventDraft {
        let event = events[index]
        var draft = EventDraft(event.time, event.process, event.type, event.function)
        draft.name = spelled(event.name)
        draft.key = spelled(event.key)
        draft.node = spelled(event.node)
        draft.value = spelled(event.value)
        draft.hash = spelled(event.hash)
        draft.number = event.number == Event.absent ? nil : event.number
        draft.home = event.home == 0 ? nil : event.home == 2
        draft.extras = extras[index] ?? ""
        if event.hasList { draft.list = list(of: event) }
        return draft
    }

    private func spelled(_ identifier: UInt32) -> String? {
        identifier == Interner.none ? nil : string(identifier)
    }

    private func list(of event: Event) -> EventDraft.List {
        switch event.listKind {
        case .none: return .absent
        case .versions, .acknowledgement: return .versions(versions(of: event).map(draft))
        case .seen, .nodes: return .ids(ids(of: event).map(string))
        case .groups:
            let groups = ids(of: event).split(separator: Interner.none, omittingEmptySubsequences: false)
            return .groups(groups.dropLast().map { $0.map(string) })
        }
    }

    private func draft(_ version: Version) -> VersionDraft {
        VersionDraft(
            id: spelled(version.id),
            dot: version.hasDot ? DotDraft(actor: string(version.actor), counter: version.counter) : nil,
            clock: version.hasClock
                ? clock(of: version).map { DotDraft(actor: string($0.actor), counter: $0.counter) } : nil,
            tombstone: version.tombstone)
    }
}

extension SyntheticHistory {
    /// The events of a history one by one, as a run records them.
    public static func drafts(events: Int, keys: Int, clients: Int, seed: UInt64) -> [EventDraft] {
        let history = generate(events: events, keys: keys, clients: clients, seed: seed)
        return history.events.indices.map { history.draft($0) }
    }
}
