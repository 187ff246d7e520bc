import Causality

/// Coordinating puts (DeCandia et al. 2007, §4.5).
extension Replica {
    mutating func beginPut(_ request: PutRequest, from origin: Origin) {
        let placement = placement(of: request.key, n: request.n, sloppyQuorum: request.sloppyQuorum)
        let policy = policy(of: request, placement)
        if let failure = refusal(of: request, policy, placement) { return answer(origin, .failed(failure)) }
        switch route(placement, from: origin) {
        case .forward(let home):
            forward(.put(request), to: home, for: origin)
            if has(.forwardedTwice) { coordinate(request, policy, placement, from: .condition(0)) }
        case .nowhere: answer(origin, .failed(.insufficientReplicas(have: 0, need: policy.w)))
        case .here:
            if let failure = shortage(policy, placement) { return answer(origin, .failed(failure)) }
            if request.isConditional { return checkCondition(of: request, from: origin) }
            coordinate(request, policy, placement, from: origin)
        }
    }

    private func policy(of request: PutRequest, _ placement: Placement) -> PutOperation.Policy {
        let bucket = catalog.properties(request.key.bucket)
        let n = placement.n
        // Whatever is acknowledged here is durable, so that `dw` asks no more than `w` does.
        let w = quorum(request.w, bucket.w, configuration.w, n: n)
        let dw = quorum(request.dw, bucket.dw, .count(0), n: n)
        return PutOperation.Policy(
            w: has(.virtualW) ? 1 : max(1, w, dw), pw: quorum(request.pw, bucket.pw, .count(0), n: n),
            confirms: quorum(request.nodeConfirms, bucket.nodeConfirms, .count(0), n: n), sloppy: placement.sloppy,
            hintedHandoff: configuration.hintedHandoff && !has(.uninsuredPut),
            replicaTimeout: configuration.replicaTimeout, acknowledgesAtOnce: has(.ackEarly))
    }

    /// Why a put is turned down at sight.
    private func refusal(of request: PutRequest, _ policy: PutOperation.Policy, _ placement: Placement)
        -> RequestFailure?
    {
        if !isOffered(n: request.n, of: request.key.bucket) { return .quorumAboveN(n: n(of: request.key.bucket)) }
        if max(policy.w, policy.pw, policy.confirms) > placement.n { return .quorumAboveN(n: placement.n) }
        return isOverloaded ? .storage("too many requests are open") : nil
    }

    /// Why a put would fail for want of nodes, known before anything is written.
    private func shortage(_ policy: PutOperation.Policy, _ placement: Placement) -> RequestFailure? {
        let homes = reachable(placement.homes)
        if homes < policy.pw { return .primariesUnsatisfied(have: homes, need: policy.pw, write: true) }
        let have = policy.sloppy ? min(placement.n, reachable(placement.preference)) : homes
        let need = max(policy.w, policy.confirms)
        return have < need ? .insufficientReplicas(have: have, need: need) : nil
    }

    private mutating func coordinate(
        _ request: PutRequest, _ policy: PutOperation.Policy, _ placement: Placement, from origin: Origin
    ) {
        touch(request.key)
        let written: (siblings: Siblings, dot: Dot)
        do {
            written = try placement.isHome(node) ? writeAsHome(request) : writeAsFallback(request, placement)
        } catch let refusal as RequestFailure {
            return answer(origin, .failed(refusal))
        } catch let exhausted as CounterExhausted {
            // The client's context is at fault, not the disk: nobody else is to be bothered with it.
            return answer(origin, .failed(.storage("\(exhausted)")))
        } catch {
            refused(error)
            return passOn(request, from: origin, after: [], reason: "\(error)")
        }
        let number = number()
        let walk = QuorumWalk(
            preference: placement.preference, n: placement.n, node: node, sloppy: placement.sloppy,
            coming: placement.coming, detector: detector)
        let put = PutOperation(
            key: request.key, dot: written.dot, clock: written.siblings.past(of: written.dot) ?? request.context,
            siblings: written.siblings, policy: policy, node: node, walk: walk)
        puts[number] = put
        unsynced[number] = request
        origins[number] = origin
        effects.append(.setTimer(.request(number), after: patience(request.timeout)))
        for home in put.hintedAtOnce { keepHint(of: put, number, home: home) }
        sync(.put(number))
    }

    // MARK: Writing locally

    private mutating func writeAsHome(_ request: PutRequest) throws -> (Siblings, Dot) {
        var stored = try store.object(request.key) ?? Siblings()
        if has(.doomstone), stored.isGrave { stored = Siblings() }
        let actor = Actor(node: node, incarnation: incarnations.base)
        let dot = try nextDot(actor, after: stored, request, floor: incarnations.dotFloor)
        if keepsOnlyLast(request.key.bucket) { try incarnations.raiseDotFloor(to: dot.counter, &store) }
        let siblings = try adding(request, dot, to: stored)
        try putObject(request.key, siblings)
        return (siblings, dot)
    }

    /// A fallback coordinates for want of a home: it writes to the hint for the first home, under the incarnation of
    /// that hint. See ``Incarnations`` for why not under its own.
    private mutating func writeAsFallback(_ request: PutRequest, _ placement: Placement) throws -> (Siblings, Dot) {
        let home = placement.preference[0]
        let stored = try local(request.key) ?? Siblings()
        var incarnation = try store.hint(request.key, home: home)?.incarnation ?? 0
        // A merge that keeps one version only may have dropped a dot of the hint's incarnation: then none is safe to go
        // on with.
        if incarnation == 0 || keepsOnlyLast(request.key.bucket) { incarnation = try incarnations.fresh(&store) }
        if has(.fallbackAmnesia) { incarnation = incarnations.base }
        let actor = Actor(node: node, incarnation: incarnation)
        let dot = try nextDot(actor, after: stored, request, floor: 0)
        let siblings = try adding(request, dot, to: stored)
        try store.putHint(
            HintedObject(
                key: request.key, home: home, siblings: siblings, incarnation: incarnation, storedAt: wallClock))
        ledger.wrote(request.key)
        if placement.coming.contains(node) { try mergeObject(request.key, siblings) }
        return (siblings, dot)
    }

    /// The next event of an actor for a key.
    ///
    /// - Parameter floor: how far the actor has counted at least, where the siblings may not tell it.
    private func nextDot(_ actor: Actor, after stored: Siblings, _ request: PutRequest, floor: UInt64) throws -> Dot {
        let counted = max(stored.context[actor], request.context[actor], floor)
        if counted == .max { throw CounterExhausted(actor: actor) }
        return Dot(actor: actor, counter: counted + 1)
    }

    /// The siblings with the new version. Merges from other nodes are never refused, a put that would add one more
    /// sibling to too many is: what is acknowledged stays, and a client that resolves them is let through.
    private mutating func adding(_ request: PutRequest, _ dot: Dot, to stored: Siblings) throws -> Siblings {
        var content = request.content
        content.lastModified = wallClock
        if keepsOnlyLast(request.key.bucket), let last = stored.versions.map(\.payload.lastModified).max() {
            // Whatever the clocks say, a write wins over what its coordinator already holds.
            content.lastModified = max(wallClock, last == .max ? last : last + 1)
        }
        var siblings = stored
        let context = configuration.flaw == nil ? request.context : flawedContext(request, dot, stored)
        switch configuration.clocks {
        case .dotted:
            siblings.write(dot: dot, context: context, payload: content, tombstone: request.tombstone)
        case .vector(let limit):
            siblings.writeClassic(
                dot: dot, context: context, at: wallClock, limit: limit, payload: content,
                tombstone: request.tombstone)
        }
        siblings = reduced(siblings, in: request.key.bucket)
        if has(.siblingsDropped) { siblings = siblings.keepingLast(3) }
        let count = siblings.versions.count
        if count > stored.versions.count {
            let limit = max(1, configuration.siblingsLimit)
            if count > limit { throw RequestFailure.tooManySiblings(limit: limit) }
            if count > configuration.siblingsWarning { note(.manySiblings(request.key, count: count)) }
        }
        return siblings
    }

    // MARK: Going on

    mutating func putDurable(_ number: UInt64, failure: String?) {
        let request = unsynced.removeValue(forKey: number)
        if let failure {
            guard let put = puts.removeValue(forKey: number) else { return }
            effects.append(.cancelTimer(.request(number)))
            guard let origin = origins.removeValue(forKey: number) else { return }
            if let request, isGone(put) { return passOn(request, from: origin, after: [], reason: failure) }
            return answer(origin, .failed(.storage(failure)))
        }
        let detector = detector
        guard let actions = puts[number]?.start(detector: detector) else { return }
        act(actions, number)
    }

    /// Whether nothing is left of a put whose sync failed: no later write of its key has built upon it. It had left this
    /// node for nowhere, since nothing does before it is on disk.
    private func isGone(_ put: PutOperation) -> Bool {
        do {
            let kept = try [store.object(put.key)] + store.hints(put.key).map(\.siblings)
            return !kept.contains { $0?.covers(put.dot) == true }
        } catch {
            return false
        }
    }

    mutating func putAnswered(_ number: UInt64, by peer: String, ok: Bool) {
        let detector = detector
        guard let actions = puts[number]?.answered(by: peer, ok: ok, detector: detector) else { return }
        act(actions, number)
    }

    mutating func putTimer(_ number: UInt64, deadline: Bool) {
        let detector = detector
        guard let actions = deadline ? puts[number]?.deadlineOver() : puts[number]?.stepOver(detector: detector) else {
            return
        }
        act(actions, number)
    }

    mutating func ownHintDurable(_ number: UInt64, home: String, failure: String?) {
        if failure == nil { note(.hintStored(home: home)) }
        guard let actions = puts[number]?.ownHintStored(home: home, ok: failure == nil) else { return }
        act(actions, number)
    }

    private mutating func act(_ actions: [PutOperation.Action], _ number: UInt64) {
        guard let put = puts[number] else { return }
        for action in actions {
            switch action {
            case .replicate(let peer, let home):
                send(.replicate(request: number, key: put.key, siblings: put.siblings, hintFor: home), to: peer)
            case .keepHint(let home): keepHint(of: put, number, home: home)
            case .dropHint(let home): dropHint(of: put, home: home)
            case .acknowledge: reply(number, .put(dot: put.dot, clock: put.clock, siblings: put.siblings))
            case .fail(let failure):
                if failure != .timeout { note(.quorumFailed(write: true)) }
                reply(number, .failed(failure))
            case .missed(let peer): missed(peer)
            case .wake(let nanoseconds): effects.append(.setTimer(.request(number | 1), after: nanoseconds))
            case .finish:
                effects.append(.cancelTimer(.request(number | 1)))
                puts[number] = nil
            }
        }
    }

    private mutating func reply(_ number: UInt64, _ reply: ClientReply) {
        effects.append(.cancelTimer(.request(number)))
        if let origin = origins.removeValue(forKey: number) { answer(origin, reply) }
    }

    private mutating func keepHint(of put: PutOperation, _ number: UInt64, home: String) {
        do {
            try mergeHint(put.key, home: home, put.siblings)
            whenDurable(put.key, .ownHint(put: number, home: home))
        } catch {
            ownHintDurable(number, home: home, failure: "\(error)")
        }
    }

    /// Deletes this node's own hint, unless it holds more than what the home has now got.
    private mutating func dropHint(of put: PutOperation, home: String) {
        guard let hint = try? store.hint(put.key, home: home), hint.siblings == put.siblings else { return }
        // A hint that stays is delivered by hinted handoff, to no harm.
        guard (try? store.deleteHint(put.key, home: home)) != nil else { return }
        note(.hintDelivered(home: home))
        sync(.nothing)
    }
}

extension SiblingSet where Payload == Content {
    /// The causal past that the version of an event claims.
    fileprivate func past(of dot: Dot) -> VersionVector? { versions.first { $0.dot == dot }?.past }
}

/// A client's context claims more events than can be counted; such a put is refused.
struct CounterExhausted: Error, CustomStringConvertible {
    let actor: Actor
    var description: String { "the counter of \(actor) is exhausted" }
}
