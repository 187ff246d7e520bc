import Causality
import Dynamo
import Foundation

extension Quorum {
    /// 0: the default; −1, −2, −3: one, quorum, all; above 0: a count, plus one so that a count of 0 has a code too.
    var wireForm: PeerQuorum {
        var wire = PeerQuorum()
        switch self {
        case .byDefault: wire.code = 0
        case .one: wire.code = -1
        case .quorum: wire.code = -2
        case .all: wire.code = -3
        case .count(let count): wire.code = Int32(clamping: max(0, count)) &+ (count < Int32.max ? 1 : 0)
        }
        return wire
    }

    init(wire: PeerQuorum) throws(PeerProtocolError) {
        switch wire.code {
        case 0: self = .byDefault
        case -1: self = .one
        case -2: self = .quorum
        case -3: self = .all
        case 1...: self = .count(Int(wire.code) - 1)
        default: throw .invalid("quorum")
        }
    }
}

extension GetRequest {
    func wireForm(request: UInt64) -> ForwardGet {
        var wire = ForwardGet()
        wire.request = request
        wire.key = key.wireForm
        wire.r = r.wireForm
        wire.pr = pr.wireForm
        wire.nodeConfirms = nodeConfirms.wireForm
        if let notfoundOK { wire.notfoundOk = notfoundOK }
        if let basicQuorum { wire.basicQuorum = basicQuorum }
        if let n { wire.n = Int64(n) }
        if let sloppyQuorum { wire.sloppyQuorum = sloppyQuorum }
        if let timeout { wire.timeout = timeout }
        return wire
    }

    init(wire: ForwardGet) throws(PeerProtocolError) {
        self.init(key: Key(wire: wire.key))
        r = try Quorum(wire: wire.r)
        pr = try Quorum(wire: wire.pr)
        nodeConfirms = try Quorum(wire: wire.nodeConfirms)
        if wire.hasNotfoundOk { notfoundOK = wire.notfoundOk }
        if wire.hasBasicQuorum { basicQuorum = wire.basicQuorum }
        if wire.hasN { n = Int(wire.n) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = wire.timeout }
    }
}

extension PutRequest {
    func wireForm(request: UInt64) -> ForwardPut {
        var wire = ForwardPut()
        wire.request = request
        wire.key = key.wireForm
        wire.context = context.wireForm
        wire.content = content.wireForm
        wire.tombstone = tombstone
        wire.w = w.wireForm
        wire.pw = pw.wireForm
        wire.dw = dw.wireForm
        wire.nodeConfirms = nodeConfirms.wireForm
        if let n { wire.n = Int64(n) }
        if let sloppyQuorum { wire.sloppyQuorum = sloppyQuorum }
        if let timeout { wire.timeout = timeout }
        if let ifNotModified { wire.ifNotModified.entries = ifNotModified.wireForm }
        wire.ifNoneMatch = ifNoneMatch
        return wire
    }

    init(wire: ForwardPut) throws(PeerProtocolError) {
        self.init(
            key: Key(wire: wire.key), context: try VersionVector(wire: wire.context),
            content: Content(wire: wire.content), tombstone: wire.tombstone)
        w = try Quorum(wire: wire.w)
        pw = try Quorum(wire: wire.pw)
        dw = try Quorum(wire: wire.dw)
        nodeConfirms = try Quorum(wire: wire.nodeConfirms)
        if wire.hasN { n = Int(wire.n) }
        if wire.hasSloppyQuorum { sloppyQuorum = wire.sloppyQuorum }
        if wire.hasTimeout { timeout = wire.timeout }
        if wire.hasIfNotModified { ifNotModified = try VersionVector(wire: wire.ifNotModified.entries) }
        ifNoneMatch = wire.ifNoneMatch
    }
}

extension ClientReply {
    var wireForm: Forwarded.OneOf_Reply {
        switch self {
        case .got(let siblings): return .got(siblings.wireForm)
        case .put(let dot, let clock, let siblings):
            var wire = PeerPut()
            wire.dot = dot.wireForm
            wire.clock = clock.wireForm
            wire.siblings = siblings.wireForm
            return .put(wire)
        case .bucketSet: return .bucketSet(true)
        case .failed(let failure): return .failed(failure.wireForm)
        }
    }

    init(wire: Forwarded.OneOf_Reply?) throws(PeerProtocolError) {
        switch wire {
        case .got(let siblings): self = .got(try Siblings(wire: siblings))
        case .put(let put):
            self = .put(
                dot: try Dot(wire: put.dot), clock: try VersionVector(wire: put.clock),
                siblings: try Siblings(wire: put.siblings))
        case .bucketSet: self = .bucketSet
        case .failed(let failure): self = .failed(try RequestFailure(wire: failure))
        case nil: throw .invalid("reply")
        }
    }
}

extension RequestFailure {
    private enum Kind {
        static let insufficientReplicas: UInt32 = 1
        static let quorumAboveN: UInt32 = 2
        static let primariesUnsatisfied: UInt32 = 3
        static let timeout: UInt32 = 4
        static let quorumFailed: UInt32 = 5
        static let storage: UInt32 = 6
        static let nodesUnconfirmed: UInt32 = 7
        static let matchFound: UInt32 = 8
        static let modified: UInt32 = 9
        static let notFound: UInt32 = 10
        static let tooManySiblings: UInt32 = 11
        static let unwritten: UInt32 = 12
    }

    var wireForm: PeerFailure {
        var wire = PeerFailure()
        switch self {
        case .insufficientReplicas(let have, let need):
            wire.kind = Kind.insufficientReplicas
            (wire.have, wire.need) = (Int64(have), Int64(need))
        case .quorumAboveN(let n):
            wire.kind = Kind.quorumAboveN
            wire.need = Int64(n)
        case .primariesUnsatisfied(let have, let need, let write):
            wire.kind = Kind.primariesUnsatisfied
            (wire.have, wire.need, wire.write) = (Int64(have), Int64(need), write)
        case .timeout: wire.kind = Kind.timeout
        case .quorumFailed(let have, let need):
            wire.kind = Kind.quorumFailed
            (wire.have, wire.need) = (Int64(have), Int64(need))
        case .storage(let reason):
            wire.kind = Kind.storage
            wire.reason = reason
        case .unwritten(let reason):
            wire.kind = Kind.unwritten
            wire.reason = reason
        case .nodesUnconfirmed(let have, let need):
            wire.kind = Kind.nodesUnconfirmed
            (wire.have, wire.need) = (Int64(have), Int64(need))
        case .matchFound: wire.kind = Kind.matchFound
        case .modified: wire.kind = Kind.modified
        case .notFound: wire.kind = Kind.notFound
        case .tooManySiblings(let limit):
            wire.kind = Kind.tooManySiblings
            wire.need = Int64(limit)
        }
        return wire
    }

    init(wire: PeerFailure) throws(PeerProtocolError) {
        let have = Int(wire.have), need = Int(wire.need)
        switch wire.kind {
        case Kind.insufficientReplicas: self = .insufficientReplicas(have: have, need: need)
        case Kind.quorumAboveN: self = .quorumAboveN(n: need)
        case Kind.primariesUnsatisfied: self = .primariesUnsatisfied(have: have, need: need, write: wire.write)
        case Kind.timeout: self = .timeout
        case Kind.quorumFailed: self = .quorumFailed(have: have, need: need)
        case Kind.storage: self = .storage(wire.reason)
        case Kind.unwritten: self = .unwritten(wire.reason)
        case Kind.nodesUnconfirmed: self = .nodesUnconfirmed(have: have, need: need)
        case Kind.matchFound: self = .matchFound
        case Kind.modified: self = .modified
        case Kind.notFound: self = .notFound
        case Kind.tooManySiblings: self = .tooManySiblings(limit: need)
        default: throw .invalid("failure")
        }
    }
}

extension BucketEntry {
    var wireForm: PeerBucket {
        var wire = PeerBucket()
        wire.bucket = Data(bucket)
        wire.version = version
        wire.setBy = setBy
        if let n = properties.n { wire.n = Int64(n) }
        wire.r = properties.r.wireForm
        wire.w = properties.w.wireForm
        wire.pr = properties.pr.wireForm
        wire.pw = properties.pw.wireForm
        wire.dw = properties.dw.wireForm
        wire.rw = properties.rw.wireForm
        wire.nodeConfirms = properties.nodeConfirms.wireForm
        if let notfoundOK = properties.notfoundOK { wire.notfoundOk = notfoundOK }
        if let basicQuorum = properties.basicQuorum { wire.basicQuorum = basicQuorum }
        if let allowMultiple = properties.allowMultiple { wire.allowMultiple = allowMultiple }
        if let lastWriteWins = properties.lastWriteWins { wire.lastWriteWins = lastWriteWins }
        return wire
    }

    init(wire: PeerBucket) throws(PeerProtocolError) {
        var properties = BucketProperties()
        if wire.hasN { properties.n = Int(wire.n) }
        properties.r = try Quorum(wire: wire.r)
        properties.w = try Quorum(wire: wire.w)
        properties.pr = try Quorum(wire: wire.pr)
        properties.pw = try Quorum(wire: wire.pw)
        properties.dw = try Quorum(wire: wire.dw)
        properties.rw = try Quorum(wire: wire.rw)
        properties.nodeConfirms = try Quorum(wire: wire.nodeConfirms)
        if wire.hasNotfoundOk { properties.notfoundOK = wire.notfoundOk }
        if wire.hasBasicQuorum { properties.basicQuorum = wire.basicQuorum }
        if wire.hasAllowMultiple { properties.allowMultiple = wire.allowMultiple }
        if wire.hasLastWriteWins { properties.lastWriteWins = wire.lastWriteWins }
        self.init(bucket: Array(wire.bucket), properties: properties, version: wire.version, setBy: wire.setBy)
    }
}
