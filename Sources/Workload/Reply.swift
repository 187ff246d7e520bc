import History

/// What came back for an operation, in terms of what it did to the store (SEMANTICS section 1).
public enum Reply: Sendable, Hashable {
    case read(ReadAnswer)
    /// A put or delete took effect; the dot and the causal past it was given, where the store shows them.
    case written(dot: DotDraft?, clock: [DotDraft]?)
    /// Definitely without effect: it was never sent, or the store refused it before it did anything.
    case refused(String)
    /// Nobody knows: no answer, or an error that leaves a write half done.
    case unknown(String)
}

/// All versions of a key and the context that stands for them.
public struct ReadAnswer: Sendable, Hashable {
    public var versions: [StoredVersion]
    /// Nil when nothing was found.
    public var context: [UInt8]?

    public init(versions: [StoredVersion], context: [UInt8]?) {
        self.versions = versions
        self.context = context
    }
}

/// A version as a read returned it.
public struct StoredVersion: Sendable, Hashable {
    public var id: String
    public var payload: [UInt8]
    public var dot: DotDraft?
    public var clock: [DotDraft]?
    public var tombstone: Bool

    public init(payload: [UInt8], dot: DotDraft? = nil, clock: [DotDraft]? = nil, tombstone: Bool = false) {
        self.id = ValueForm.id(of: payload)
        self.payload = payload
        self.dot = dot
        self.clock = clock
        self.tombstone = tombstone
    }
}
