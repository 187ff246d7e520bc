/// Reads the versions of a line: an id, or an object with a dot, a clock and a mark of a tombstone.
struct JSONVersionReader {
    private enum Member: Int, CaseIterable {
        case v, dot, clock, tombstone
    }
    private static let names = Member.allCases.map { "\($0)" }

    private var members = JSONMembers(JSONVersionReader.names)

    /// Appends the versions of an array and says where they are.
    mutating func readVersions(
        _ span: JSONSpan, _ text: JSONText, into history: inout History
    ) throws(JSONFault) -> Slice {
        let start = history.versions.count
        var cursor = JSONCursor(text.bytes, span.range)
        guard cursor.take(UInt8(ascii: "[")) else { throw JSONFault(reason: "value must be an array of versions") }
        if cursor.take(UInt8(ascii: "]")) { return Slice(start: UInt32(start), count: 0) }
        repeat { try readVersion(&cursor, text, into: &history) } while cursor.take(UInt8(ascii: ","))
        return Slice(start: UInt32(start), count: UInt32(history.versions.count - start))
    }

    /// Appends the version without an id that stands for the acknowledgement of a write.
    func readAcknowledgement(
        _ dot: JSONSpan?, _ clock: JSONSpan?, _ text: JSONText, into history: inout History
    ) throws(JSONFault) {
        var version = Version(id: Interner.none)
        try readDot(dot, text, into: &version, &history)
        try readClock(clock, text, into: &version, &history)
        history.versions.append(version)
    }

    private mutating func readVersion(
        _ cursor: inout JSONCursor, _ text: JSONText, into history: inout History
    ) throws(JSONFault) {
        cursor.skipSpace()
        switch cursor.peek {
        case UInt8(ascii: "\""):
            let id = try cursor.skipString()
            history.versions.append(Version(id: try history.intern(id, text)))
        case UInt8(ascii: "{"): try readObject(&cursor, text, into: &history)
        default: throw JSONFault(reason: "a version must be an id or an object")
        }
    }

    private mutating func readObject(
        _ cursor: inout JSONCursor, _ text: JSONText, into history: inout History
    ) throws(JSONFault) {
        try members.read(&cursor)
        guard let id = members.take(Member.v.rawValue, text) else { throw JSONFault(reason: "a version needs \"v\"") }
        var version = Version(id: try history.intern(try text.string(id, "v"), text))
        try readDot(members.take(Member.dot.rawValue, text), text, into: &version, &history)
        try readClock(members.take(Member.clock.rawValue, text), text, into: &version, &history)
        // An explicit "tombstone":false says no more than its absence, and is kept among the extras.
        if let span = members.look(Member.tombstone.rawValue), text.firstByte(span) != UInt8(ascii: "f"),
            let tombstone = members.take(Member.tombstone.rawValue, text)
        {
            version.tombstone = try text.bool(tombstone, "tombstone")
        }
        members.keepRest(JSONVersionReader.names, text)
        if !members.extras.isEmpty { history.versionExtras[history.versions.count] = members.extras }
        history.versions.append(version)
    }

    private func readDot(
        _ span: JSONSpan?, _ text: JSONText, into version: inout Version, _ history: inout History
    ) throws(JSONFault) {
        guard let span else { return }
        var parts = 0
        var cursor = JSONCursor(text.bytes, span.range)
        try cursor.forEachElement("dot") { (part) throws(JSONFault) in
            switch parts {
            case 0: version.actor = try history.intern(try text.string(part, "the actor of a dot"), text)
            case 1: version.counter = try text.counter(part)
            default: break
            }
            parts += 1
        }
        if parts != 2 { throw JSONFault(reason: "a dot must be [actor, counter]") }
    }

    private func readClock(
        _ span: JSONSpan?, _ text: JSONText, into version: inout Version, _ history: inout History
    ) throws(JSONFault) {
        guard let span else { return }
        let start = history.clocks.count
        var cursor = JSONCursor(text.bytes, span.range)
        guard cursor.take(UInt8(ascii: "{")) else { throw JSONFault(reason: "clock must be an object") }
        if !cursor.take(UInt8(ascii: "}")) {
            var actors = DistinctActors()
            repeat {
                let actor = try history.intern(try cursor.nextName(), text)
                let counter = try text.counter(try cursor.skipValue())
                guard actors.insert(actor, after: history.clocks[start...]) else {
                    throw JSONFault(reason: "a clock names \"\(history.string(actor))\" twice")
                }
                history.clocks.append(ClockEntry(actor: actor, counter: counter))
            } while cursor.take(UInt8(ascii: ","))
        }
        version.clock = Slice(start: UInt32(start), count: UInt32(history.clocks.count - start))
        version.hasClock = true
    }
}

/// Whether an actor is new to a clock: a look through a short clock, a set for a long one.
private struct DistinctActors {
    private static let fewActors = 16
    private var many: Set<UInt32> = []

    mutating func insert(_ actor: UInt32, after entries: ContiguousArray<ClockEntry>.SubSequence) -> Bool {
        if entries.count < DistinctActors.fewActors { return !entries.contains { $0.actor == actor } }
        if many.isEmpty { many = Set(entries.map(\.actor)) }
        return many.insert(actor).inserted
    }
}
