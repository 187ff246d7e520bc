/// Who an event belongs to: a client process (0 and up), or one of the three named ones.
///
/// Stored as one integer so that a history of millions of events stays flat: negative values are the named processes of
/// SEMANTICS section 1 (`"nemesis"`, `"controller"`, `"inspector"`) or, below those, other names, interned.
public struct Process: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }

    public static let nemesis = Process(rawValue: -1)
    public static let controller = Process(rawValue: -2)
    public static let inspector = Process(rawValue: -3)

    /// A client process.
    public static func client(_ number: Int64) -> Process { Process(rawValue: number) }

    /// A named process other than the three known ones; `name` is its identifier in ``History/strings``.
    public static func other(name: UInt32) -> Process { Process(rawValue: -4 - Int64(name)) }

    public var isClient: Bool { rawValue >= 0 }

    /// The interned name of a process made by ``other(name:)``.
    public var otherName: UInt32? { rawValue <= -4 ? UInt32(truncatingIfNeeded: -4 - rawValue) : nil }
}

/// What a line of a history says of its operation (SEMANTICS section 1).
public enum EventType: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case invoke, ok, fail, info
}

/// What was done: `f` of the interchange form. `other` keeps its own name in ``Event/name``.
public enum Function: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case get, put, delete
    case replica, hints, root
    case kill, restart, pause, resume, wipe, partition, heal
    case phase, converged
    case other
}

/// A contiguous part of one of the side arrays of a ``History``.
public struct Slice: Sendable, Hashable, BitwiseCopyable {
    public var start: UInt32
    public var count: UInt32
    public init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }
    public static let empty = Slice(start: 0, count: 0)
    public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// One line of a history: a trivial value (no references), its strings interned, its lists in side arrays.
///
/// | f | what the fields hold |
/// | --- | --- |
/// | `get` invoke | `key`, `node`, `number` = r |
/// | `get` ok | `key`, `list` in `versions` |
/// | `put`/`delete` invoke | `key`, `value`, `node`, `number` = w, `list` in `ids` = seen |
/// | `put`/`delete` ok | `key`, `value`, `list` in `versions`: one, without `id`, when a dot or a clock was shown |
/// | `replica` | `node`, `key`, `home`, `value` = range name, `list` in `versions` |
/// | `hints` | `node`, `number` = count |
/// | `root` | `node`, `value` = range name, `hash` |
/// | `kill`, `restart`, `pause`, `resume`, `wipe` | `list` in `ids` = nodes |
/// | `partition` | `list` in `ids`: nodes, each group closed by ``Interner/none`` |
/// | `phase` | `value` |
public struct Event: Sendable, Hashable, BitwiseCopyable {
    /// Nanoseconds since the run began.
    public var time: Int64
    public var process: Process
    /// `r`, `w` or `count`; ``absent`` when the line has none.
    public var number: Int64 = Event.absent
    public var key: UInt32 = Interner.none
    public var node: UInt32 = Interner.none
    /// The id written, the name of a range, or the name of a phase: see the table above.
    public var value: UInt32 = Interner.none
    /// The hash of a `root` event.
    public var hash: UInt32 = Interner.none
    /// The interned `f` when ``function`` is `other`.
    public var name: UInt32 = Interner.none
    public var list: Slice = .empty
    public var type: EventType
    public var function: Function
    /// 0: no `home` field; 1: false; 2: true.
    public var home: UInt8 = 0
    /// Whether the line carried the optional list at all: `seen: []` is not the absence of `seen`, nor `value: []` of
    /// `value`.
    public var hasList: Bool = false

    /// The value of ``number`` when the line has no such field.
    public static let absent = Int64.min

    public init(time: Int64, process: Process, type: EventType, function: Function) {
        self.time = time
        self.process = process
        self.type = type
        self.function = function
    }
}

/// A version in a read, a replica's content or a put's acknowledgement.
public struct Version: Sendable, Hashable, BitwiseCopyable {
    public var id: UInt32
    /// The actor of the dot, interned; ``Interner/none`` when no dot was shown.
    public var actor: UInt32 = Interner.none
    public var counter: UInt64 = 0
    /// The clock's entries in `clocks`, sorted by nothing in particular.
    public var clock: Slice = .empty
    public var hasClock: Bool = false
    public var tombstone: Bool = false

    public init(id: UInt32) { self.id = id }
    public var hasDot: Bool { actor != Interner.none }
}

/// One entry of a version vector: an actor and how many of its events are covered.
public struct ClockEntry: Sendable, Hashable, BitwiseCopyable {
    public var actor: UInt32
    public var counter: UInt64
    public init(actor: UInt32, counter: UInt64) {
        self.actor = actor
        self.counter = counter
    }
}
