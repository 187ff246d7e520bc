/// Passing a request on to a node that can coordinate it (DeCandia et al. 2007, §4.5: a node outside the top N
/// forwards).
///
/// A get may be tried at one home after the other. A **put is forwarded once**: it was perhaps executed there although
/// no answer came, and executed again elsewhere it would come back as a sibling of writes that have seen it. So a put
/// whose answer is missing ends in a timeout, which tells the client the truth: perhaps. Only homes that are not
/// suspected are forwarded to, so a home known to be unreachable does not even get that chance; and one that is silent for
/// some tens of milliseconds while it owes an answer is passed over as long as there is another. The exception: a
/// coordinator whose disk refuses the write says so before anything has left it, and the next node is asked.
extension Replica {
    /// A request that another node coordinates.
    struct Forward {
        enum Request {
            case get(GetRequest)
            case put(PutRequest)
        }

        let request: Request
        /// Those asked so far, the current one last.
        var asked: [String]
    }

    mutating func forward(
        _ request: Forward.Request, to home: String, for origin: Origin, after asked: [String] = []
    ) {
        let number = number()
        forwards[number] = Forward(request: request, asked: asked + [home])
        origins[number] = origin
        note(.forwarded(to: home))
        switch request {
        case .get(let get):
            effects.append(.setTimer(.request(number), after: patience(get.timeout)))
            ask(home, get, number)
        case .put(let put):
            effects.append(.setTimer(.request(number), after: patience(put.timeout)))
            detector.asked(home, at: now)
            send(.forwardPut(request: number, put), to: home)
        }
    }

    mutating func forwardAnswered(_ number: UInt64, by peer: String, _ reply: ClientReply) {
        guard let forward = forwards[number], forward.asked.contains(peer) else { return }
        if case .put(let put) = forward.request, case .failed(.unwritten(let reason)) = reply,
            let origin = origins.removeValue(forKey: number)
        {
            forwards[number] = nil
            cancelTimers(number)
            return passOn(put, from: origin, after: forward.asked, reason: reason)
        }
        end(number, reply)
    }

    /// Leaves a put to the next node of the preference list, because storage failed where it was tried. Nothing of it is
    /// anywhere, so that it may be executed again: whoever has a part of it left never answers that.
    mutating func passOn(_ put: PutRequest, from origin: Origin, after asked: [String], reason: String) {
        let placement = placement(of: put.key, n: put.n, sloppyQuorum: put.sloppyQuorum)
        let candidates = placement.sloppy ? placement.preference[...] : placement.homes
        let detector = detector
        guard case .client = origin,
            let next = candidates.first(where: { $0 != node && !asked.contains($0) && !detector.suspects($0) })
        else { return answer(origin, .failed(.unwritten(reason))) }
        forward(.put(put), to: next, for: origin, after: asked)
    }

    mutating func forwardTimer(_ number: UInt64, deadline: Bool) {
        if deadline { end(number, .failed(.timeout)) } else { tryNext(number) }
    }

    /// A node cannot be reached, perhaps since before the request was sent, perhaps since after.
    mutating func forwardLost(_ number: UInt64, to peer: String) {
        guard let forward = forwards[number], forward.asked.last == peer else { return }
        switch forward.request {
        case .get: tryNext(number)
        // Of one that may be about to come up nothing is known: it is waited for as long as that may be.
        case .put where detector.mayComeUp(peer): break
        case .put: end(number, .failed(.timeout))
        }
    }

    /// Leaves a get to the next home, or, where there is none, to this node itself.
    private mutating func tryNext(_ number: UInt64) {
        guard var forward = forwards[number], case .get(let get) = forward.request else { return }
        let placement = placement(of: get.key, n: get.n, sloppyQuorum: get.sloppyQuorum)
        guard let origin = origins[number] else { return }
        if case .forward(let home) = route(placement, from: origin, except: forward.asked) {
            forward.asked.append(home)
            forwards[number] = forward
            note(.forwarded(to: home))
            ask(home, get, number)
        } else {
            forwards[number] = nil
            origins[number] = nil
            cancelTimers(number)
            beginGet(get, from: origin, except: forward.asked)
        }
    }

    private mutating func ask(_ home: String, _ get: GetRequest, _ number: UInt64) {
        detector.asked(home, at: now)
        send(.forwardGet(request: number, get), to: home)
        // It does no harm to ask two, so nobody waits for a home that may be paused. When all have been asked and this node
        // is to answer by itself, it gives them time: they, too, may have to wait for a replica.
        let placement = placement(of: get.key, n: get.n, sloppyQuorum: get.sloppyQuorum)
        let isLast = forwards[number].map { placement.homes.allSatisfy($0.asked.contains) } ?? true
        let wait = isLast ? configuration.replicaTimeout * 2 : 2 * detector.promptness(home)
        effects.append(.setTimer(.request(number | 1), after: wait))
    }

    private mutating func end(_ number: UInt64, _ reply: ClientReply) {
        if has(.forwardRetried), case .failed(.timeout) = reply, retry(number) { return }
        forwards[number] = nil
        cancelTimers(number)
        if let origin = origins.removeValue(forKey: number) { answer(origin, reply) }
    }

    private mutating func cancelTimers(_ number: UInt64) {
        effects.append(.cancelTimer(.request(number)))
        effects.append(.cancelTimer(.request(number | 1)))
    }
}
