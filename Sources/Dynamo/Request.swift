import Causality

/// A number of replicas, as a client or a bucket asks for it.
public enum Quorum: Hashable, Sendable {
    /// Take the next more general setting: the bucket's, then the store's.
    case byDefault
    case one, quorum, all
    case count(Int)

    /// The number of replicas out of `n`; nil for ``byDefault``.
    public func resolve(n: Int) -> Int? {
        switch self {
        case .byDefault: nil
        case .one: 1
        case .quorum: n / 2 + 1
        case .all: n
        case .count(let count): count
        }
    }
}

/// A client's read.
public struct GetRequest: Hashable, Sendable {
    public var key: Key
    public var r: Quorum = .byDefault
    public var pr: Quorum = .byDefault
    /// Different nodes, fallbacks included, that must answer; the default is none.
    public var nodeConfirms: Quorum = .byDefault
    /// Whether a node's "nothing stored" counts toward R. Nil: the bucket's, by default true.
    public var notfoundOK: Bool?
    /// Where ``notfoundOK`` is false: whether a majority of "nothing stored" and failures ends the get at once, before
    /// R has become impossible. Nil: the bucket's, by default false.
    public var basicQuorum: Bool?
    /// Asks this many homes instead of the bucket's N, and at most that many.
    public var n: Int?
    /// Nil: the store's default. False: only homes answer, fallbacks are not asked.
    public var sloppyQuorum: Bool?
    /// Nanoseconds; nil: the store's default.
    public var timeout: Int64?
    public init(key: Key) { self.key = key }
}

/// A client's write; a delete is the write of a tombstone.
public struct PutRequest: Hashable, Sendable {
    public var key: Key
    /// The context that the client passes back: what it had seen. Empty: a blind write.
    public var context: VersionVector
    public var content: Content
    public var tombstone: Bool
    public var w: Quorum = .byDefault
    public var pw: Quorum = .byDefault
    /// Copies on disk; here every acknowledged copy is, so that this asks no more than ``w`` does.
    public var dw: Quorum = .byDefault
    /// Different nodes, fallbacks included, that must acknowledge; the default is none.
    public var nodeConfirms: Quorum = .byDefault
    /// Writes to this many homes instead of the bucket's N, and at most that many; anti-entropy brings it to the others.
    public var n: Int?
    /// Nil: the store's default. False: only homes store, no fallback stands in.
    public var sloppyQuorum: Bool?
    /// Nanoseconds; nil: the store's default.
    public var timeout: Int64?
    /// Write only if a read just before finds exactly this context. See ``ifNoneMatch``.
    public var ifNotModified: VersionVector?
    /// Write only if a read just before finds no value (a tombstone is none).
    ///
    /// As Riak's, both conditions are a read with the bucket's quorum and then a write, **not a compare-and-swap**: two
    /// clients that race may both be let through, and make siblings.
    public var ifNoneMatch = false
    public init(key: Key, context: VersionVector, content: Content, tombstone: Bool = false) {
        self.key = key
        self.context = context
        self.content = content
        self.tombstone = tombstone
    }
}

/// What a client is told.
public enum ClientReply: Hashable, Sendable {
    /// The siblings found, tombstones included (the protocol layer decides what its client sees); empty: not found.
    case got(Siblings)
    /// Acknowledged under `dot`; `clock` is its causal past; `siblings` is what the coordinator then stores.
    case put(dot: Dot, clock: VersionVector, siblings: Siblings)
    case bucketSet
    case failed(RequestFailure)
}

/// Why a request was not served.
public enum RequestFailure: Error, Hashable, Sendable {
    /// Too few replicas could even be asked; nothing was written.
    case insufficientReplicas(have: Int, need: Int)
    /// A quorum above N; nothing was written.
    case quorumAboveN(n: Int)
    /// Too few primaries; nothing was written.
    case primariesUnsatisfied(have: Int, need: Int, write: Bool)
    /// No quorum in time. A write may or may not have taken effect.
    case timeout
    /// Too few replicas acknowledged and no more can. A write may or may not have taken effect.
    case quorumFailed(have: Int, need: Int)
    /// Too few different nodes answered for `node_confirms`. A write may or may not have taken effect.
    case nodesUnconfirmed(have: Int, need: Int)
    /// ``PutRequest/ifNoneMatch``, and there is a value; nothing was written.
    case matchFound
    /// ``PutRequest/ifNotModified``, and there is another context; nothing was written.
    case modified
    /// ``PutRequest/ifNotModified``, and there is no value; nothing was written.
    case notFound
    /// The key has so many siblings that no more are taken until a client has resolved them; nothing was written.
    case tooManySiblings(limit: Int)
    /// Storage failed at the coordinator. A write may or may not have taken effect: a version whose own sync failed can
    /// still reach the disk with the next write of its key.
    case storage(String)
    /// Storage failed at every coordinator that was tried, before anything had left it; nothing was written.
    case unwritten(String)
}

/// What Dynamo lets a bucket decide. Nil: the store's default.
public struct BucketProperties: Hashable, Sendable {
    public var n: Int?
    public var r: Quorum = .byDefault
    public var w: Quorum = .byDefault
    public var pr: Quorum = .byDefault
    public var pw: Quorum = .byDefault
    public var dw: Quorum = .byDefault
    /// What a delete without quorums of its own reads and writes with; for the client protocols.
    public var rw: Quorum = .byDefault
    public var nodeConfirms: Quorum = .byDefault
    public var notfoundOK: Bool?
    public var basicQuorum: Bool?
    /// False: only the version modified last is kept, as Riak's `allow_mult=false` does.
    public var allowMultiple: Bool?
    public var lastWriteWins: Bool?
    public init() {}
}

/// A bucket's properties and how often they were set: the higher version wins, equal versions by the node that set
/// them.
public struct BucketEntry: Hashable, Sendable {
    public var bucket: [UInt8]
    public var properties: BucketProperties
    public var version: UInt64
    public var setBy: String
    public init(bucket: [UInt8], properties: BucketProperties, version: UInt64, setBy: String) {
        self.bucket = bucket
        self.properties = properties
        self.version = version
        self.setBy = setBy
    }
}
