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
        try source.viewing { (view) throws(HistoryError) in
            for position in range {
                try add(position, source, view, &names)
                if isMalformed { return }
            }
        }
    }

    @inline(__always)
    private mutating func add(
        _ position: Int, _ source: History, _ view: HistoryView, _ names: inout PartitionNames
    ) throws(HistoryError) {
        let event = view.events[position]
        var place = KeyPlace.none
        var passing = PartitionRules.Passing(name: Interner.none, key: Interner.none, value: nil)
        if event.key != Interner.none {
            place = names.key(event.key, source.strings, view, &keys, partCount)
            passing.key = place.key
        }
        if event.name != Interner.none { passing.name = names.text(event.name, source.strings, view, &texts) }
        if event.function.isWrite, event.value != Interner.none {
            passing.value = names.code(event.value, source.strings, view, &stems)
        }
        var admission = PartitionRules.Admission()
        if event.isSoundOperation || source.hasMembers(position) { admission = rules.admit(event, passing) }
        guard admission.contains(.granted) else {
            isMalformed = true
            return
        }
        let index = eventCount
        eventCount += 1
        lastTime = event.time
        if event.function.concernsEveryKey {
            try write(event, index, place, passing.value, [], to: common, source.strings, view, &names)
        } else if passing.key != Interner.none {
            let part = Int(place.part)
            try write(event, index, place, passing.value, admission, to: part, source.strings, view, &names)
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

    @inline(__always)
    private mutating func write(
        _ event: Event, _ index: Int, _ place: KeyPlace, _ written: UInt64?, _ admission: PartitionRules.Admission,
        to part: Int, _ strings: Interner, _ view: HistoryView, _ names: inout PartitionNames
    ) throws(HistoryError) {
        let kind = event.hasList ? event.listKind : .none
        var out = PartWriter(try streams.begin(part, room: HistoryPartition.room(event, kind, view)))
        let step = streams.advance(part, index: index, time: event.time)
        out.number(step.index)
        out.number(step.time)
        let repeatsKey = admission.contains(.repeatsKey)
        let repeatsValue = repeatsKey && admission.contains(.repeatsValue)
        let hasKey = place.key != Interner.none && !repeatsKey
        let hasValue = event.value != Interner.none && !repeatsValue
        out.byte(event.type.rawValue | event.function.rawValue << 2 | (hasKey ? 64 : 0) | (hasValue ? 128 : 0))
        out.byte(
            event.home | (event.hasList ? 4 : 0) | (event.node != Interner.none ? 8 : 0)
                | (event.number != Event.absent ? 16 : 0) | (event.hash != Interner.none ? 32 : 0)
                | (repeatsKey ? 64 : 0) | (repeatsValue ? 128 : 0))
        out.signed(max(event.process.rawValue, -4))
        if hasKey { out.number(UInt64(place.slot)) }
        if hasValue {
            if let written {
                out.code(written)
            } else {
                out.number(UInt64(names.text(event.value, strings, view, &texts)))
            }
        }
        if event.node != Interner.none { out.number(UInt64(names.text(event.node, strings, view, &texts))) }
        if event.number != Event.absent { out.signed(event.number) }
        if event.hash != Interner.none { out.number(UInt64(names.text(event.hash, strings, view, &texts))) }
        if event.hasList { write(list: event, kind, to: part, &out, strings, view, &names) }
        streams.end(part, out.cursor)
    }

    /// At least the bytes that an event takes, and the padding behind it.
    @inline(__always)
    private static func room(_ event: Event, _ kind: ListKind, _ view: HistoryView) -> Int {
        var room = 96 + max(PartWriter.slack, PartReader.padding)
        if kind.isVersions {
            for position in event.list.range { room += 64 + Int(view.versions[position].clock.count) * 18 }
        } else if event.hasList {
            room += Int(event.list.count) * 27
        }
        return room
    }

    @inline(__always)
    private mutating func write(
        list event: Event, _ kind: ListKind, to part: Int, _ out: inout PartWriter, _ strings: Interner,
        _ view: HistoryView, _ names: inout PartitionNames
    ) {
        out.number(UInt64(event.list.count))
        switch kind {
        case .none: return
        case .seen:
            for position in event.list.range {
                let id = view.ids[position]
                if let shown = names.shown(id, in: part) {
                    out.number(UInt64(streams.versions(part) - shown))
                } else {
                    out.number(0)
                    out.code(names.code(id, strings, view, &stems))
                }
            }
        case .nodes, .groups:
            for position in event.list.range {
                let node = view.ids[position]
                out.number(node == Interner.none ? 0 : UInt64(names.text(node, strings, view, &texts)) + 1)
            }
        case .versions, .acknowledgement:
            for position in event.list.range {
                write(view.versions[position], to: part, &out, strings, view, &names)
                streams.countVersion(part)
            }
        }
    }

    @inline(__always)
    private mutating func write(
        _ version: Version, to part: Int, _ out: inout PartWriter, _ strings: Interner, _ view: HistoryView,
        _ names: inout PartitionNames
    ) {
        let next = streams.versions(part)
        let actor = version.hasDot ? names.text(version.actor, strings, view, &texts) : Interner.none
        if version.id != Interner.none {
            if let shown = names.shown(version, actor, in: part, next: next) { return out.number(UInt64(next - shown)) }
            out.number(0)
            out.byte(version.partMarks | PartMark.id)
            out.code(names.code(version.id, strings, view, &stems))
        } else {
            out.number(0)
            out.byte(version.partMarks)
        }
        if version.hasDot {
            out.number(UInt64(actor))
            out.number(version.counter)
        }
        guard version.hasClock else { return }
        out.number(UInt64(version.clock.count))
        for position in version.clock.range {
            out.number(UInt64(names.text(view.clocks[position].actor, strings, view, &texts)))
            out.number(view.clocks[position].counter)
        }
    }
}

extension Version {
    fileprivate var partMarks: UInt8 {
        (hasDot ? PartMark.dot : 0) | (hasClock ? PartMark.clock : 0) | (tombstone ? PartMark.tombstone : 0)
    }
}

extension Event {
    /// Whether it is of a client and has what an operation must have: what ``History/hasMembers(_:)`` says of it, told faster.
    @inline(__always)
    fileprivate var isSoundOperation: Bool {
        guard process.isClient, key != Interner.none else { return false }
        switch function {
        case .get: return hasList || type != .ok
        case .put, .delete: return value != Interner.none || type != .invoke
        default: return false
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

/// What a version in the stream of a part has, when it is not the same as one before it.
enum PartMark {
    static let id: UInt8 = 1
    static let dot: UInt8 = 2
    static let clock: UInt8 = 4
    static let tombstone: UInt8 = 8
}
