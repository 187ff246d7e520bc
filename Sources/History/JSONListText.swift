extension JSONLines {
    /// A list by itself, as JSON: for lists that have no place of their own in an event.
    static func text(of list: EventDraft.List) -> String {
        switch list {
        case .absent: "null"
        case .ids(let ids): array(ids.map(quoted))
        case .groups(let groups): array(groups.map { array($0.map(quoted)) })
        case .versions(let versions): array(versions.map(text))
        }
    }

    private static func text(of version: VersionDraft) -> String {
        var members = ["\"v\":" + quoted(version.id ?? "")]
        if let dot = version.dot { members.append("\"dot\":[\(quoted(dot.actor)),\(dot.counter)]") }
        if let clock = version.clock {
            let entries = clock.map { "\(quoted($0.actor)):\($0.counter)" }
            members.append("\"clock\":{\(entries.joined(separator: ","))}")
        }
        if version.tombstone { members.append("\"tombstone\":true") }
        return "{\(members.joined(separator: ","))}"
    }

    private static func array(_ elements: [String]) -> String { "[\(elements.joined(separator: ","))]" }

    private static func quoted(_ string: String) -> String {
        var writer = JSONLinesWriter()
        writer.string(string)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
