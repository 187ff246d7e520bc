/// Some events of a history: those of some of its keys, and those that concern every key.
package struct HistoryPart {
    package internal(set) var history = History()
    /// For each event, its index in the whole history.
    package internal(set) var indexes = ContiguousArray<Int32>()
    /// For each string that is a key of this part, the key's number in the whole history; ``Interner/none`` for any
    /// other.
    package internal(set) var keyNumbers = ContiguousArray<UInt32>()

    /// The code of a string: of two parts of one history, the same for the same id.
    package func code(of identifier: UInt32) -> UInt64 { history.strings.code(of: identifier) }
}

/// Makes histories of the parts of a partition, one after the other, in memory that it keeps.
package struct PartDecoder {
    private let partition: HistoryPartition
    package private(set) var part = HistoryPart()
    /// By the partition's number of a text or a key of this part: its string here.
    private var texts: ContiguousArray<UInt32>
    private var touched = ContiguousArray<UInt32>()
    private var keys = ContiguousArray<UInt32>()
    /// For each string that is the id of a version, where that was last shown; -1: nowhere yet.
    private var shown = UncheckedArray<Int32>()
    private let common: [UInt8]

    /// One of the two streams that make up a part.
    private struct Source {
        var reader: PartReader
        var index = -1
        var time: Int64 = 0
        var isOver = false
        /// The time of the event at `index`, already read.
        mutating func next() throws(NativeFault) {
            if reader.isAtEnd {
                isOver = true
                return
            }
            index &+= Int(truncatingIfNeeded: try reader.number())
            time = time &+ Int64(bitPattern: try reader.number())
        }
    }

    package init(_ partition: HistoryPartition) throws(HistoryError) {
        self.partition = partition
        texts = ContiguousArray(repeating: Interner.none, count: partition.texts.count)
        common = try partition.streams.bytes(partition.common)
        part.history.header = partition.header
        part.history.strings = Interner(stemsOf: partition.stems)
    }

    /// Makes the next part; nil: only what concerns every key.
    ///
    /// - Parameter strangers: writes of other parts that are to be among the events.
    package mutating func decode(_ number: Int?, strangers: [StrangerWrite] = []) throws(HistoryError) {
        reset()
        let bytes = try number.map { number throws(HistoryError) in try partition.streams.bytes(number) } ?? []
        let extra = strangers.flatMap(\.events).sorted { $0.index < $1.index }
        do throws(NativeFault) {
            try bytes.reading { (own) throws(NativeFault) in
                try common.reading { (common) throws(NativeFault) in
                    try merge(PartReader(own), PartReader(common), part: number ?? 0, extra)
                }
            }
        } catch {
            throw HistoryError(file: "the partition of the history", reason: "it is damaged: \(error.reason)")
        }
        finishKeys(number ?? 0)
    }

    private mutating func reset() {
        part.history.events.removeAll(keepingCapacity: true)
        part.history.versions.removeAll(keepingCapacity: true)
        part.history.ids.removeAll(keepingCapacity: true)
        part.history.clocks.removeAll(keepingCapacity: true)
        part.history.strings.removeStrings()
        part.indexes.removeAll(keepingCapacity: true)
        for text in touched { texts[Int(text)] = Interner.none }
        touched.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        shown.removeAll()
    }

    private mutating func merge(
        _ own: PartReader, _ common: PartReader, part number: Int, _ extra: [(index: Int, draft: EventDraft)]
    ) throws(NativeFault) {
        var (own, common) = (Source(reader: own), Source(reader: common))
        try own.next()
        try common.next()
        var strangers = extra[...]
        while true {
            let takesOwn = !own.isOver && (common.isOver || own.index < common.index)
            if !takesOwn && common.isOver { break }
            let index = takesOwn ? own.index : common.index
            while let (place, draft) = strangers.first, place < index {
                add(draft, at: place)
                strangers.removeFirst()
            }
            if takesOwn {
                try decodeEvent(&own, number)
                try own.next()
            } else {
                try decodeEvent(&common, number)
                try common.next()
            }
        }
        for (place, draft) in strangers { add(draft, at: place) }
    }

    private mutating func add(_ draft: EventDraft, at index: Int) {
        // Its strings are spelled with stems of this part's own; only comparisons by string see them.
        part.history.append(draft)
        part.indexes.append(Int32(index))
    }

    private mutating func finishKeys(_ number: Int) {
        part.keyNumbers.removeAll(keepingCapacity: true)
        part.keyNumbers.append(contentsOf: repeatElement(Interner.none, count: part.history.strings.count))
        for (slot, identifier) in keys.enumerated() where identifier != Interner.none {
            part.keyNumbers[Int(identifier)] = UInt32(slot * partition.partCount + number)
        }
    }

    private mutating func decodeEvent(_ source: inout Source, _ number: Int) throws(NativeFault) {
        let first = try source.reader.byte(), second = try source.reader.byte()
        guard let type = EventType(rawValue: first & 3), let function = Function(rawValue: first >> 2 & 15) else {
            throw NativeFault("an event has an unknown shape")
        }
        var event = Event(
            time: source.time, process: Process(rawValue: try source.reader.signed()), type: type, function: function)
        event.home = second & 3
        event.hasList = second & 4 != 0
        if first & 64 != 0 {
            let key = try source.reader.index(below: Int(UInt32.max))
            // The key of an event that concerns every key has a meaning only where its other events are.
            if !function.concernsEveryKey { event.key = self.key(key, number) }
        }
        if first & 128 != 0 {
            event.value = try function.isWrite ? id(&source.reader) : text(source.reader.number())
        }
        if second & 8 != 0 { event.node = text(try source.reader.number()) }
        if second & 16 != 0 { event.number = try source.reader.signed() }
        if second & 32 != 0 { event.hash = text(try source.reader.number()) }
        if event.hasList { try decodeList(&source.reader, &event) }
        part.history.events.append(event)
        part.indexes.append(Int32(truncatingIfNeeded: source.index))
    }

    private mutating func decodeList(_ reader: inout PartReader, _ event: inout Event) throws(NativeFault) {
        let count = try reader.count()
        switch event.listKind {
        case .none: return
        case .seen:
            event.list = Slice(start: UInt32(part.history.ids.count), count: UInt32(count))
            for _ in 0..<count { part.history.ids.append(try id(&reader)) }
        case .nodes, .groups:
            event.list = Slice(start: UInt32(part.history.ids.count), count: UInt32(count))
            for _ in 0..<count {
                let node = try reader.number()
                part.history.ids.append(node == 0 ? Interner.none : text(node - 1))
            }
        case .versions, .acknowledgement:
            event.list = Slice(start: UInt32(part.history.versions.count), count: UInt32(count))
            for _ in 0..<count { try decodeVersion(&reader) }
        }
    }

    private mutating func decodeVersion(_ reader: inout PartReader) throws(NativeFault) {
        let marks = try reader.byte()
        var version = Version(id: marks & PartMark.id != 0 ? try id(&reader) : Interner.none)
        if version.id != Interner.none {
            shown.grow(to: Int(version.id) + 1, filling: -1)
            if marks & PartMark.known != 0 {
                guard shown[Int(version.id)] >= 0 else { throw NativeFault("a version repeats what was not there") }
                part.history.versions.append(part.history.versions[Int(shown[Int(version.id)])])
                return
            }
            shown[Int(version.id)] = Int32(truncatingIfNeeded: part.history.versions.count)
        }
        version.tombstone = marks & PartMark.tombstone != 0
        if marks & PartMark.dot != 0 {
            version.actor = text(try reader.number())
            version.counter = try reader.number()
        }
        if marks & PartMark.clock != 0 {
            let count = try reader.count()
            version.hasClock = true
            version.clock = Slice(start: UInt32(part.history.clocks.count), count: UInt32(count))
            for _ in 0..<count {
                let actor = text(try reader.number())
                part.history.clocks.append(ClockEntry(actor: actor, counter: try reader.number()))
            }
        }
        part.history.versions.append(version)
    }

    @inline(__always)
    private mutating func id(_ reader: inout PartReader) throws(NativeFault) -> UInt32 {
        let stem = try reader.number()
        return part.history.strings.intern(code: stem << 32 | (try reader.number()))
    }

    @inline(__always)
    private mutating func text(_ number: UInt64) -> UInt32 {
        guard number < texts.count else { return Interner.none }
        let known = texts[Int(number)]
        return known != Interner.none ? known : newText(UInt32(number))
    }

    private mutating func newText(_ number: UInt32) -> UInt32 {
        let identifier = partition.texts.withUTF8(of: number) { part.history.strings.intern(utf8: $0) }
        texts[Int(number)] = identifier
        touched.append(number)
        return identifier
    }

    @inline(__always)
    private mutating func key(_ slot: Int, _ number: Int) -> UInt32 {
        if slot < keys.count, keys[slot] != Interner.none { return keys[slot] }
        return newKey(slot, number)
    }

    private mutating func newKey(_ slot: Int, _ number: Int) -> UInt32 {
        let whole = slot * partition.partCount + number
        guard whole < partition.keys.count else { return Interner.none }
        while keys.count <= slot { keys.append(Interner.none) }
        keys[slot] = partition.keys.withUTF8(of: UInt32(whole)) { part.history.strings.intern(utf8: $0) }
        return keys[slot]
    }
}
