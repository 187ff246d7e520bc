/// Appends the events of a block's payload to a history: the mirror of ``BlockEncoder``.
///
/// Nothing in the payload is trusted: every position is compared with its table, every length with what is left of
/// the column it speaks of.
struct BlockDecoder {
    var columns: BlockColumns
    private let shapes: UncheckedArray<Form>
    private let processes: UncheckedArray<Process>
    private let nodes: UncheckedArray<UInt32>
    private let keys: UncheckedArray<UInt32>
    private let ids: UncheckedArray<UInt32>
    private let texts: UncheckedArray<UInt32>
    private let lasts: UncheckedArray<LastOfProcess>
    private var rows: UncheckedArray<Int>
    private var recent: RecentIDs
    private var known: KnownVectors
    /// The version that last showed each id anew, by its position in the history.
    private var shown: UncheckedArray<UInt32>
    private var limits: BlockLimits
    private var lists = RecentLists()
    /// Whether a list may be the same as an earlier one: not in version 1.
    private let hasListCodes: Bool
    /// Whether extras may be other than text: from version 3 on.
    let hasExtrasCodes: Bool
    var items = ItemLists()
    var text = ExtrasSpeller()
    private let unit: Int64

    /// What a shape says, ready for use.
    private struct Form: BitwiseCopyable {
        /// An event of the shape, its values still to come.
        var event: Event
        var list: ListKind
        var key: Shape.Presence
        var value: Shape.Presence
        var hasNode, hasNumber, hasHash, hasName, hasExtras: Bool

        init(_ shape: Shape) {
            event = Event(shape)
            list = shape.hasList ? event.listKind : .none
            (key, value) = (shape.key, shape.value)
            (hasNode, hasNumber) = (shape.hasNode, shape.hasNumber)
            (hasHash, hasName, hasExtras) = (shape.hasHash, shape.hasName, shape.hasExtras)
        }
    }

    /// Decodes a payload of `count` events, the first at `time`. What it appended before it throws stays appended.
    ///
    /// - Parameters:
    ///   - step: after so many events each time `use` is called, which may take them away, but nothing else.
    /// - Returns: the time of the last event, and how many bytes of extras were spelled that are not in the payload.
    static func decode(
        _ payload: UnsafeRawBufferPointer, version: UInt32, count: Int, time: Int64, every step: Int,
        into history: inout History, _ use: (inout History) -> Void
    ) throws(NativeFault) -> (lastTime: Int64, spelled: Int) {
        var decoder = try BlockDecoder(payload, version: version, count: count, &history)
        return try decoder.decodeEvents(count, at: time, every: step, into: &history, use)
    }

    private mutating func decodeEvents(
        _ count: Int, at start: Int64, every step: Int, into history: inout History, _ use: (inout History) -> Void
    ) throws(NativeFault) -> (lastTime: Int64, spelled: Int) {
        var (time, left) = (start, count)
        while left > 0 {
            let next = min(left, step)
            for _ in 0..<next { try decodeEvent(&time, &history) }
            use(&history)
            left -= next
        }
        try columns.checkEnd()
        return (time, text.spelled)
    }

    private init(
        _ payload: UnsafeRawBufferPointer, version: UInt32, count: Int, _ history: inout History
    ) throws(NativeFault) {
        columns = try BlockColumns(payload, version: version)
        hasListCodes = version > 1
        hasExtrasCodes = version > 2
        unit = columns.unit
        limits = BlockLimits(history)
        let limit = NativeLayout.stringLimit
        nodes = try DictionaryDecoder.identifiers(columns.nodeTable, atMost: limit, &history.strings)
        keys = try DictionaryDecoder.identifiers(columns.keyTable, atMost: count, &history.strings)
        ids = try DictionaryDecoder.identifiers(columns.idTable, atMost: limit, &history.strings)
        texts = try DictionaryDecoder.identifiers(columns.textTable, atMost: limit, &history.strings)
        shapes = try BlockDecoder.shapes(columns.shapes)
        processes = try BlockDecoder.processes(columns.processes, texts)
        lasts = UncheckedArray(repeating: LastOfProcess(), count: processes.count)
        rows = UncheckedArray(repeating: 0, count: processes.count)
        recent = RecentIDs(rows: keys.count + 1)
        known = KnownVectors(rows: keys.count + 1, nodes: nodes.count)
        shown = UncheckedArray(repeating: UInt32.max, count: ids.count)
        lists.reset(rows: keys.count + 1)
    }

    private static func shapes(_ column: ColumnReader) throws(NativeFault) -> UncheckedArray<Form> {
        var column = column
        var result = UncheckedArray<Form>()
        while column.remaining > 0 {
            result.append(Form(try Shape(kind: try column.varint(), bits: try column.varint())))
        }
        return result
    }

    private static func processes(
        _ column: ColumnReader, _ texts: UncheckedArray<UInt32>
    ) throws(NativeFault) -> UncheckedArray<Process> {
        var column = column
        var result = UncheckedArray<Process>()
        while column.remaining > 0 {
            let value = try column.zigzag()
            if value > -4 {
                result.append(Process(rawValue: value))
                continue
            }
            guard value >= -3 - Int64(texts.count) else { throw NativeFault("a process has no name") }
            result.append(.other(name: texts[Int(-4 - value)]))
        }
        return result
    }

    private mutating func decodeEvent(_ time: inout Int64, _ history: inout History) throws(NativeFault) {
        let form = try columns.shape.index(below: shapes.count)
        let process = try columns.process.index(below: processes.count)
        let list = shapes[form].list
        var event = shapes[form].event
        event.process = processes[process]
        time = time &+ (try columns.time.zigzag()) &* unit
        event.time = time
        let row = try decodeKey(shapes[form].key, process, &event)
        if shapes[form].hasNode { event.node = nodes[try columns.node.index(below: nodes.count)] }
        if shapes[form].hasNumber { event.number = try columns.number.zigzag() }
        if list == .seen { event.list = try decodeSeen(process, row, &history) }
        try decodeValue(shapes[form].value, process, row, &event)
        if shapes[form].hasHash { event.hash = texts[try columns.text.index(below: texts.count)] }
        if shapes[form].hasName { event.name = texts[try columns.text.index(below: texts.count)] }
        if list != .seen && list != .none { event.list = try decodeList(list, process, row, &history) }
        if shapes[form].hasExtras {
            let extras = try decodeExtras(of: event, history)
            history.extras[history.events.count] = extras
        }
        history.events.append(event)
    }

    @inline(__always)
    private mutating func decodeKey(
        _ presence: Shape.Presence, _ process: Int, _ event: inout Event
    ) throws(NativeFault) -> Int {
        switch presence {
        case .none: return 0
        case .given:
            let key = try columns.key.index(below: keys.count)
            event.key = keys[key]
            lasts[process].key = keys[key]
            rows[process] = key + 1
            return key + 1
        case .repeated:
            event.key = lasts[process].key
            if event.key == Interner.none { throw NativeFault("an event repeats a key that was not there") }
            return rows[process]
        }
    }

    @inline(__always)
    private mutating func decodeValue(
        _ presence: Shape.Presence, _ process: Int, _ row: Int, _ event: inout Event
    ) throws(NativeFault) {
        switch presence {
        case .none: return
        case .repeated:
            event.value = lasts[process].value
            if event.value == Interner.none { throw NativeFault("an event repeats a value that was not there") }
        case .given:
            if event.valueIsID {
                let id = try decodeID(row)
                lasts[process].id = id
                event.value = ids[id]
            } else {
                event.value = texts[try columns.text.index(below: texts.count)]
            }
            lasts[process].value = event.value
        }
    }

    @inline(__always)
    private mutating func decodeID(_ row: Int) throws(NativeFault) -> Int {
        try recent.decode(try columns.id.varint(), row: row, count: ids.count)
    }

    /// An id that came up in no event of a key: its string.
    mutating func decodeLooseID() throws(NativeFault) -> UInt32 { ids[try decodeID(0)] }

    private mutating func decodeSeen(
        _ process: Int, _ row: Int, _ history: inout History
    ) throws(NativeFault) -> Slice {
        let start = UInt32(truncatingIfNeeded: history.ids.count)
        guard let count = try listLength(atMost: limits.ids) else {
            guard let last = lasts[process].list, last.row == row, last.range.count <= limits.ids else {
                throw NativeFault("an event repeats a list that was not there")
            }
            limits.ids -= last.range.count
            for place in last.range { history.ids.append(ids[Int(lists.ids[place])]) }
            return Slice(start: start, count: UInt32(truncatingIfNeeded: last.range.count))
        }
        limits.ids -= count
        for _ in 0..<count { history.ids.append(ids[try decodeID(row)]) }
        return Slice(start: start, count: UInt32(truncatingIfNeeded: count))
    }

    private mutating func decodeList(
        _ kind: ListKind, _ process: Int, _ row: Int, _ history: inout History
    ) throws(NativeFault) -> Slice {
        switch kind {
        case .none, .seen: return .empty
        case .nodes, .groups: return try decodeNodes(kind, &history)
        case .acknowledgement:
            let start = UInt32(truncatingIfNeeded: history.versions.count)
            guard limits.versions > 0 else { throw NativeFault("the block has too many versions") }
            limits.versions -= 1
            try decodeVersion(Version(id: Interner.none), lasts[process].id, row, &history)
            return Slice(start: start, count: 1)
        case .versions:
            let list = try decodeVersions(row, &history)
            lasts[process].list = lists.last(row)
            return list
        }
    }

    /// The length of a list that is given; nil when it is the same as an earlier one.
    @inline(__always)
    private mutating func listLength(atMost limit: Int) throws(NativeFault) -> Int? {
        let code = try columns.length.varint()
        if hasListCodes && code == ListCode.same { return nil }
        let count = hasListCodes ? code - ListCode.given : code
        guard count <= UInt64(columns.id.remaining), count <= UInt64(limit) else {
            throw NativeFault("a list is longer than the block allows")
        }
        return Int(truncatingIfNeeded: count)
    }

    private mutating func decodeVersions(_ row: Int, _ history: inout History) throws(NativeFault) -> Slice {
        let start = UInt32(truncatingIfNeeded: history.versions.count)
        guard let count = try listLength(atMost: limits.versions) else {
            guard let last = lists.last(row), last.range.count <= limits.versions else {
                throw NativeFault("an event repeats a list that was not there")
            }
            limits.versions -= last.range.count
            for place in last.range {
                let id = Int(lists.ids[place])
                var version = Version(id: ids[id])
                if shown[id] != UInt32.max { version.show(history.versions[Int(shown[id])]) }
                history.versions.append(version)
            }
            return Slice(start: start, count: UInt32(truncatingIfNeeded: last.range.count))
        }
        limits.versions -= count
        lists.begin()
        for _ in 0..<count {
            let id = try decodeID(row)
            lists.ids.append(UInt32(truncatingIfNeeded: id))
            try decodeVersion(Version(id: ids[id]), id, row, &history)
        }
        lists.end(row)
        return Slice(start: start, count: UInt32(truncatingIfNeeded: count))
    }

    private mutating func decodeNodes(_ kind: ListKind, _ history: inout History) throws(NativeFault) -> Slice {
        let count = try columns.length.count(of: columns.fault, atMost: limits.ids)
        limits.ids -= count
        let start = UInt32(truncatingIfNeeded: history.ids.count)
        var isClosed = true
        for _ in 0..<count {
            let code = try columns.fault.index(below: nodes.count + 1)
            isClosed = code == 0
            if isClosed && kind == .nodes { throw NativeFault("a list of nodes has groups") }
            history.ids.append(isClosed ? Interner.none : nodes[code - 1])
        }
        if kind == .groups && !isClosed { throw NativeFault("a group of nodes is not closed") }
        return Slice(start: start, count: UInt32(truncatingIfNeeded: count))
    }
}

extension BlockDecoder {
    /// Appends a version that shows its dot and clock anew, or those that `id` (-1: none) was last shown with.
    private mutating func decodeVersion(
        _ version: Version, _ id: Int, _ row: Int, _ history: inout History
    ) throws(NativeFault) {
        var version = version
        let marks = try columns.version.varint()
        if marks & VersionMark.anew != 0 {
            guard marks <= VersionMark.all else { throw NativeFault("a version has unknown marks") }
            version.tombstone = marks & VersionMark.tombstone != 0
            if marks & VersionMark.clock != 0 { try decodeClock(row, &version, &history) }
            if marks & VersionMark.dot != 0 {
                let actor = try columns.dotActor.index(below: nodes.count)
                version.actor = nodes[actor]
                version.counter = known[row, actor] &+ 1 &+ UInt64(bitPattern: try columns.dotCounter.zigzag())
                known.raise(row, actor, to: version.counter)
            }
            if id >= 0 { shown[id] = UInt32(truncatingIfNeeded: history.versions.count) }
        } else {
            guard marks & ~VersionMark.extras == 0 else { throw NativeFault("a version has unknown marks") }
            if id >= 0 && shown[id] != UInt32.max { version.show(history.versions[Int(shown[id])]) }
        }
        if marks & VersionMark.extras != 0 { history.versionExtras[history.versions.count] = try decodeVersionExtras() }
        history.versions.append(version)
    }

    private mutating func decodeClock(
        _ row: Int, _ version: inout Version, _ history: inout History
    ) throws(NativeFault) {
        let start = history.clocks.count
        switch try columns.clock.varint() {
        case ClockForm.empty: break
        case ClockForm.known: try decodeKnown(row, &history)
        case ClockForm.part: try decodePart(row, &history)
        case ClockForm.spelled: try decodeSpelled(row, &history)
        default: throw NativeFault("a clock has an unknown form")
        }
        version.clock = Slice(
            start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: history.clocks.count - start))
        version.hasClock = true
    }

    private mutating func decodeKnown(_ row: Int, _ history: inout History) throws(NativeFault) {
        guard known.nodes > 0 else { throw NativeFault("a clock leans on a vector that is not kept") }
        for actor in 0..<known.nodes where known[row, actor] > 0 {
            try append(actor, known[row, actor], &history)
        }
    }

    private mutating func decodePart(_ row: Int, _ history: inout History) throws(NativeFault) {
        var mask = try columns.clock.varint()
        guard known.nodes > 0, known.nodes == 64 || mask >> UInt64(known.nodes) == 0 else {
            throw NativeFault("a clock leans on a vector that is not kept")
        }
        while mask != 0 {
            let actor = mask.trailingZeroBitCount
            mask &= mask - 1
            let counter = known[row, actor] &+ UInt64(bitPattern: try columns.clockNumber.zigzag())
            try append(actor, counter, &history)
            known.raise(row, actor, to: counter)
        }
    }

    private mutating func decodeSpelled(_ row: Int, _ history: inout History) throws(NativeFault) {
        let count = try columns.clock.count(of: columns.clockNumber, atMost: limits.clockEntries)
        for _ in 0..<count {
            let actor = try columns.clockNumber.index(below: nodes.count)
            let counter = try columns.clockNumber.varint()
            try append(actor, counter, &history)
            known.raise(row, actor, to: counter)
        }
    }

    @inline(__always)
    private mutating func append(_ actor: Int, _ counter: UInt64, _ history: inout History) throws(NativeFault) {
        guard limits.clockEntries > 0 else { throw NativeFault("the block has too many clock entries") }
        limits.clockEntries -= 1
        history.clocks.append(ClockEntry(actor: nodes[actor], counter: counter))
    }
}

extension Version {
    /// Takes over what another version shows.
    fileprivate mutating func show(_ other: Version) {
        actor = other.actor
        counter = other.counter
        clock = other.clock
        hasClock = other.hasClock
        tombstone = other.tombstone
    }
}

/// What is left of the limits of a block, and of the 32 bits of a position in a history.
private struct BlockLimits {
    var versions: Int
    var ids: Int
    var clockEntries: Int

    init(_ history: History) {
        versions = min(NativeLayout.versionLimit, Int(UInt32.max) - history.versions.count)
        ids = min(NativeLayout.idLimit, Int(UInt32.max) - history.ids.count)
        clockEntries = min(NativeLayout.clockEntryLimit, Int(UInt32.max) - history.clocks.count)
    }
}
