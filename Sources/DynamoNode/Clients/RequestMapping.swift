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

extension BucketName {
    /// The bucket of a request, checked as Riak checks it; whether its type exists is for the replica to say.
    init(type: Data?, name: Data) throws(ClientFailure) {
        guard !name.isEmpty else { throw .emptyBucket }
        guard let bucket = BucketName(type: type.map { [UInt8]($0) } ?? [], name: [UInt8](name)) else { throw .noType }
        self = bucket
    }
}

extension Key {
    init(_ bucket: BucketName, _ name: Data) throws(ClientFailure) {
        guard !name.isEmpty else { throw .emptyKey }
        self.init(bucket: bucket.stored, name: [UInt8](name))
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
    init(_ wire: RpbGetReq, key: Key) {
        self.init(key: key)
        if wire.hasR { r = Quorum(word: wire.r) }
        if wire.hasPr { pr = Quorum(word: wire.pr) }
        if wire.hasNodeConfirms { nodeConfirms = Quorum(word: wire.nodeConfirms) }
        if wire.hasNotfoundOk { notfoundOK = wire.notfoundOk }
        if wire.hasBasicQuorum { basicQuorum = wire.basicQuorum }
        if wire.hasNVal { n = Int(wire.nVal) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = Self.nanoseconds(wire.timeout) }
    }

    /// Milliseconds, as Riak's fields have them; 0 stands for the store's default.
    static func nanoseconds(_ milliseconds: UInt32) -> Int64? {
        milliseconds == 0 ? nil : Int64(milliseconds) * 1_000_000
    }
}

extension PutRequest {
    init(_ wire: RpbPutReq, key: Key) throws(ClientFailure) {
        if wire.asis { throw .unsupported("asis") }
        let context = try VersionVector(vclock: wire.vclock)
        self.init(key: key, context: context, content: try Content(wire.content))
        if wire.hasW { w = Quorum(word: wire.w) }
        if wire.hasPw { pw = Quorum(word: wire.pw) }
        if wire.hasDw { dw = Quorum(word: wire.dw) }
        if wire.hasNodeConfirms { nodeConfirms = Quorum(word: wire.nodeConfirms) }
        if wire.hasNVal { n = Int(wire.nVal) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = GetRequest.nanoseconds(wire.timeout) }
        if wire.ifNotModified { ifNotModified = context }
        ifNoneMatch = wire.ifNoneMatch
    }

    /// The tombstone of a delete whose client, or whose read, had seen `context`.
    ///
    /// - Parameter rw: the bucket's quorum for deletes that name none.
    init(_ wire: RpbDelReq, key: Key, context: VersionVector, rw: Quorum) {
        self.init(key: key, context: context, content: Content(value: [UInt8](wire.tag)), tombstone: true)
        w = wire.hasW ? Quorum(word: wire.w) : wire.hasRw ? Quorum(word: wire.rw) : rw
        if wire.hasPw { pw = Quorum(word: wire.pw) }
        if wire.hasDw { dw = Quorum(word: wire.dw) }
        if wire.hasNVal { n = Int(wire.nVal) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = GetRequest.nanoseconds(wire.timeout) }
    }
}

extension GetRequest {
    /// The read that comes before a delete without a context.
    init(before wire: RpbDelReq, key: Key, rw: Quorum) {
        self.init(key: key)
        r = wire.hasR ? Quorum(word: wire.r) : wire.hasRw ? Quorum(word: wire.rw) : rw
        if wire.hasPr { pr = Quorum(word: wire.pr) }
        if wire.hasNVal { n = Int(wire.nVal) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = Self.nanoseconds(wire.timeout) }
    }
}
