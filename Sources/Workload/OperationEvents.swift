import History

/// The two events of an operation.
public enum OperationEvents {
    public static func invocation(of operation: Operation, node: String) -> EventDraft {
        var draft = EventDraft(0, .client(operation.process), .invoke, operation.function)
        draft.key = operation.key
        draft.node = node
        switch operation.action {
        case .get(let r):
            draft.number = r.map(Int64.init)
        case .put(let write), .delete(let write):
            draft.value = write.id
            draft.number = write.w.map(Int64.init)
            if !write.seen.isEmpty { draft.list = .ids(write.seen) }
        }
        return draft
    }

    public static func completion(of operation: Operation, _ reply: Reply) -> EventDraft {
        var draft = EventDraft(0, .client(operation.process), type(of: operation, reply), operation.function)
        draft.key = operation.key
        draft.value = operation.write?.id
        switch reply {
        case .read(let answer):
            draft.list = .versions(
                answer.versions.map { VersionDraft(id: $0.id, dot: $0.dot, clock: $0.clock, tombstone: $0.tombstone) })
        case .written(let dot, let clock):
            if dot != nil || clock != nil { draft.list = .versions([VersionDraft(id: nil, dot: dot, clock: clock)]) }
        case .refused(let reason), .unknown(let reason):
            draft.extras = "\"error\":\"\(jsonEscaped(reason))\""
        }
        return draft
    }

    /// How an operation ended: a failed read had no effect whatever happened to it, a write has to be known to have had none.
    static func type(of operation: Operation, _ reply: Reply) -> EventType {
        switch (reply, operation.action) {
        case (.read, _), (.written, _): .ok
        case (.refused, _), (.unknown, .get): .fail
        case (.unknown, _): .info
        }
    }

    /// Plain ASCII for a JSON string: error texts come from the store, and may hold any byte.
    private static func jsonEscaped(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(200).map { scalar in
                let isPlain = scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "\\"
                return isPlain ? Character(scalar) : scalar == "\"" ? "'" : "?"
            })
    }
}
