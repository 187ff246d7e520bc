/// How a history is partitioned.
package struct PartitionSettings: Sendable {
    /// How many parts; 0: as many as make parts that a processor's cache holds.
    package var parts = 0
    /// What the parts may take in memory before they go to a temporary file, in bytes.
    package var memory = 1 << 30
    /// How many threads decode.
    package var threads = 1
    /// Where the temporary file goes.
    package var directory = "/tmp"

    package init() {}

    /// Events of a part, about: what is made of them for the checkers then comes to two or three megabytes.
    static let partSize = 16_384

    func partCount(events: Int) -> Int {
        parts > 0 ? parts : max(1, min(8192, events / PartitionSettings.partSize))
    }
}

/// A history taken apart by keys: all events of a key are in one part, and those that concern every key (faults,
/// phases, roots, hints) are in a stream of their own that each part is merged with.
///
/// What a part holds is what ``PartDecoder`` makes of it: a small ``History`` whose events keep their order, with the
/// index that each has in the whole. The checkers take one part after the other, or several at once.
package struct HistoryPartition: Sendable {
    package let header: Header
    /// The header, and the events of the controller that hold what a run wrote down beside the contract.
    package fileprivate(set) var record = History()
    package fileprivate(set) var eventCount = 0
    package fileprivate(set) var firstTime: Int64 = 0
    package fileprivate(set) var lastTime: Int64 = 0
    package internal(set) var truncation: Truncation?
    /// Whether the events break a rule of ``History/validate(file:)``; the parts then mean nothing.
    package fileprivate(set) var isMalformed = false

    package let partCount: Int
    let streams: PartitionStreams
    /// Every key, numbered by first appearance: key k is in part k modulo ``partCount``.
    fileprivate(set) var keys = Interner()
    /// Nodes, actors, ranges, hashes, phases.
    fileprivate(set) var texts = Interner()
    /// Only its stems: those of the ids of versions.
    fileprivate(set) var stems = Interner()
    fileprivate var rules = PartitionRules()

    package init(header: Header, parts: Int, settings: PartitionSettings) {
        self.header = header
        partCount = parts
        streams = PartitionStreams(count: parts + 1, memory: settings.memory, directory: settings.directory)
        record.header = header
    }

    /// Whether any of it lies in a temporary file.
    package var isSpilled: Bool { streams.isSpilled }
    package func isEmpty(part: Int) -> Bool { streams.isEmpty(part) }

    /// The stream of the events that concern every key.
    var common: Int { partCount }
}

extension HistoryPartition {
    /// Takes the next events of the history: some of `source`, whose strings `names` translates.
    ///
    /// After the first event that breaks a rule nothing more is taken.
    package mutating func add(_ source: History, _ range: Range<Int>, _ names: inout PartitionNames)
        throws(HistoryError)
    {
        if isMalformed { return }
        names.cover(source.strings)
        if eventCount == 0, let first = range.first { firstTime = source.events[first].time }
        for position in range {
            try add(position, source, &names)
            if isMalformed { return }
        }
    }

    private mutating func add(_ position: Int, _ source: History, _ names: inout PartitionNames) throws(HistoryError) {
        let event = source.events[position]
        var passing = PartitionRules.Passing(name: Interner.none, key: Interner.none, value: nil)
        if event.key != Interner.none { passing.key = names.key(event.key, source, &keys) }
        if event.name != Interner.none { passing.name = names.text(event.name, source, &texts) }
        if event.function.isWrite, event.value != Interner.none {
            passing.value = names.code(event.value, source, &stems)
        }
        guard source.hasMembers(position), rules.admit(event, passing) else {
            isMalformed = true
            return
        }
        let index = eventCount
        eventCount += 1
        lastTime = event.time
        if event.function.concernsEveryKey {
            try write(event, index, passing, to: common, source, &names)
        } else if passing.key != Interner.none {
            try write(event, index, passing, to: Int(passing.key) % partCount, source, &names)
        } else if event.process == .controller, let extras = source.extras[position] {
            keep(event, extras, source)
        }
    }

    /// Keeps what a run wrote down.
    private mutating func keep(_ event: Event, _ extras: String, _ source: History) {
        var draft = EventDraft(event.time, .controller, event.type, event.function)
        draft.name = event.name == Interner.none ? nil : source.string(event.name)
        draft.extras = extras
        record.append(draft)
    }

    private mutating func write(
        _ event: Event, _ index: Int, _ passing: PartitionRules.Passing, to part: Int, _ source: History,
        _ names: inout PartitionNames
    ) throws(HistoryError) {
        var room = 80
        let kind = event.hasList ? event.listKind : .none
        if kind.isVersions {
            for position in event.list.range { room += 64 + Int(source.versions[position].clock.count) * 16 }
        } else if event.hasList {
            room += Int(event.list.count) * 16
        }
        var out = PartWriter(try streams.begin(part, room: room))
        let step = streams.advance(part, index: index, time: event.time)
        out.varint(step.index)
        out.varint(step.time)
        let hasValue = event.value != Interner.none
        out.byte(
            event.type.rawValue | event.function.rawValue << 2 | (passing.key != Interner.none ? 64 : 0)
                | (hasValue ? 128 : 0))
        out.byte(
            event.home | (event.hasList ? 4 : 0) | (event.node != Interner.none ? 8 : 0)
                | (event.number != Event.absent ? 16 : 0) | (event.hash != Interner.none ? 32 : 0))
        out.zigzag(max(event.process.rawValue, -4))
        if passing.key != Interner.none { out.varint(UInt64(passing.key) / UInt64(partCount)) }
        if hasValue {
            if let value = passing.value {
                out.code(value)
            } else {
                out.varint(UInt64(names.text(event.value, source, &texts)))
            }
        }
        if event.node != Interner.none { out.varint(UInt64(names.text(event.node, source, &texts))) }
        if event.number != Event.absent { out.zigzag(event.number) }
        if event.hash != Interner.none { out.varint(UInt64(names.text(event.hash, source, &texts))) }
        if event.hasList { write(list: event, kind, to: part, &out, source, &names) }
        streams.end(part, out.cursor)
    }

    private mutating func write(
        list event: Event, _ kind: ListKind, to part: Int, _ out: inout PartWriter, _ source: History,
        _ names: inout PartitionNames
    ) {
        out.varint(UInt64(event.list.count))
        switch kind {
        case .none: return
        case .seen:
            for position in event.list.range { out.code(names.code(source.ids[position], source, &stems)) }
        case .nodes, .groups:
            for position in event.list.range {
                let node = source.ids[position]
                out.varint(node == Interner.none ? 0 : UInt64(names.text(node, source, &texts)) + 1)
            }
        case .versions, .acknowledgement:
            for position in event.list.range { write(source.versions[position], to: part, &out, source, &names) }
        }
    }

    private mutating func write(
        _ version: Version, to part: Int, _ out: inout PartWriter, _ source: History, _ names: inout PartitionNames
    ) {
        let hasID = version.id != Interner.none
        if hasID, names.isKnown(version, in: part) {
            out.byte(PartMark.id | PartMark.known)
            out.code(names.code(version.id, source, &stems))
            return
        }
        out.byte(
            (hasID ? PartMark.id : 0) | (version.hasDot ? PartMark.dot : 0) | (version.hasClock ? PartMark.clock : 0)
                | (version.tombstone ? PartMark.tombstone : 0))
        if hasID { out.code(names.code(version.id, source, &stems)) }
        if version.hasDot {
            out.varint(UInt64(names.text(version.actor, source, &texts)))
            out.varint(version.counter)
        }
        guard version.hasClock else { return }
        out.varint(UInt64(version.clock.count))
        for position in version.clock.range {
            out.varint(UInt64(names.text(source.clocks[position].actor, source, &texts)))
            out.varint(source.clocks[position].counter)
        }
    }
}

extension Function {
    /// Whether an event of this function may matter to the events of any key.
    var concernsEveryKey: Bool {
        switch self {
        case .get, .put, .delete, .replica, .other: false
        case .hints, .root, .kill, .restart, .pause, .resume, .wipe, .partition, .heal, .phase, .converged: true
        }
    }
}

/// What a version in the stream of a part has.
enum PartMark {
    static let id: UInt8 = 1
    static let dot: UInt8 = 2
    static let clock: UInt8 = 4
    static let tombstone: UInt8 = 8
    /// Dot, clock and tombstone as the stream last showed them for the id.
    static let known: UInt8 = 16
}

/// Writes into memory that is known to suffice.
private struct PartWriter {
    var cursor: UnsafeMutablePointer<UInt8>

    init(_ cursor: UnsafeMutablePointer<UInt8>) { self.cursor = cursor }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        cursor.pointee = value
        cursor += 1
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// A string's code: its stem, then its number.
    @inline(__always)
    mutating func code(_ value: UInt64) {
        varint(value >> 32)
        varint(value & 0xFFFF_FFFF)
    }
}

/// Translates the strings of a source (a block, or a history in memory) into those of a partition, each once.
package struct PartitionNames {
    private var keys = ContiguousArray<UInt32>()
    private var texts = ContiguousArray<UInt32>()
    private var stems = ContiguousArray<UInt32>()
    /// For each id, the version that was last written of it, and the part; -1: none yet.
    private var versions = ContiguousArray<(version: Version, part: Int32)>()

    package init() {}

    /// Whether this is what was last written to a part of the version's id. If not, it is now.
    @inline(__always)
    mutating func isKnown(_ version: Version, in part: Int) -> Bool {
        let known = versions[Int(version.id)]
        if known.part == part, known.version.clock == version.clock, known.version.actor == version.actor,
            known.version.counter == version.counter, known.version.tombstone == version.tombstone,
            known.version.hasClock == version.hasClock
        {
            return true
        }
        versions[Int(version.id)] = (version, Int32(truncatingIfNeeded: part))
        return false
    }

    /// Forgets the source: another one follows.
    package mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        stems.removeAll(keepingCapacity: true)
        versions.removeAll(keepingCapacity: true)
    }

    /// Makes room for the source's strings.
    mutating func cover(_ strings: Interner) {
        if keys.count < strings.count {
            let more = repeatElement(Interner.none, count: strings.count - keys.count)
            keys.append(contentsOf: more)
            texts.append(contentsOf: more)
            versions.append(
                contentsOf: repeatElement(
                    (version: Version(id: Interner.none), part: Int32(-1)), count: strings.count - versions.count))
        }
        if stems.count < strings.stemCount {
            stems.append(contentsOf: repeatElement(Interner.none, count: strings.stemCount - stems.count))
        }
    }

    @inline(__always)
    mutating func key(_ identifier: UInt32, _ source: History, _ all: inout Interner) -> UInt32 {
        let known = keys[Int(identifier)]
        if known != Interner.none { return known }
        keys[Int(identifier)] = source.strings.withUTF8(of: identifier) { all.intern(utf8: $0) }
        return keys[Int(identifier)]
    }

    @inline(__always)
    mutating func text(_ identifier: UInt32, _ source: History, _ all: inout Interner) -> UInt32 {
        let known = texts[Int(identifier)]
        if known != Interner.none { return known }
        texts[Int(identifier)] = source.strings.withUTF8(of: identifier) { all.intern(utf8: $0) }
        return texts[Int(identifier)]
    }

    /// The code of an id, by the partition's stems.
    @inline(__always)
    mutating func code(_ identifier: UInt32, _ source: History, _ all: inout Interner) -> UInt64 {
        let code = source.strings.code(of: identifier)
        let stem = Int(truncatingIfNeeded: code >> 32)
        if stems[stem] == Interner.none { stems[stem] = all.stem(of: code, in: source.strings) }
        return UInt64(stems[stem]) << 32 | code & 0xFFFF_FFFF
    }
}
