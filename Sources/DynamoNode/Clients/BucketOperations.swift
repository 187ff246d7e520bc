import Dynamo
import Foundation
import RiakProtocol

extension ClientService {
    func getBucket(_ wire: RpbGetBucketReq, answer: @escaping Answer) throws(ClientFailure) {
        try Self.check(bucket: wire.bucket, type: wire.hasType ? wire.type : nil)
        var response = RpbGetBucketResp()
        response.props = Self.properties(defaults(wire.bucket))
        answer(Self.frame(.getBucketResponse, response))
    }

    func setBucket(_ wire: RpbSetBucketReq, answer: @escaping Answer) throws(ClientFailure) {
        try Self.check(bucket: wire.bucket, type: wire.hasType ? wire.type : nil)
        let current = defaults(wire.bucket)
        try Self.checkOffered(wire.props, Self.properties(current))
        set(wire.bucket, try Self.merged(wire.props, current), .setBucketResponse, answer: answer)
    }

    func resetBucket(_ wire: RpbResetBucketReq, answer: @escaping Answer) throws(ClientFailure) {
        try Self.check(bucket: wire.bucket, type: wire.hasType ? wire.type : nil)
        set(wire.bucket, BucketProperties(), .resetBucketResponse, answer: answer)
    }

    private func set(
        _ bucket: Data, _ properties: BucketProperties, _ code: MessageCode, answer: @escaping Answer
    ) {
        replica.setBucket([UInt8](bucket), properties) { reply in
            guard case .bucketSet = reply else { return answer(Self.failure(reply, write: true)) }
            answer(.success(Frame(code)))
        }
    }

    private static func check(bucket: Data, type: Data?) throws(ClientFailure) {
        try Key.check(type: type)
        if bucket.isEmpty { throw .emptyBucket }
    }

    /// Every property that Riak has and this node can answer for, with its effective value.
    private static func properties(_ defaults: RequestDefaults) -> RpbBucketProps {
        let bucket = defaults.bucket, store = defaults.configuration
        var props = RpbBucketProps()
        props.nVal = UInt32(clamping: defaults.n)
        props.allowMult = bucket.allowMultiple ?? store.allowMultiple
        props.lastWriteWins = bucket.lastWriteWins ?? false
        props.hasPrecommit_p = false
        props.hasPostcommit_p = false
        props.r = (bucket.r.word ?? store.r.word) ?? QuorumWord.quorum
        props.w = (bucket.w.word ?? store.w.word) ?? QuorumWord.quorum
        props.pr = bucket.pr.word ?? 0
        props.pw = bucket.pw.word ?? 0
        props.dw = bucket.dw.word ?? QuorumWord.quorum
        props.rw = QuorumWord.quorum
        props.basicQuorum = false
        props.notfoundOk = true
        return props
    }

    private static func merged(
        _ props: RpbBucketProps, _ defaults: RequestDefaults
    ) throws(ClientFailure) -> BucketProperties {
        var merged = defaults.bucket
        if props.hasNVal {
            guard props.nVal > 0, props.nVal <= UInt32(clamping: defaults.configuration.members.count) else {
                throw .unsupported("n_val outside 1...\(defaults.configuration.members.count), the number of members")
            }
            merged.n = Int(props.nVal)
        }
        if props.hasAllowMult { merged.allowMultiple = props.allowMult }
        if props.hasLastWriteWins { merged.lastWriteWins = props.lastWriteWins }
        if props.hasR { merged.r = Quorum(word: props.r) }
        if props.hasW { merged.w = Quorum(word: props.w) }
        if props.hasPr { merged.pr = Quorum(word: props.pr) }
        if props.hasPw { merged.pw = Quorum(word: props.pw) }
        if props.hasDw { merged.dw = Quorum(word: props.dw) }
        return merged
    }

    /// A property that this node does not offer may be set to the value that it has, as clients do that send back what
    /// they read; to set it to another must not look like success.
    private static func checkOffered(_ asked: RpbBucketProps, _ current: RpbBucketProps) throws(ClientFailure) {
        let refused: [(String, Bool)] = [
            ("precommit hooks", !asked.precommit.isEmpty || asked.hasPrecommit_p),
            ("postcommit hooks", !asked.postcommit.isEmpty || asked.hasPostcommit_p),
            ("basic_quorum", asked.hasBasicQuorum && asked.basicQuorum != current.basicQuorum),
            ("notfound_ok=false", asked.hasNotfoundOk && asked.notfoundOk != current.notfoundOk),
            ("search", asked.search), ("search_index", asked.hasSearchIndex && !asked.searchIndex.isEmpty),
            ("datatype", asked.hasDatatype && !asked.datatype.isEmpty),
            ("consistent", asked.consistent), ("write_once", asked.writeOnce),
            ("backend", asked.hasBackend && !asked.backend.isEmpty),
        ]
        if let first = refused.first(where: \.1) { throw .unsupported(first.0) }
    }
}
