import Dynamo

/// An error response: its text says what went wrong, in Riak's words where Riak has them. Its code is always 0, as
/// Riak's is.
///
/// Whether a write may have taken effect is what a client must learn from the text:
///
/// | text | when | effect of a write |
/// | --- | --- | --- |
/// | `{n_val_violation,N}` | a quorum, or a put's `node_confirms`, above N | none |
/// | `{insufficient_vnodes,HAVE,need,NEED}` | too few replicas could be asked | none |
/// | `{insufficient_nodes,HAVE,need,NEED}` | a get's `node_confirms` above N | (a read) |
/// | `Bucket cannot be zero-length`, `Key cannot be zero-length` | an empty name | none |
/// | `no_type` | a bucket type whose properties were never set | none |
/// | `match_found` | `if_none_match`, and the key has a value | none |
/// | `modified`, `notfound` | `if_not_modified`, and it is, or there is nothing | none |
/// | `Unknown message code: C` | a code that this node does not serve | none |
/// | `unsupported: …` | an option that this node does not offer | none |
/// | `Error processing incoming message: …` | a body or context that cannot be read | none |
/// | `shutting down` | the node is stopping and took no more requests | none |
/// | `timeout` | no quorum in time | unknown |
/// | `{pr_val_unsatisfied,NEED,HAVE}` | too few primaries | (a read) |
/// | `{pw_val_unsatisfied,NEED,HAVE}` | too few primaries | unknown, as with Riak |
/// | `{r_val_unsatisfied,NEED,HAVE}` | replicas failed, no quorum possible any more | (a read) |
/// | `{w_val_unsatisfied,NEED,HAVE}` | replicas failed, no quorum possible any more | unknown |
/// | `{insufficient_nodes,HAVE,need,NEED}` | too few different nodes answered | unknown |
/// | `too many siblings: LIMIT` | the key has that many; a client must resolve them first | none |
/// | `storage: …; nothing was written` | the disks of all coordinators that were tried failed | none |
/// | `storage: …` | the coordinator's disk failed | unknown |
struct ClientFailure: Error, Hashable {
    var text: String
    /// What the coordinator said, when it was the one who failed.
    private(set) var cause: RequestFailure?

    static let emptyBucket = ClientFailure(text: "Bucket cannot be zero-length")
    static let emptyKey = ClientFailure(text: "Key cannot be zero-length")
    static let noType = ClientFailure(text: "no_type")
    static let matchFound = ClientFailure(text: "match_found")
    static let modified = ClientFailure(text: "modified")
    static let notFound = ClientFailure(text: "notfound")
    static let shuttingDown = ClientFailure(text: "shutting down")
    static let malformedBody = unreadable("the body is not the protocol buffers message that its code says")
    static let foreignContext = unreadable("the vclock was not given out by this store")

    static func unknownCode(_ code: UInt8) -> ClientFailure { ClientFailure(text: "Unknown message code: \(code)") }
    static func unsupported(_ what: String) -> ClientFailure { ClientFailure(text: "unsupported: \(what)") }

    private static func unreadable(_ what: String) -> ClientFailure {
        ClientFailure(text: "Error processing incoming message: \(what)")
    }

    init(text: String) { self.text = text }

    init(_ failure: RequestFailure, write: Bool) {
        cause = failure
        switch failure {
        case .insufficientReplicas(let have, let need): text = "{insufficient_vnodes,\(have),need,\(need)}"
        case .quorumAboveN(let n): text = "{n_val_violation,\(n)}"
        case .primariesUnsatisfied(let have, let need, let write):
            text = "{\(write ? "pw" : "pr")_val_unsatisfied,\(need),\(have)}"
        case .timeout: text = "timeout"
        case .quorumFailed(let have, let need): text = "{\(write ? "w" : "r")_val_unsatisfied,\(need),\(have)}"
        case .storage(let reason): text = "storage: \(reason)"
        case .unwritten(let reason): text = "storage: \(reason); nothing was written"
        case .nodesUnconfirmed(let have, let need): text = "{insufficient_nodes,\(have),need,\(need)}"
        case .matchFound: text = Self.matchFound.text
        case .modified: text = Self.modified.text
        case .notFound: text = Self.notFound.text
        case .tooManySiblings(let limit): text = "too many siblings: \(limit)"
        }
    }
}

extension ClientFailure {
    /// How an operation that ended so is counted.
    var outcome: Metrics.Outcome {
        switch cause {
        case .timeout: .timeout
        case .insufficientReplicas, .primariesUnsatisfied, .quorumFailed, .nodesUnconfirmed: .unavailable
        case .storage, .unwritten: .storage
        default: .refused
        }
    }
}
