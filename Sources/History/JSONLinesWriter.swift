/// Writes the interchange form of SEMANTICS section 1: no spaces, known members in one fixed order, unknown ones
/// after them.
public struct JSONLinesWriter {
    /// What was written and not yet taken away; the caller empties it as it likes.
    public var bytes: [UInt8] = []

    public init() {}

    /// Writes the header's line.
    public mutating func write(_ header: Header) {
        raw("{\"dyno\":")
        number(header.version)
        if let name = header.name { member("name", name) }
        if let nodes = header.nodes {
            raw(",\"nodes\":[")
            for (index, node) in nodes.enumerated() {
                if index > 0 { raw(",") }
                string(node)
            }
            raw("]")
        }
        if let n = header.n { member("n", n) }
        if let r = header.r { member("r", r) }
        if let w = header.w { member("w", w) }
        if let within = header.convergeWithin { member("converge_within_ns", within) }
        extras(header.extras)
        raw("}\n")
    }

    /// Writes the line of the event at `index` of a history.
    public mutating func write(event index: Int, of history: History) {
        let event = history.events[index]
        raw("{\"time\":")
        number(event.time)
        raw(",\"process\":")
        process(event.process, history)
        raw(",\"type\":\"")
        raw(event.type.spelling)
        raw("\",\"f\":")
        if event.function == .other { string(event.name, history) } else { quoted(event.function.spelling) }
        member("key", event.key, history)
        if event.function.isWrite || event.function == .phase || event.function == .other {
            member("value", event.value, history)
        }
        if event.listKind == .seen && event.hasList { strings("seen", history.ids(of: event), history) }
        member("node", event.node, history)
        if event.number != Event.absent, let name = event.function.numberMember { member(name, event.number) }
        observation(event, history)
        list(event, history)
        if let text = history.extras[index] { extras(text) }
        raw("}\n")
    }

    private mutating func process(_ process: Process, _ history: History) {
        if let name = process.knownName {
            quoted(name)
        } else if let name = process.otherName {
            string(name, history)
        } else {
            number(process.rawValue)
        }
    }

    private mutating func observation(_ event: Event, _ history: History) {
        guard event.function == .replica || event.function == .root else { return }
        if event.function == .replica && event.home != 0 { raw(event.home == 2 ? ",\"home\":true" : ",\"home\":false") }
        member("range", event.value, history)
        if event.function == .root { member("hash", event.hash, history) }
    }

    private mutating func list(_ event: Event, _ history: History) {
        guard event.hasList else { return }
        switch event.listKind {
        case .none, .seen: return
        case .versions:
            raw(",\"value\":[")
            for position in event.list.range {
                if position > Int(event.list.start) { raw(",") }
                version(position, history)
            }
            raw("]")
        case .acknowledgement:
            guard let version = history.versions(of: event).first else { return }
            dotAndClock(version, history)
        case .nodes: strings("value", history.ids(of: event), history)
        case .groups: groups(history.ids(of: event), history)
        }
    }

    private mutating func version(_ position: Int, _ history: History) {
        let version = history.versions[position]
        let text = history.versionExtras.isEmpty ? nil : history.versionExtras[position]
        if !version.hasDot && !version.hasClock && !version.tombstone && text == nil {
            string(version.id, history)
            return
        }
        raw("{\"v\":")
        string(version.id, history)
        dotAndClock(version, history)
        if version.tombstone { raw(",\"tombstone\":true") }
        if let text { extras(text) }
        raw("}")
    }

    private mutating func dotAndClock(_ version: Version, _ history: History) {
        if version.hasDot {
            raw(",\"dot\":[")
            string(version.actor, history)
            raw(",")
            number(version.counter)
            raw("]")
        }
        guard version.hasClock else { return }
        raw(",\"clock\":{")
        for position in version.clock.range {
            if position > Int(version.clock.start) { raw(",") }
            string(history.clocks[position].actor, history)
            raw(":")
            number(history.clocks[position].counter)
        }
        raw("}")
    }

    private mutating func groups(_ nodes: ArraySlice<UInt32>, _ history: History) {
        raw(",\"value\":[")
        var groups = nodes.split(separator: Interner.none, omittingEmptySubsequences: false)
        // Behind the end of the last group there is nothing.
        if groups.last?.isEmpty == true { groups.removeLast() }
        for (index, group) in groups.enumerated() {
            raw(index > 0 ? ",[" : "[")
            for (position, node) in group.enumerated() {
                if position > 0 { raw(",") }
                string(node, history)
            }
            raw("]")
        }
        raw("]")
    }

    private mutating func strings(_ name: StaticString, _ list: ArraySlice<UInt32>, _ history: History) {
        raw(",\"")
        raw(name)
        raw("\":[")
        for (index, element) in list.enumerated() {
            if index > 0 { raw(",") }
            string(element, history)
        }
        raw("]")
    }

    private mutating func member(_ name: StaticString, _ value: UInt32, _ history: History) {
        if value == Interner.none { return }
        raw(",\"")
        raw(name)
        raw("\":")
        string(value, history)
    }

    private mutating func member(_ name: String, _ value: String) {
        raw(",\"")
        raw(name)
        raw("\":")
        string(value)
    }

    private mutating func member(_ name: String, _ value: Int64) {
        raw(",\"")
        raw(name)
        raw("\":")
        number(value)
    }
}

extension JSONLinesWriter {
    private mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func quoted(_ name: String) {
        raw("\"")
        raw(name)
        raw("\"")
    }

    private mutating func extras(_ text: String) {
        if text.isEmpty { return }
        raw(",")
        raw(text)
    }

    private mutating func number(_ value: Int64) {
        if value < 0 { raw("-") }
        number(value.magnitude)
    }

    private mutating func number(_ value: UInt64) {
        let start = bytes.count
        var rest = value
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func string(_ identifier: UInt32, _ history: History) {
        history.strings.withUTF8(of: identifier) { escape($0) }
    }

    mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { escape(UnsafeRawBufferPointer($0)) }
    }

    /// A string in quotes, with only those escapes that JSON demands.
    private mutating func escape(_ utf8: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: "\""))
        let isPlain = utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isPlain { bytes.append(contentsOf: utf8) } else { for byte in utf8 { escape(byte) } }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            raw("\\u00")
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}

extension JSONLines {
    /// A whole history as text.
    public static func text(of history: History) -> [UInt8] {
        var writer = JSONLinesWriter()
        writer.write(history.header)
        for index in history.events.indices { writer.write(event: index, of: history) }
        return writer.bytes
    }

    /// A history as text, handed to `sink` piece by piece.
    public static func write<Failure: Error>(
        _ history: History, to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = JSONLinesWriter()
        writer.write(history.header)
        for index in history.events.indices {
            writer.write(event: index, of: history)
            if writer.bytes.count >= 1 << 18 { try writer.drain(to: sink) }
        }
        try writer.drain(to: sink)
    }

    /// The line of one event, without its line break.
    public static func line(of index: Int, in history: History) -> String {
        var writer = JSONLinesWriter()
        writer.write(event: index, of: history)
        return String(decoding: writer.bytes.dropLast(), as: UTF8.self)
    }
}

extension JSONLinesWriter {
    /// Hands over what was written so far.
    fileprivate mutating func drain<Failure: Error>(
        to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var failure: Failure?
        bytes.withUnsafeBytes { piece in
            do throws(Failure) { try sink(piece) } catch { failure = error }
        }
        bytes.removeAll(keepingCapacity: true)
        if let failure { throw failure }
    }
}
