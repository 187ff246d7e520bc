/// An event with its strings spelled out: what the edges (recorder, importers, tests) hand to ``History/append(_:)``.
public struct EventDraft: Sendable, Hashable {
    /// Nanoseconds since the run began.
    public var time: Int64
    public var process: Process
    public var type: EventType
    public var function: Function
    /// The `f` of an event whose ``function`` is `other`.
    public var name: String?
    public var key: String?
    public var node: String?
    /// The id written, the range of a `replica` or `root`, or the name of a phase.
    public var value: String?
    /// `r`, `w` or `count`.
    public var number: Int64?
    public var hash: String?
    public var home: Bool?
    public var list: List = .absent
    /// Members that the form does not know, as `"name":json` pairs joined by commas.
    public var extras: String = ""

    /// The list that a line carries, if it carries one. One that the form does not give this type and function (the
    /// nodes of a fault of another name, say) is kept as the unknown member `value`.
    public enum List: Sendable, Hashable {
        case absent
        case versions([VersionDraft])
        /// Seen ids, or nodes.
        case ids([String])
        /// The sides of a network partition.
        case groups([[String]])
    }

    public init(_ time: Int64, _ process: Process, _ type: EventType, _ function: Function) {
        self.time = time
        self.process = process
        self.type = type
        self.function = function
    }
}

extension EventDraft.List {
    /// Whether an event whose list is of this kind takes this one.
    fileprivate func suits(_ kind: ListKind) -> Bool {
        switch self {
        case .absent: true
        case .versions: kind.isVersions
        case .ids: kind == .seen || kind == .nodes
        case .groups: kind == .groups
        }
    }
}

/// A version with its strings spelled out; see ``Version``.
public struct VersionDraft: Sendable, Hashable {
    /// Absent only in a put's acknowledgement, which carries no more than a dot and a clock.
    public var id: String?
    public var dot: DotDraft?
    public var clock: [DotDraft]?
    public var tombstone: Bool

    public init(id: String?, dot: DotDraft? = nil, clock: [DotDraft]? = nil, tombstone: Bool = false) {
        self.id = id
        self.dot = dot
        self.clock = clock
        self.tombstone = tombstone
    }
}

/// An actor and a counter: a dot, or an entry of a clock.
public struct DotDraft: Sendable, Hashable {
    public var actor: String
    public var counter: UInt64
    public init(actor: String, counter: UInt64) {
        self.actor = actor
        self.counter = counter
    }
}

extension History {
    /// Adds an event at the end, interning its strings. The caller keeps `time` from decreasing.
    public mutating func append(_ draft: EventDraft) {
        var event = Event(time: draft.time, process: draft.process, type: draft.type, function: draft.function)
        event.name = intern(draft.name)
        event.key = intern(draft.key)
        event.node = intern(draft.node)
        event.value = intern(draft.value)
        event.hash = intern(draft.hash)
        event.number = draft.number ?? Event.absent
        if let home = draft.home { event.home = home ? 2 : 1 }
        var extra = draft.extras
        if draft.list.suits(event.listKind) {
            appendList(draft.list, to: &event)
        } else {
            extra += (extra.isEmpty ? "" : ",") + "\"value\":" + JSONLines.text(of: draft.list)
        }
        if !extra.isEmpty { extras[events.count] = extra }
        events.append(event)
    }

    private mutating func intern(_ string: String?) -> UInt32 {
        guard let string else { return Interner.none }
        return strings.intern(string)
    }

    private mutating func appendList(_ list: EventDraft.List, to event: inout Event) {
        switch list {
        case .absent:
            return
        case .versions(let drafts):
            let start = versions.count
            for draft in drafts { appendVersion(draft) }
            event.list = Slice(start: UInt32(start), count: UInt32(drafts.count))
        case .ids(let strings):
            let start = ids.count
            for string in strings { ids.append(intern(string)) }
            event.list = Slice(start: UInt32(start), count: UInt32(strings.count))
        case .groups(let groups):
            let start = ids.count
            for group in groups {
                for node in group { ids.append(intern(node)) }
                ids.append(Interner.none)
            }
            event.list = Slice(start: UInt32(start), count: UInt32(ids.count - start))
        }
        event.hasList = true
    }

    private mutating func appendVersion(_ draft: VersionDraft) {
        var version = Version(id: intern(draft.id))
        if let dot = draft.dot {
            version.actor = strings.intern(dot.actor)
            version.counter = dot.counter
        }
        if let clock = draft.clock {
            let start = clocks.count
            for entry in clock { clocks.append(ClockEntry(actor: strings.intern(entry.actor), counter: entry.counter)) }
            version.clock = Slice(start: UInt32(start), count: UInt32(clock.count))
            version.hasClock = true
        }
        version.tombstone = draft.tombstone
        versions.append(version)
    }
}
