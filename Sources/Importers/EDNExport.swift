import History
import Notation

/// Writes a history as EDN that Elle, Knossos and Jepsen's other tools read: a map a line.
///
/// Operations on a key carry it as Jepsen does, `[key value]`. Of our own operations a `get` becomes a `:read` of the id
/// that it saw (nil for none, a vector for several), a `put` a `:write` of its id, a `delete` a `:write` of nil. A `cas`
/// that was answered with a refusal becomes a `:fail`, as Jepsen writes it: `:ok` would say that it was applied.
public enum EDNExport {
    /// The text, handed to `sink` piece by piece.
    public static func write<Failure: Error>(
        _ history: History, to sink: (String) throws(Failure) -> Void
    ) throws(Failure) {
        var piece = ""
        for index in history.events.indices {
            piece += line(index, history)
            guard piece.utf8.count >= 1 << 16 else { continue }
            try sink(piece)
            piece = ""
        }
        try sink(piece)
    }

    private static func line(_ index: Int, _ history: History) -> String {
        let event = history.events[index]
        let members = members(index, history)
        var value = self.value(index, members, history)
        if event.process.isClient, event.key != Interner.none {
            value = .list([key(history.string(event.key)), value])
        }
        let entries = [
            Datum.Entry(.keyword("index"), .integer(Int64(index))),
            Datum.Entry(.keyword("time"), .integer(event.time)),
            Datum.Entry(.keyword("process"), process(event.process, history)),
            Datum.Entry(.keyword("type"), .keyword(type(event, members, history).spelling)),
            Datum.Entry(.keyword("f"), .keyword(function(event, history))),
            Datum.Entry(.keyword("value"), value),
        ]
        return Datum.map(entries + extras(members)).edn + "\n"
    }

    private static func key(_ text: String) -> Datum { Int64(text).map { .integer($0) } ?? .string(text) }

    private static func process(_ process: Process, _ history: History) -> Datum {
        switch process {
        case .nemesis: .keyword("nemesis")
        case .controller: .keyword("controller")
        case .inspector: .keyword("inspector")
        default: process.otherName.map { .keyword(symbol(history.string($0))) } ?? .integer(process.rawValue)
        }
    }

    private static func function(_ event: Event, _ history: History) -> String {
        switch event.function {
        case .get: "read"
        case .put, .delete: "write"
        case .other: symbol(history.string(event.name))
        default: event.function.spelling
        }
    }

    /// A name in which nothing ends it early.
    private static func symbol(_ text: String) -> String {
        let plain = text.unicodeScalars.map { scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            return isPlain || "-_.!?*+<>=/'".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        }
        return plain.isEmpty ? "_" : String(plain)
    }

    private static func type(_ event: Event, _ members: [Datum.Entry], _ history: History) -> EventType {
        guard event.type == .ok, event.function == .other, history.string(event.name) == "cas",
            Datum.map(members)["applied"] == .boolean(false)
        else { return event.type }
        return .fail
    }

    private static func value(_ index: Int, _ members: [Datum.Entry], _ history: History) -> Datum {
        let event = history.events[index]
        switch event.function {
        case .get:
            guard event.type == .ok else { return .null }
            let ids = history.versions(of: event).filter { !$0.tombstone }.map { Datum.string(history.string($0.id)) }
            return ids.count > 1 ? .list(ids) : ids.first ?? .null
        case .put: return event.value == Interner.none ? .null : .string(history.string(event.value))
        case .delete: return .null
        case .phase where event.value != Interner.none: return .string(history.string(event.value))
        case .kill, .restart, .pause, .resume, .wipe, .partition: return nodes(history.draft(index).list)
        case .other where event.value != Interner.none: return .string(history.string(event.value))
        default:
            let value = Datum.map(members)["value"] ?? .null
            return event.function == .other && history.string(event.name) == "txn" ? accesses(value) : value
        }
    }

    /// Whom a fault struck: names, or of a network partition the groups of them.
    private static func nodes(_ list: EventDraft.List) -> Datum {
        switch list {
        case .ids(let names): .list(names.map { .string($0) })
        case .groups(let groups): .list(groups.map { .list($0.map { .string($0) }) })
        case .absent, .versions: .null
        }
    }

    /// The micro-operations of a transaction, whose names Elle wants as keywords.
    private static func accesses(_ value: Datum) -> Datum {
        guard case .list(let accesses) = value else { return value }
        return .list(
            accesses.map { access in
                guard case .list(var parts) = access, case .string(let name)? = parts.first else { return access }
                parts[0] = .keyword(symbol(name))
                return .list(parts)
            })
    }

    private static func extras(_ members: [Datum.Entry]) -> [Datum.Entry] {
        members.compactMap { entry in
            guard let name = entry.key.name, name != "value" else { return nil }
            return Datum.Entry(.keyword(symbol(name)), entry.value)
        }
    }

    private static func members(_ index: Int, _ history: History) -> [Datum.Entry] {
        guard let text = history.extras[index], case .map(let entries)? = JSONReader.value(of: "{\(text)}") else {
            return []
        }
        return entries
    }
}
