import Causality

/// Puts that are to take effect only if the key is as the client thinks.
///
/// The coordinator reads with the bucket's quorum, compares, and then writes, as Riak does. Nothing holds the key in
/// between: this is **not a compare-and-swap**, and of two such puts that race both may pass and make siblings.
extension Replica {
    /// A put whose condition is being looked at.
    struct ConditionalPut {
        var request: PutRequest
        var origin: Origin
    }

    /// Reads the key in the name of a put; ``conditionRead(_:_:)`` gets the answer.
    mutating func checkCondition(of request: PutRequest, from origin: Origin) {
        let number = number()
        conditionalPuts[number] = ConditionalPut(request: request, origin: origin)
        var get = GetRequest(key: request.key)
        get.n = request.n
        get.sloppyQuorum = request.sloppyQuorum
        get.timeout = request.timeout
        beginGet(get, from: .condition(number))
    }

    mutating func conditionRead(_ number: UInt64, _ reply: ClientReply) {
        guard let put = conditionalPuts.removeValue(forKey: number) else { return }
        guard case .got(let siblings) = reply else { return answer(put.origin, reply) }
        if let failure = put.request.objection(to: siblings) { return answer(put.origin, .failed(failure)) }
        var request = put.request
        request.ifNoneMatch = false
        request.ifNotModified = nil
        beginPut(request, from: put.origin)
    }
}

extension PutRequest {
    var isConditional: Bool { ifNoneMatch || ifNotModified != nil }

    /// Why the put must not take effect on what was found; nil when it may.
    fileprivate func objection(to found: Siblings) -> RequestFailure? {
        let exists = found.versions.contains { !$0.tombstone }
        if ifNoneMatch, exists { return .matchFound }
        guard let ifNotModified else { return nil }
        if !exists { return .notFound }
        return found.context == ifNotModified ? nil : .modified
    }
}
