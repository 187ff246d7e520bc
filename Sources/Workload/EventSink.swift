import History

/// Where the events of a run go. Called on the load's event loop, in the order in which things happened.
public protocol EventSink: AnyObject, Sendable {
    /// Takes one event. The sink stamps the time; `draft.time` means nothing.
    func record(_ draft: EventDraft)
}
