/// Some events of a history: those of some of its keys, and those that concern every key.
package struct HistoryPart {
    package internal(set) var history = History()
    /// For each event, its index in the whole history.
    package internal(set) var indexes = ContiguousArray<Int32>()
    /// For each string that is a key of this part, the key's number in the whole history; ``Interner/none`` for any
    /// other.
    package internal(set) var keyNumbers = ContiguousArray<UInt32>()
    /// What a walk through the events tells, in which only keys of this part count.
    package internal(set) var index = HistoryIndex(History())

    /// The code of a string: of two parts of one history, the same for the same id.
    package func code(of identifier: UInt32) -> UInt64 { history.strings.code(of: identifier) }
}

/// Makes histories of the parts of a partition, one after the other, in memory that it keeps.
package struct PartDecoder {
    private let partition: HistoryPartition
    package private(set) var part = HistoryPart()
    private var columns = PartColumns()
    /// By the partition's number of a text: its string here.
    private var texts: UncheckedArray<UInt32>
    private var touched = ContiguousArray<UInt32>()
    /// By a key's number among those of the part: its string, and its place among the keys by first appearance.
    private var keys = UncheckedArray<PartKey>()
    private let common: [UInt8]
    private var scratch: [UInt8] = []
    /// What reading ahead came to, so that nobody may leave it out.
    private var fetched: UInt8 = 0

    private struct PartKey: BitwiseCopyable {
        var string = Interner.none
        var place: Int32 = -1
    }

    /// One of the two streams that make up a part.
    private struct Source {
        var reader: PartReader
        private var stretches: ArraySlice<UnsafeRawBufferPointer>
        /// Of the event that comes next; `Int.max`: there is none.
        private(set) var index = -1
        private(set) var time: Int64 = 0

        init(_ stretches: [UnsafeRawBufferPointer]) throws(NativeFault) {
            self.stretches = stretches[...]
            reader = PartReader(.init(start: nil, count: 0))
            try next()
        }

        @inline(__always)
        mutating func next() throws(NativeFault) {
            if reader.isAtEnd && !takeStretch() {
                index = Int.max
                return
            }
            index &+= Int(truncatingIfNeeded: try reader.number())
            time = time &+ Int64(bitPattern: try reader.number())
        }

        private mutating func takeStretch() -> Bool {
            while let stretch = stretches.popFirst() {
                reader = PartReader(stretch)
                if !reader.isAtEnd { return true }
            }
            return false
        }
    }

    package init(_ partition: HistoryPartition) throws(HistoryError) {
        self.partition = partition
        texts = UncheckedArray(repeating: Interner.none, count: partition.texts.count)
        var (common, scratch) = ([UInt8](), [UInt8]())
        try partition.streams.withStretches(partition.common, &scratch) { (stretches) throws(HistoryError) in
            for stretch in stretches { common.append(contentsOf: stretch) }
        }
        self.common = common + [UInt8](repeating: 0, count: PartReader.padding)
        part.history.header = partition.header
        part.history.strings = Interner(stemsOf: partition.stems)
    }

    /// Makes the next part; nil: only what concerns every key.
    ///
    /// - Parameter strangers: writes of other parts that are to be among the events.
    package mutating func decode(_ number: Int?, strangers: [StrangerWrite] = []) throws(HistoryError) {
        reset()
        let extra = strangers.flatMap(\.events).sorted { $0.index < $1.index }
        if let number {
            var scratch = self.scratch
            self.scratch = []
            try partition.streams.withStretches(number, &scratch) { (own) throws(HistoryError) in
                fetched = PartDecoder.fetch(own)
                try merge(own, part: number, extra)
            }
            self.scratch = scratch
        } else {
            try merge([], part: 0, extra)
        }
        finish(number ?? 0)
    }

    /// Reads a byte of each line of the cache, and does nothing with it: a loop that does nothing else waits for many lines at once,
    /// whoever decodes them for one after the other.
    private static func fetch(_ stretches: [UnsafeRawBufferPointer]) -> UInt8 {
        var sum: UInt8 = 0
        for stretch in stretches {
            for place in stride(from: 0, to: stretch.count, by: 64) { sum &+= stretch[place] }
        }
        return sum
    }

    private mutating func reset() {
        columns.removeAll()
        part.history.strings.removeStrings()
        for text in touched { texts[Int(text)] = Interner.none }
        touched.removeAll(keepingCapacity: true)
        keys.removeAll()
    }

    private mutating func merge(
        _ own: [UnsafeRawBufferPointer], part number: Int, _ extra: [(index: Int, draft: EventDraft)]
    ) throws(HistoryError) {
        do throws(NativeFault) {
            try common.reading { (bytes) throws(NativeFault) in
                let common = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - PartReader.padding)])
                try merge(Source(own), Source([common]), part: number, extra)
            }
        } catch {
            throw HistoryError(file: "the partition of the history", reason: "it is damaged: \(error.reason)")
        }
    }

    private mutating func merge(
        _ own: Source, _ common: Source, part number: Int, _ extra: [(index: Int, draft: EventDraft)]
    ) throws(NativeFault) {
        var (own, common) = (own, common)
        for (place, draft) in extra {
            try merge(&own, &common, before: place, part: number)
            add(draft, at: place)
        }
        try merge(&own, &common, before: Int.max, part: number)
    }

    /// Takes all events before one in the order of the whole history.
    private mutating func merge(
        _ own: inout Source, _ common: inout Source, before end: Int, part number: Int
    ) throws(NativeFault) {
        while true {
            let limit = min(common.index, end)
            while own.index < limit {
                try decodeEvent(&own, number)
                try own.next()
            }
            if common.index >= end { return }
            try decodeEvent(&common, number)
            try common.next()
        }
    }

    /// Adds an event of another part: what it is, not what it saw.
    private mutating func add(_ draft: EventDraft, at index: Int) {
        // Its strings are spelled with stems of this part's own; only comparisons by string see them.
        var event = Event(time: draft.time, process: draft.process, type: draft.type, function: draft.function)
        event.key = draft.key.map { part.history.strings.intern($0) } ?? Interner.none
        event.node = draft.node.map { part.history.strings.intern($0) } ?? Interner.none
        event.value = draft.value.map { part.history.strings.intern($0) } ?? Interner.none
        columns.append(event, index: Int32(index), keyPlace: -1)
    }

    private mutating func finish(_ number: Int) {
        part.history.events.replace(with: columns.events)
        part.history.versions.replace(with: columns.versions)
        part.history.ids.replace(with: columns.ids)
        part.history.clocks.replace(with: columns.clocks)
        part.indexes.replace(with: columns.indexes)
        part.keyNumbers.removeAll(keepingCapacity: true)
        part.keyNumbers.append(contentsOf: repeatElement(Interner.none, count: part.history.strings.count))
        for (slot, key) in keys.buffer.enumerated() where key.string != Interner.none {
            part.keyNumbers[Int(key.string)] = UInt32(slot * partition.partCount + number)
        }
        part.index = columns.index()
    }
}

/// One event after the other.
extension PartDecoder {
    @inline(__always)
    private mutating func decodeEvent(_ source: inout Source, _ number: Int) throws(NativeFault) {
        let first = try source.reader.byte(), second = try source.reader.byte()
        guard let type = EventType(rawValue: first & 3), let function = Function(rawValue: first >> 2 & 15) else {
            throw NativeFault("an event has an unknown shape")
        }
        var event = Event(
            time: source.time, process: Process(rawValue: try source.reader.signed()), type: type, function: function)
        event.home = second & 3
        event.hasList = second & 4 != 0
        var place: Int32 = -1
        if first & 64 != 0 {
            let slot = try source.reader.index(below: Int(UInt32.max))
            // The key of an event that concerns every key has a meaning only where its other events are.
            if !function.concernsEveryKey {
                let key = self.key(slot, number)
                (event.key, place) = (key.string, key.place)
            }
        } else if second & 64 != 0 {
            guard let operation = columns.operation(of: event.process) else {
                throw NativeFault("an event completes what was not there")
            }
            (event.key, place) = (operation.key, operation.keyPlace)
            if second & 128 != 0 { event.value = operation.value }
        }
        if first & 128 != 0 {
            event.value = try function.isWrite ? id(&source.reader) : text(source.reader.number())
        }
        if second & 8 != 0 { event.node = text(try source.reader.number()) }
        if second & 16 != 0 { event.number = try source.reader.signed() }
        if second & 32 != 0 { event.hash = text(try source.reader.number()) }
        if event.hasList { try decodeList(&source.reader, &event) }
        columns.append(event, index: Int32(truncatingIfNeeded: source.index), keyPlace: place)
    }

    @inline(__always)
    private mutating func decodeList(_ reader: inout PartReader, _ event: inout Event) throws(NativeFault) {
        let count = try reader.count()
        switch event.listKind {
        case .none: return
        case .seen:
            event.list = Slice(start: UInt32(columns.ids.count), count: UInt32(count))
            for _ in 0..<count {
                let distance = try reader.number()
                columns.ids.append(try distance == 0 ? id(&reader) : version(distance).id)
            }
        case .nodes, .groups:
            event.list = Slice(start: UInt32(columns.ids.count), count: UInt32(count))
            for _ in 0..<count {
                let node = try reader.number()
                columns.ids.append(node == 0 ? Interner.none : text(node - 1))
            }
        case .versions, .acknowledgement:
            event.list = Slice(start: UInt32(columns.versions.count), count: UInt32(count))
            for _ in 0..<count {
                let distance = try reader.number()
                columns.versions.append(try distance == 0 ? newVersion(&reader) : version(distance))
            }
        }
    }

    /// The version that the stream had so many versions ago.
    @inline(__always)
    private func version(_ distance: UInt64) throws(NativeFault) -> Version {
        guard distance <= UInt64(columns.versions.count) else { throw NativeFault("a version lies before the first") }
        return columns.versions[columns.versions.count - Int(truncatingIfNeeded: distance)]
    }

    @inline(__always)
    private mutating func newVersion(_ reader: inout PartReader) throws(NativeFault) -> Version {
        let marks = try reader.byte()
        var version = Version(id: marks & PartMark.id != 0 ? try id(&reader) : Interner.none)
        version.tombstone = marks & PartMark.tombstone != 0
        if marks & PartMark.dot != 0 {
            version.actor = text(try reader.number())
            version.counter = try reader.number()
        }
        if marks & PartMark.clock != 0 {
            let count = try reader.count()
            version.hasClock = true
            version.clock = Slice(start: UInt32(columns.clocks.count), count: UInt32(count))
            for _ in 0..<count {
                let actor = text(try reader.number())
                columns.clocks.append(ClockEntry(actor: actor, counter: try reader.number()))
            }
        }
        return version
    }

    @inline(__always)
    private mutating func id(_ reader: inout PartReader) throws(NativeFault) -> UInt32 {
        let stem = try reader.number()
        return part.history.strings.intern(code: stem << 32 | (try reader.number()))
    }

    @inline(__always)
    private mutating func text(_ number: UInt64) -> UInt32 {
        guard number < texts.count else { return Interner.none }
        let known = texts[Int(truncatingIfNeeded: number)]
        return known != Interner.none ? known : newText(UInt32(truncatingIfNeeded: number))
    }

    private mutating func newText(_ number: UInt32) -> UInt32 {
        let identifier = partition.texts.withUTF8(of: number) { part.history.strings.intern(utf8: $0) }
        texts[Int(number)] = identifier
        touched.append(number)
        return identifier
    }

    @inline(__always)
    private mutating func key(_ slot: Int, _ number: Int) -> PartKey {
        if slot < keys.count, keys[slot].string != Interner.none { return keys[slot] }
        return newKey(slot, number)
    }

    private mutating func newKey(_ slot: Int, _ number: Int) -> PartKey {
        let whole = slot * partition.partCount + number
        guard whole < partition.keys.count else { return PartKey() }
        keys.grow(to: slot + 1, filling: PartKey())
        let string = partition.keys.withUTF8(of: UInt32(whole)) { part.history.strings.intern(utf8: $0) }
        keys[slot] = PartKey(string: string, place: columns.newKey(string))
        return keys[slot]
    }
}

extension ContiguousArray where Element: BitwiseCopyable & Sendable {
    /// Makes it a copy of another, in the memory that it has.
    fileprivate mutating func replace(with other: UncheckedArray<Element>) {
        removeAll(keepingCapacity: true)
        append(contentsOf: other.buffer)
    }
}
