import History
import Synchronization
import Workload

/// Keeps the events of a load and stamps them with their number.
final class Journal: EventSink {
    private let drafts = Mutex<[EventDraft]>([])

    func record(_ draft: EventDraft) {
        drafts.withLock { drafts in
            var draft = draft
            draft.time = Int64(drafts.count)
            drafts.append(draft)
        }
    }

    var events: [EventDraft] { drafts.withLock { $0 } }
    var completions: [EventDraft] { events.filter { $0.type != .invoke } }

    /// The events as a history.
    var history: History {
        var history = History()
        for draft in events { history.append(draft) }
        return history
    }
}
