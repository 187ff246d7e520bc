/// Turns one line of the interchange form into an event at the end of a history.
struct JSONEventReader {
    private enum Member: Int, CaseIterable {
        case time, process, type, f, key, value, seen, node, r, w, count, dot, clock, home, range, hash
    }
    private static let names = Member.allCases.map { "\($0)" }

    private var members = JSONMembers(JSONEventReader.names)
    private var versionReader = JSONVersionReader()
    private let types = EventType.allCases.map { (type: $0, spelling: JSONMembers.pack($0.spelling.utf8)) }
    private let functions = Function.allCases.map { (function: $0, spelling: JSONMembers.pack($0.spelling.utf8)) }

    /// Reads the object that `cursor` stands at; a fault may leave strings and list entries behind in `history`, no
    /// event.
    mutating func read(_ cursor: inout JSONCursor, into history: inout History) throws(JSONFault) {
        try members.read(&cursor)
        let text = JSONText(bytes: cursor.bytes)
        var event = Event(
            time: try text.integer(try require(.time, text), "time"),
            process: try process(text, &history), type: try type(text), function: .other)
        let (function, name) = try function(text, &history)
        event.function = function
        event.name = name
        event.key = try string(.key, "key", text, &history)
        event.node = try string(.node, "node", text, &history)
        try readScalars(text, into: &event, &history)
        try readList(text, into: &event, &history)
        members.keepRest(JSONEventReader.names, text)
        if !members.extras.isEmpty { history.extras[history.events.count] = members.extras }
        history.events.append(event)
    }

    private mutating func require(_ member: Member, _ text: JSONText) throws(JSONFault) -> JSONSpan {
        guard let span = members.take(member.rawValue, text) else {
            throw JSONFault(reason: "an event needs \"\(member)\"")
        }
        return span
    }

    private mutating func process(_ text: JSONText, _ history: inout History) throws(JSONFault) -> Process {
        let span = try require(.process, text)
        if text.firstByte(span) != UInt8(ascii: "\"") {
            let number = try text.integer(span, "process")
            if number < 0 { throw JSONFault(reason: "process must be 0 or more, or a name") }
            return .client(number)
        }
        let name = try text.string(span, "process")
        if !name.escaped, let known = Process.named(text.raw(name)) { return known }
        let identifier = try history.intern(name, text)
        return Process.named(history.string(identifier)) ?? .other(name: identifier)
    }

    private mutating func type(_ text: JSONText) throws(JSONFault) -> EventType {
        let span = try text.string(try require(.type, text), "type")
        let spelling =
            span.escaped ? JSONMembers.pack(try text.unescaped(span)) : JSONMembers.pack(text.bytes[span.range])
        if let type = types.first(where: { $0.spelling == spelling })?.type { return type }
        throw JSONFault(reason: "type must be invoke, ok, fail or info, not \"\(text.raw(span))\"")
    }

    private mutating func function(_ text: JSONText, _ history: inout History) throws(JSONFault) -> (Function, UInt32) {
        let span = try text.string(try require(.f, text), "f")
        if !span.escaped {
            let spelling = JSONMembers.pack(text.bytes[span.range])
            if spelling != 0, let known = functions.first(where: { $0.spelling == spelling }) {
                return (known.function, Interner.none)
            }
        }
        let identifier = try history.intern(span, text)
        let name = history.string(identifier)
        // The names that are too long to pack, and those spelled with escapes.
        if let known = Function.allCases.first(where: { $0.spelling == name && $0 != .other }) {
            return (known, Interner.none)
        }
        return (.other, identifier)
    }

    private mutating func string(
        _ member: Member, _ name: StaticString, _ text: JSONText, _ history: inout History
    ) throws(JSONFault) -> UInt32 {
        guard let span = members.take(member.rawValue, text) else { return Interner.none }
        return try history.intern(try text.string(span, name), text)
    }

    private mutating func readScalars(
        _ text: JSONText, into event: inout Event, _ history: inout History
    ) throws(JSONFault) {
        switch event.function {
        case .get: event.number = try number(.r, "r", text)
        case .put, .delete:
            event.value = try string(.value, "value", text, &history)
            event.number = try number(.w, "w", text)
        case .replica:
            event.value = try string(.range, "range", text, &history)
            if let home = members.take(Member.home.rawValue, text) { event.home = try text.bool(home, "home") ? 2 : 1 }
        case .hints: event.number = try number(.count, "count", text)
        case .root:
            event.value = try string(.range, "range", text, &history)
            event.hash = try string(.hash, "hash", text, &history)
        case .phase: event.value = try string(.value, "value", text, &history)
        case .kill, .restart, .pause, .resume, .wipe, .partition, .heal, .converged, .other: break
        }
    }

    private mutating func number(_ member: Member, _ name: StaticString, _ text: JSONText) throws(JSONFault) -> Int64 {
        guard let span = members.take(member.rawValue, text) else { return Event.absent }
        let value = try text.integer(span, name)
        if value == Event.absent { throw JSONFault(reason: "\(name) is too small an integer") }
        return value
    }

    private mutating func readList(
        _ text: JSONText, into event: inout Event, _ history: inout History
    ) throws(JSONFault) {
        switch event.listKind {
        case .none: return
        case .versions:
            // Only an answer carries versions; what a failed get says of its failure is kept unread.
            guard let span = members.look(Member.value.rawValue),
                event.type == .ok || text.firstByte(span) == UInt8(ascii: "["),
                let value = members.take(Member.value.rawValue, text)
            else { return }
            event.list = try versionReader.readVersions(value, text, into: &history)
        case .acknowledgement:
            let dot = members.take(Member.dot.rawValue, text)
            let clock = members.take(Member.clock.rawValue, text)
            if dot == nil && clock == nil { return }
            event.list = Slice(start: UInt32(history.versions.count), count: 1)
            try versionReader.readAcknowledgement(dot, clock, text, into: &history)
        case .seen:
            guard let seen = members.take(Member.seen.rawValue, text) else { return }
            event.list = try readStrings(seen, "seen", text, into: &history)
        case .nodes:
            guard let value = members.take(Member.value.rawValue, text) else { return }
            event.list = try readStrings(value, "value", text, into: &history)
        case .groups:
            guard let value = members.take(Member.value.rawValue, text) else { return }
            event.list = try readGroups(value, text, into: &history)
        }
        event.hasList = true
    }

    private func readStrings(
        _ span: JSONSpan, _ name: StaticString, _ text: JSONText, into history: inout History
    ) throws(JSONFault) -> Slice {
        let start = history.ids.count
        var cursor = JSONCursor(text.bytes, span.range)
        try cursor.forEachElement(name) { (element) throws(JSONFault) in
            history.ids.append(try history.intern(try text.string(element, "each of the list"), text))
        }
        return Slice(start: UInt32(start), count: UInt32(history.ids.count - start))
    }

    private func readGroups(
        _ span: JSONSpan, _ text: JSONText, into history: inout History
    ) throws(JSONFault) -> Slice {
        let start = history.ids.count
        var cursor = JSONCursor(text.bytes, span.range)
        try cursor.forEachElement("value") { (group) throws(JSONFault) in
            _ = try readStrings(group, "each group of a partition", text, into: &history)
            history.ids.append(Interner.none)
        }
        return Slice(start: UInt32(start), count: UInt32(history.ids.count - start))
    }
}

extension JSONCursor {
    /// Calls `body` with each element of the array that comes next; throws when there is none.
    mutating func forEachElement(
        _ name: StaticString, _ body: (JSONSpan) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard take(UInt8(ascii: "[")) else { throw JSONFault(reason: "\(name) must be an array") }
        if take(UInt8(ascii: "]")) { return }
        repeat { try body(try skipValue()) } while take(UInt8(ascii: ","))
    }
}

extension History {
    /// Interns the text of a string that lies in a line.
    mutating func intern(_ span: JSONSpan, _ text: JSONText) throws(JSONFault) -> UInt32 {
        if !span.escaped { return strings.intern(utf8: UnsafeRawBufferPointer(rebasing: text.bytes[span.range])) }
        let bytes = try text.unescaped(span)
        return bytes.withUnsafeBytes { strings.intern(utf8: $0) }
    }
}
