import Dynamo
import Foundation
import RiakProtocol

/// What holds for a bucket: its properties, those of its type, and where both are silent the store's.
struct EffectiveProperties {
    var bucket: BucketProperties
    var configuration: Configuration

    /// Riak's limits on its vector clocks, told to clients as Riak tells them. Nothing here goes by them: dotted version
    /// vectors need no pruning.
    enum ClockLimits {
        static let small: UInt32 = 50, big: UInt32 = 50, young: UInt32 = 20, old: UInt32 = 86_400
    }

    var n: Int { bucket.n ?? configuration.n }
    var allowMultiple: Bool { bucket.allowMultiple ?? configuration.allowMultiple }
    var lastWriteWins: Bool { bucket.lastWriteWins ?? false }
    var r: UInt32 { (bucket.r.word ?? configuration.r.word) ?? QuorumWord.quorum }
    var w: UInt32 { (bucket.w.word ?? configuration.w.word) ?? QuorumWord.quorum }
    var pr: UInt32 { bucket.pr.word ?? 0 }
    var pw: UInt32 { bucket.pw.word ?? 0 }
    var dw: UInt32 { bucket.dw.word ?? QuorumWord.quorum }
    var rw: UInt32 { bucket.rw.word ?? QuorumWord.quorum }
    var nodeConfirms: UInt32 { bucket.nodeConfirms.word ?? 0 }
    var basicQuorum: Bool { bucket.basicQuorum ?? false }
    var notfoundOK: Bool { bucket.notfoundOK ?? true }

    /// Every property that Riak tells of a bucket.
    var wireForm: RpbBucketProps {
        var props = RpbBucketProps()
        props.nVal = UInt32(clamping: n)
        props.allowMult = allowMultiple
        props.lastWriteWins = lastWriteWins
        props.hasPrecommit_p = false
        props.hasPostcommit_p = false
        props.chashKeyfun = Self.function("riak_core_util", "chash_std_keyfun")
        props.linkfun = Self.function("riak_kv_wm_link_walker", "mapreduce_linkfun")
        props.oldVclock = ClockLimits.old
        props.youngVclock = ClockLimits.young
        props.bigVclock = ClockLimits.big
        props.smallVclock = ClockLimits.small
        props.r = r
        props.w = w
        props.pr = pr
        props.pw = pw
        props.dw = dw
        props.rw = rw
        props.basicQuorum = basicQuorum
        props.notfoundOk = notfoundOK
        props.writeOnce = false
        return props
    }

    private static func function(_ module: String, _ name: String) -> RpbModFun {
        var function = RpbModFun()
        function.module = Data(module.utf8)
        function.function = Data(name.utf8)
        return function
    }
}

/// A client's change of properties.
enum PropertyChange {
    /// A property that this node does not offer may be set to the value that it has, as clients do that send back what
    /// they read; to set it to another must not look like success.
    static func check(_ asked: RpbBucketProps, members: Int) throws(ClientFailure) {
        if asked.hasNVal, asked.nVal == 0 || asked.nVal > UInt32(clamping: members) {
            throw .unsupported("n_val outside 1...\(members), the number of members")
        }
        let refused: [(String, Bool)] = [
            ("precommit hooks", !asked.precommit.isEmpty || asked.hasPrecommit_p),
            ("postcommit hooks", !asked.postcommit.isEmpty || asked.hasPostcommit_p),
            ("search", asked.search), ("search_index", asked.hasSearchIndex && !asked.searchIndex.isEmpty),
            ("datatype", asked.hasDatatype && !asked.datatype.isEmpty),
            ("consistent", asked.consistent), ("write_once", asked.writeOnce),
            ("backend", asked.hasBackend && !asked.backend.isEmpty),
        ]
        if let first = refused.first(where: \.1) { throw .unsupported(first.0) }
    }

    static func applied(_ wire: RpbBucketProps, to own: BucketProperties) -> BucketProperties {
        var changed = own
        if wire.hasNVal { changed.n = Int(wire.nVal) }
        if wire.hasAllowMult { changed.allowMultiple = wire.allowMult }
        if wire.hasLastWriteWins { changed.lastWriteWins = wire.lastWriteWins }
        if wire.hasR { changed.r = Quorum(word: wire.r) }
        if wire.hasW { changed.w = Quorum(word: wire.w) }
        if wire.hasPr { changed.pr = Quorum(word: wire.pr) }
        if wire.hasPw { changed.pw = Quorum(word: wire.pw) }
        if wire.hasDw { changed.dw = Quorum(word: wire.dw) }
        if wire.hasRw { changed.rw = Quorum(word: wire.rw) }
        if wire.hasNotfoundOk { changed.notfoundOK = wire.notfoundOk }
        if wire.hasBasicQuorum { changed.basicQuorum = wire.basicQuorum }
        return changed
    }
}
