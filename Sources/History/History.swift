/// The first line of a history: what was run, and what the checkers must know of it (SEMANTICS section 1).
public struct Header: Sendable, Hashable {
    /// Version of the interchange form; 1 is the only one known.
    public var version: Int64 = 1
    public var name: String?
    public var nodes: [String]?
    public var n: Int64?
    public var r: Int64?
    public var w: Int64?
    /// How long after `phase heal` the store may take until all replicas agree, in nanoseconds.
    public var convergeWithin: Int64?
    /// Members that the form does not know, as the JSON text of `"name":value` pairs joined by commas, kept by
    /// `convert`.
    public var extras: String = ""

    public init() {}
}

/// A whole history in memory: flat arrays of trivial values over interned strings.
///
/// The position of an event in ``events`` is its index, the number that anomalies cite.
public struct History: Sendable {
    public var header = Header()
    /// Keys, ids, nodes, actors, ranges: every string of every event.
    public var strings = Interner()
    public var events = ContiguousArray<Event>()
    /// Versions of reads, replicas and acknowledgements; see ``Event/list``.
    public var versions = ContiguousArray<Version>()
    /// Seen ids and node lists; see ``Event/list``.
    public var ids = ContiguousArray<UInt32>()
    public var clocks = ContiguousArray<ClockEntry>()
    /// Members that the form does not know, by event index, as in ``Header/extras``.
    public var extras: [Int: String] = [:]
    /// The same of a version that is an object, by its position in ``versions``.
    public var versionExtras: [Int: String] = [:]
    /// Set when the file ended before its writer closed it: what is here is everything up to that point.
    public var truncation: Truncation?

    public init() {}

    public func string(_ identifier: UInt32) -> String { strings[identifier] }
    public func versions(of event: Event) -> ArraySlice<Version> { versions[event.list.range] }
    public func ids(of event: Event) -> ArraySlice<UInt32> { ids[event.list.range] }
    public func clock(of version: Version) -> ArraySlice<ClockEntry> { clocks[version.clock.range] }
}

/// Why a history is shorter than the run it tells of.
public struct Truncation: Sendable, Hashable {
    /// One sentence for a person.
    public var reason: String
    /// Bytes of the file that could not be used.
    public var bytesLost: Int
    public init(reason: String, bytesLost: Int) {
        self.reason = reason
        self.bytesLost = bytesLost
    }
}
