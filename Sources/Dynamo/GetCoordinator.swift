import Causality

/// Coordinating gets, and read repair (DeCandia et al. 2007, §4.5 and §5).
extension Replica {
    mutating func beginGet(_ request: GetRequest, from origin: Origin, except tried: [String] = []) {
        let placement = placement(of: request.key, n: request.n, sloppyQuorum: request.sloppyQuorum)
        let policy = policy(of: request, placement)
        if let failure = refusal(of: request, policy, placement) { return answer(origin, .failed(failure)) }
        switch route(placement, from: origin, except: tried) {
        case .forward(let home): forward(.get(request), to: home, for: origin)
        case .nowhere: answer(origin, .failed(.insufficientReplicas(have: 0, need: policy.r)))
        case .here:
            if let failure = shortage(policy, placement) { return answer(origin, .failed(failure)) }
            coordinate(request, policy, placement, from: origin)
        }
    }

    private func policy(of request: GetRequest, _ placement: Placement) -> GetOperation.Policy {
        let bucket = catalog.properties(request.key.bucket)
        return GetOperation.Policy(
            r: max(1, quorum(request.r, bucket.r, configuration.r, n: placement.n)),
            pr: quorum(request.pr, bucket.pr, .count(0), n: placement.n),
            confirms: quorum(request.nodeConfirms, bucket.nodeConfirms, .count(0), n: placement.n), n: placement.n,
            notfoundOK: request.notfoundOK ?? bucket.notfoundOK ?? true,
            basicQuorum: request.basicQuorum ?? bucket.basicQuorum ?? false,
            replicaTimeout: configuration.replicaTimeout)
    }

    /// Why a get is turned down at sight.
    private func refusal(of request: GetRequest, _ policy: GetOperation.Policy, _ placement: Placement)
        -> RequestFailure?
    {
        if !isOffered(n: request.n, of: request.key.bucket) { return .quorumAboveN(n: n(of: request.key.bucket)) }
        if max(policy.r, policy.pr) > placement.n { return .quorumAboveN(n: placement.n) }
        if policy.confirms > placement.n { return .nodesUnconfirmed(have: placement.n, need: policy.confirms) }
        return isOverloaded ? .storage("too many requests are open") : nil
    }

    private func shortage(_ policy: GetOperation.Policy, _ placement: Placement) -> RequestFailure? {
        let homes = reachable(placement.homes)
        if homes < policy.pr { return .primariesUnsatisfied(have: homes, need: policy.pr, write: false) }
        let have = placement.sloppy ? min(placement.n, reachable(placement.preference)) : homes
        if have < policy.r { return .insufficientReplicas(have: have, need: policy.r) }
        return have < policy.confirms ? .nodesUnconfirmed(have: have, need: policy.confirms) : nil
    }

    private mutating func coordinate(
        _ request: GetRequest, _ policy: GetOperation.Policy, _ placement: Placement, from origin: Origin
    ) {
        touch(request.key)
        let number = number()
        let walk = QuorumWalk(
            preference: placement.preference, n: placement.n, node: node, sloppy: placement.sloppy, detector: detector)
        let get = GetOperation(key: request.key, policy: policy, walk: walk)
        gets[number] = get
        origins[number] = origin
        effects.append(.setTimer(.request(number), after: patience(request.timeout)))
        act(get.start(), number)
    }

    mutating func getAnswered(_ number: UInt64, by peer: String, _ siblings: Siblings?, ok: Bool) {
        let detector = detector
        guard let actions = gets[number]?.answered(by: peer, siblings, ok: ok, detector: detector) else { return }
        act(actions, number)
    }

    mutating func getTimer(_ number: UInt64, deadline: Bool) {
        let detector = detector
        guard let actions = deadline ? gets[number]?.deadlineOver() : gets[number]?.stepOver(detector: detector) else {
            return
        }
        act(actions, number)
    }

    private mutating func act(_ actions: [GetOperation.Action], _ number: UInt64) {
        for action in actions {
            guard let get = gets[number] else { return }
            switch action {
            case .fetch(let peer):
                if peer == node {
                    fetchLocally(get.key, for: number)
                } else {
                    send(.fetch(request: number, key: get.key), to: peer)
                }
            case .answer: reply(number, .got(truth(get)))
            case .fail(let failure):
                if failure != .timeout { note(.quorumFailed(write: false)) }
                reply(number, .failed(failure))
            case .missed(let peer): missed(peer)
            case .wake(let nanoseconds): effects.append(.setTimer(.request(number | 1), after: nanoseconds))
            case .finish:
                effects.append(.cancelTimer(.request(number | 1)))
                gets[number] = nil
                if configuration.readRepair { repair(get, number) }
            }
        }
    }

    private mutating func reply(_ number: UInt64, _ reply: ClientReply) {
        effects.append(.cancelTimer(.request(number)))
        if let origin = origins.removeValue(forKey: number) { answer(origin, reply) }
    }

    /// What all answers so far amount to.
    private func truth(_ get: GetOperation) -> Siblings {
        let all = get.found.reduce(Siblings()) { merged($0, $1, in: get.key.bucket) }
        return has(.oneSiblingRead) ? all.keepingLast(1) : all
    }

    private mutating func fetchLocally(_ key: Key, for number: UInt64) {
        let siblings: Siblings?
        do {
            siblings = try local(key)
        } catch {
            refused(error)
            return getAnswered(number, by: node, nil, ok: false)
        }
        whenDurable(key, .localFetch(get: number, siblings))
    }

    /// Brings homes that answered with less up to date. Nobody waits for it.
    private mutating func repair(_ get: GetOperation, _ number: UInt64) {
        let truth = truth(get)
        if truth.isEmpty { return }
        for home in get.stale(comparedTo: truth) {
            note(.readRepaired(node: home))
            if home == node {
                // A failing store shows in the next read again.
                if (try? mergeObject(get.key, truth)) == true { sync(.nothing) }
            } else {
                send(.replicate(request: number, key: get.key, siblings: truth, hintFor: nil), to: home)
            }
        }
    }
}
