import History

/// Events as a person reads them, one a line.
public struct EventText {
    private let history: History

    public init(_ history: History) { self.history = history }

    /// `   127    4.812 s  3          ok      put cart-7 = 3-41 via n2 …`
    ///
    /// - Parameter number: the event's number in its history, when ``init(_:)`` was given only a part of it.
    public func line(_ index: Int, numbered number: Int? = nil) -> String {
        let event = history.events[index]
        return [
            left(String(number ?? index), 7), left(Seconds.text(event.time), 11), " ", right(process(event), 10),
            right("\(event.type)", 6),
            name(event), detail(event), history.extras[index] ?? "",
        ].joined(separator: " ")
    }

    public func process(_ event: Event) -> String {
        switch event.process {
        case .nemesis: return "nemesis"
        case .controller: return "controller"
        case .inspector: return "inspector"
        default: return event.process.otherName.map(history.string) ?? String(event.process.rawValue)
        }
    }

    /// The nodes that an event names.
    public func nodes(_ event: Event) -> [String] {
        var nodes: [String] = []
        if event.node != Interner.none { nodes.append(history.string(event.node)) }
        if event.process == .nemesis {
            nodes += history.ids(of: event).filter { $0 != Interner.none }.map(history.string)
        }
        return nodes
    }

    private func name(_ event: Event) -> String {
        event.function == .other ? history.string(event.name) : "\(event.function)"
    }

    private func detail(_ event: Event) -> String {
        var parts: [String] = []
        if event.key != Interner.none { parts.append(history.string(event.key)) }
        if event.value != Interner.none { parts.append("= \(history.string(event.value))") }
        if event.node != Interner.none {
            parts.append((event.process.isClient ? "via " : "at ") + history.string(event.node))
        }
        if event.home == 2 { parts.append("(home)") }
        if event.number != Event.absent { parts.append("\(event.number)") }
        if event.hash != Interner.none { parts.append(history.string(event.hash)) }
        if event.hasList { parts.append(list(event)) }
        return parts.joined(separator: " ")
    }

    private func list(_ event: Event) -> String {
        switch event.function {
        case .get, .replica: return "[" + history.versions(of: event).map(version).joined(separator: ", ") + "]"
        case .put, .delete:
            if event.type == .invoke {
                return "seen [" + history.ids(of: event).map(history.string).joined(separator: ", ") + "]"
            }
            return history.versions(of: event).map(version).joined(separator: ", ")
        case .partition:
            let groups = history.ids(of: event).split(separator: Interner.none)
            return groups.map { $0.map(history.string).joined(separator: ",") }.joined(separator: " | ")
        default: return history.ids(of: event).map(history.string).joined(separator: ", ")
        }
    }

    private func version(_ version: Version) -> String {
        var text = version.id == Interner.none ? "" : history.string(version.id)
        if version.tombstone { text += "†" }
        if version.hasDot { text += "@\(history.string(version.actor)):\(version.counter)" }
        if version.hasClock {
            text +=
                "{"
                + history.clock(of: version).map { "\(history.string($0.actor)):\($0.counter)" }.joined(separator: " ")
                + "}"
        }
        return text
    }

    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
    private func right(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
