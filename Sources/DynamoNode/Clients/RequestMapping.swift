import Causality
import Dynamo
import Foundation
import RiakProtocol

extension Quorum {
    /// A quorum field of a request or of bucket properties: a count or one of Riak's words.
    init(word: UInt32) {
        switch word {
        case QuorumWord.one: self = .one
        case QuorumWord.quorum: self = .quorum
        case QuorumWord.all: self = .all
        case QuorumWord.byDefault: self = .byDefault
        default: self = .count(Int(word))
        }
    }

    /// The field for this quorum; nil for the default.
    var word: UInt32? {
        switch self {
        case .byDefault: nil
        case .one: QuorumWord.one
        case .quorum: QuorumWord.quorum
        case .all: QuorumWord.all
        case .count(let count): UInt32(clamping: count)
        }
    }
}

/// What requests are checked and completed with: the properties of their bucket, and the store's where those are
/// silent.
struct RequestDefaults {
    var bucket: BucketProperties
    var configuration: Configuration

    var n: Int { bucket.n ?? configuration.n }

    /// Asks for at least `confirms` nodes. Every replica is on a node of its own, so as many answers are as many nodes.
    func raise(_ quorum: Quorum, bucket: Quorum, store: Quorum, to confirms: UInt32) -> Quorum {
        guard confirms > 0 else { return quorum }
        let asked = quorum.resolve(n: n) ?? bucket.resolve(n: n) ?? store.resolve(n: n) ?? 0
        return .count(max(asked, Int(confirms)))
    }
}

extension Key {
    /// The key of a request, checked as Riak checks it.
    init(bucket: Data, name: Data, type: Data?) throws(ClientFailure) {
        try Self.check(type: type)
        guard !bucket.isEmpty else { throw .emptyBucket }
        guard !name.isEmpty else { throw .emptyKey }
        self.init(bucket: [UInt8](bucket), name: [UInt8](name))
    }

    /// There is one bucket type, the default.
    static func check(type: Data?) throws(ClientFailure) {
        if let type, !type.isEmpty, type != Data("default".utf8) { throw .noType }
    }
}

extension VersionVector {
    /// The context in a `vclock` field; empty when there is none.
    init(vclock: Data) throws(ClientFailure) {
        if vclock.isEmpty {
            self.init()
            return
        }
        do {
            self = try ContextCodec.decode([UInt8](vclock))
        } catch {
            throw .foreignContext
        }
    }
}

extension GetRequest {
    init(_ wire: RpbGetReq, _ defaults: RequestDefaults) throws(ClientFailure) {
        self.init(key: try Key(bucket: wire.bucket, name: wire.key, type: wire.hasType ? wire.type : nil))
        if wire.hasNVal, Int(wire.nVal) != defaults.n { throw .unsupported("n_val") }
        if wire.hasNotfoundOk, !wire.notfoundOk { throw .unsupported("notfound_ok=false") }
        if wire.nodeConfirms > UInt32(clamping: defaults.n) {
            throw .insufficientNodes(have: defaults.n, need: Int(wire.nodeConfirms))
        }
        if wire.hasR { r = Quorum(word: wire.r) }
        if wire.hasPr { pr = Quorum(word: wire.pr) }
        r = defaults.raise(r, bucket: defaults.bucket.r, store: defaults.configuration.r, to: wire.nodeConfirms)
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = Self.nanoseconds(wire.timeout) }
    }

    /// Milliseconds, as Riak's fields have them; 0 stands for the store's default.
    static func nanoseconds(_ milliseconds: UInt32) -> Int64? {
        milliseconds == 0 ? nil : Int64(milliseconds) * 1_000_000
    }
}

extension PutRequest {
    /// `key` is the request's own, or one made up for it.
    init(_ wire: RpbPutReq, key: Data, _ defaults: RequestDefaults) throws(ClientFailure) {
        let key = try Key(bucket: wire.bucket, name: key, type: wire.hasType ? wire.type : nil)
        if wire.asis { throw .unsupported("asis") }
        if wire.hasNVal, Int(wire.nVal) != defaults.n { throw .unsupported("n_val") }
        if wire.nodeConfirms > UInt32(clamping: defaults.n) { throw .quorumAboveN(defaults.n) }
        let context = try VersionVector(vclock: wire.vclock)
        self.init(key: key, context: context, content: try Content(wire.content))
        if wire.hasW { w = Quorum(word: wire.w) }
        if wire.hasPw { pw = Quorum(word: wire.pw) }
        if wire.hasDw { dw = Quorum(word: wire.dw) }
        w = defaults.raise(w, bucket: defaults.bucket.w, store: defaults.configuration.w, to: wire.nodeConfirms)
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = GetRequest.nanoseconds(wire.timeout) }
    }

    /// The tombstone of a delete whose client, or whose read, had seen `context`.
    init(_ wire: RpbDelReq, key: Key, context: VersionVector) {
        self.init(key: key, context: context, content: Content(value: [UInt8](wire.tag)), tombstone: true)
        if wire.hasW { w = Quorum(word: wire.w) } else if wire.hasRw { w = Quorum(word: wire.rw) }
        if wire.hasPw { pw = Quorum(word: wire.pw) }
        if wire.hasDw { dw = Quorum(word: wire.dw) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = GetRequest.nanoseconds(wire.timeout) }
    }
}

extension GetRequest {
    /// The read that comes before a delete without a context.
    init(before wire: RpbDelReq, key: Key) {
        self.init(key: key)
        if wire.hasR { r = Quorum(word: wire.r) } else if wire.hasRw { r = Quorum(word: wire.rw) }
        if wire.hasPr { pr = Quorum(word: wire.pr) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = Self.nanoseconds(wire.timeout) }
    }

    /// The read that comes before a conditional put.
    init(before put: PutRequest) {
        self.init(key: put.key)
        sloppyQuorum = put.sloppyQuorum
        timeout = put.timeout
    }
}
