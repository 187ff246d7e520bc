/// Messages from peers, and whether peers answer at all.
extension Replica {
    mutating func receive(_ message: Message, from peer: String) {
        // Nobody but a member has a say, except to become one, or to be of use after having been one.
        if !detector.knows(peer) {
            switch message {
            case .membership(let state): return heardMembership(state, from: peer)
            case .ping where welcomeLingerer(peer): break
            default: return
            }
        }
        heard(peer)
        switch message {
        case .replicate(let request, let key, let siblings, let home):
            store(siblings, key, hintFor: home == node ? nil : home, request, from: peer)
        case .replicated(let request, let ok):
            relayed(request, by: peer, ok: ok)
            putAnswered(request, by: peer, ok: ok)
        case .fetch(let request, let key): tell(key, request, to: peer)
        case .fetched(let request, let siblings, let ok): getAnswered(request, by: peer, siblings, ok: ok)
        case .forwardGet(let request, let get): beginGet(get, from: .peer(peer, request: request))
        case .forwardPut(let request, let put): beginPut(put, from: .peer(peer, request: request))
        case .forwarded(let request, let reply): forwardAnswered(request, by: peer, reply)
        case .handoff(let request, let key, let siblings): takeHome(siblings, key, request, from: peer)
        case .handedOff(let request, let ok): handedOff(request, to: peer, ok: ok)
        case .offer(let request, let entries): heardOffer(request, entries, from: peer)
        case .offered(let request, let wanted, let ok): offered(request, wanted, ok: ok, by: peer)
        case .treeRoots, .rootsCompared, .treeHashes, .treeDiffers, .leafKeys, .repair:
            receiveExchange(message, from: peer)
        case .list(let request, let question): send(.listed(request: request, try? names(question)), to: peer)
        case .listed(let request, let found): listAnswered(request, by: peer, found)
        case .reapCheck(let round, let membership, let entries):
            beginWatch(round, entries, membership: membership, for: peer)
        case .reapClear(let round, let positions): reapCleared(round, by: peer, positions)
        case .reapConfirm(let round): confirmWatch(round, for: peer)
        case .reapConfirmed(let round, let positions): reapConfirmed(round, by: peer, positions)
        case .reap(let entries): reap(entries)
        case .flush(let request): send(.flushed(request: request), to: peer)
        case .flushed(let request): flushed(request, by: peer)
        case .ping(let request, let incarnation, let version):
            detector.told(peer, incarnation: incarnation)
            send(
                .pong(
                    request: request, incarnation: incarnations.base, bucketsVersion: catalog.version, backlog: backlog),
                to: peer)
            heardBucketsVersion(version, from: peer)
        case .pong(let request, let incarnation, let version, let backlog):
            detector.answered(peer, request, at: now)
            detector.told(peer, backlog: backlog)
            detector.told(peer, incarnation: incarnation)
            heardBucketsVersion(version, from: peer)
        case .buckets(let entries): receiveBuckets(entries)
        case .gossip(let digest, let answer): heardDigest(digest, answer: answer, from: peer)
        case .membership(let state): heardMembership(state, from: peer)
        }
    }

    // MARK: A replica's own duties

    /// A coordinator wants siblings stored here.
    private mutating func store(
        _ siblings: Siblings, _ key: Key, hintFor home: String?, _ request: UInt64, from peer: String
    ) {
        // Whoever said that it may be stopped takes nothing more: the coordinator finds somebody else.
        if isGone { return send(.replicated(request: request, ok: false), to: peer) }
        do {
            if let home {
                guard detector.knows(home) else { return send(.replicated(request: request, ok: false), to: peer) }
                try mergeHint(key, home: home, siblings)
            } else {
                if has(.replicateOverwrites) { try putObject(key, siblings) }
                try mergeObject(key, has(.replicaIncrements) ? restamped(siblings, key) : siblings)
            }
            whenDurable(key, .stored(.replicated(request: request, hintFor: home), to: peer))
        } catch {
            refused(error)
            send(.replicated(request: request, ok: false), to: peer)
        }
    }

    /// A fallback hands home what it held.
    private mutating func takeHome(_ siblings: Siblings, _ key: Key, _ request: UInt64, from peer: String) {
        if isGone { return send(.handedOff(request: request, ok: false), to: peer) }
        do {
            if has(.handoffOverwrites) { try putObject(key, siblings) }
            try mergeObject(key, siblings)
            whenDurable(key, .stored(.handedOff(request: request), to: peer))
        } catch {
            refused(error)
            send(.handedOff(request: request, ok: false), to: peer)
        }
    }

    /// A coordinator wants to know what is stored here.
    private mutating func tell(_ key: Key, _ request: UInt64, to peer: String) {
        do {
            release(.fetched(request: request, siblings: try local(key), ok: true), of: [key], to: peer)
        } catch {
            refused(error)
            send(.fetched(request: request, siblings: nil, ok: false), to: peer)
        }
    }

    /// Tells an operator what the disk refused.
    mutating func refused(_ error: any Error) { effects.append(.note(.storeRefused(reason: "\(error)"))) }

    // MARK: Who answers

    mutating func probe() {
        for peer in detector.growUp(age: now - startedAt) { lost(peer) }
        for peer in detector.overdue(at: now) { suspected(peer) }
        for peer in detector.peers {
            let request = number()
            detector.probed(peer.name, request, at: now)
            send(
                .ping(request: request, incarnation: incarnations.base, bucketsVersion: catalog.version), to: peer.name)
        }
        effects.append(.setTimer(.probe, after: configuration.probeInterval))
    }

    /// A peer did not answer in time.
    mutating func missed(_ peer: String) {
        if detector.missed(peer, at: now) { suspected(peer) }
    }

    /// The shell could not reach a peer: whoever waits for it goes on at once.
    mutating func lost(_ peer: String) {
        guard detector.knows(peer) else { return }
        if detector.unreachable(peer) { suspected(peer) }
        for number in puts.keys.sorted() { putAnswered(number, by: peer, ok: false) }
        for number in gets.keys.sorted() { getAnswered(number, by: peer, nil, ok: false) }
        for number in forwards.keys.sorted() { forwardLost(number, to: peer) }
        for number in listings.keys.sorted() { listLost(number, to: peer) }
        endBatch(peer)
        reapLost(peer)
        for number in exchanges.keys.sorted() where exchanges[number]?.peer == peer {
            endExchange(number, completed: false)
        }
    }

    /// A peer has come up: what was asked of it before it had may never have reached it.
    private mutating func askAgain(_ peer: String) {
        for number in puts.keys.sorted() {
            guard let put = puts[number], let home = put.home(awaiting: peer) else { continue }
            send(
                .replicate(
                    request: number, key: put.key, siblings: put.siblings, hintFor: home == peer ? nil : home),
                to: peer)
        }
        for number in gets.keys.sorted() {
            guard let get = gets[number], get.awaits(peer) else { continue }
            send(.fetch(request: number, key: get.key), to: peer)
        }
    }

    private mutating func suspected(_ peer: String) {
        note(.nodeSuspected(peer))
        finishBucketSets()
        forgetLingerer(peer)
    }

    private mutating func heard(_ peer: String) {
        let news = detector.heard(peer, at: now)
        if news.recovered { note(.nodeRecovered(peer)) }
        if news.first { askAgain(peer) }
        if news.recovered || news.first { handOff(to: peer) }
    }
}
