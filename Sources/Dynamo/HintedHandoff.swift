import Causality

/// Handing hinted objects home (DeCandia et al. 2007, §4.6).
///
/// Hints are delivered as soon as their home is heard of again, and at every tick of the timer as long as there are
/// any, also after a restart of this node: they are in the store. A batch is in flight to one home at a time; the next
/// one goes out when all of it is acknowledged, so the home sets the pace. A hint is deleted only when the home has
/// made it durable, and only if nothing has been added to it meanwhile.
extension Replica {
    /// Hinted objects on their way to one home.
    struct HandoffBatch {
        let number: UInt64
        /// By request: what was sent.
        var sent: [UInt64: (key: Key, siblings: Siblings)] = [:]
        var last: Key?
        var deleted = false
        /// The home could not store something: leave it alone until the next tick.
        var refused = false
    }

    mutating func handoffTick() {
        effects.append(.setTimer(.handoff, after: configuration.handoffInterval))
        guard !has(.hintsOnRecoveryOnly), let counts = try? store.hintCounts() else { return }
        relays = [:]
        for home in counts.keys.sorted() {
            if !membership.isMember(home) {
                adoptHints(of: home)
            } else if !detector.suspects(home) {
                handOff(to: home)
            } else if !membership.isMember(node) {
                relayHints(of: home)
            } else {
                expireHints(for: home)
            }
        }
    }

    /// Gives up hints that have waited for longer than the configured window, a page at a time.
    private mutating func expireHints(for home: String) {
        guard let window = has(.hintsExpire) ? 500_000_000 : configuration.hintWindow, window >= 0 else { return }
        let age = UInt64(window / 1_000)
        let page = (try? store.hints(home: home, after: expiryCursors[home], limit: Limits.expiryPage)) ?? []
        expiryCursors[home] = page.count < Limits.expiryPage ? nil : page.last?.key
        var expired = false
        for hint in page where hint.storedAt > 0 && wallClock > hint.storedAt && wallClock - hint.storedAt > age {
            guard (try? store.deleteHint(hint.key, home: home)) != nil else { continue }
            note(.hintExpired(home: home))
            expired = true
        }
        if expired { sync(.nothing) }
    }

    /// Begins to deliver the hints for a home, if there are any and none are on their way.
    mutating func handOff(to home: String) {
        if handoffs[home] == nil, detector.knows(home) { sendBatch(to: home, after: nil) }
    }

    mutating func handedOff(_ request: UInt64, to home: String, ok: Bool) {
        if surplusHandedOff(request, by: home, ok: ok) { return }
        guard let sent = handoffs[home]?.sent.removeValue(forKey: request) else { return }
        if ok {
            deleteDelivered(sent.key, home: home, sent.siblings)
        } else {
            handoffs[home]?.refused = true
        }
        guard let batch = handoffs[home], batch.sent.isEmpty else { return }
        endBatch(home)
        if !batch.refused { sendBatch(to: home, after: batch.last) }
    }

    mutating func handoffStalled(_ number: UInt64) {
        for home in handoffs.keys.sorted() where handoffs[home]?.number == number {
            endBatch(home)
            missed(home)
        }
    }

    /// Forgets what is on its way to a home; hints that were not acknowledged go out again.
    mutating func endBatch(_ home: String) {
        guard let batch = handoffs.removeValue(forKey: home) else { return }
        effects.append(.cancelTimer(.stalled(batch.number)))
        if batch.deleted { sync(.nothing) }
    }

    private mutating func sendBatch(to home: String, after: Key?) {
        guard let hints = try? store.hints(home: home, after: after, limit: max(1, configuration.handoffBatch)),
            let last = hints.last
        else { return }
        var batch = HandoffBatch(number: number(), last: last.key)
        for hint in hints {
            if has(.handoffSkipsDeletes), hint.siblings.isGrave, (try? store.deleteHint(hint.key, home: home)) != nil {
                continue
            }
            let request = number()
            batch.sent[request] = (hint.key, hint.siblings)
            release(.handoff(request: request, key: hint.key, siblings: hint.siblings), of: [hint.key], to: home)
            if has(.hintDeletedOnSend) { deleteDelivered(hint.key, home: home, hint.siblings) }
        }
        effects.append(.setTimer(.stalled(batch.number), after: configuration.replicaTimeout * Limits.stallFactor))
        handoffs[home] = batch
    }

    /// The home holds what was sent. What was added to the hint since goes out with a later batch.
    private mutating func deleteDelivered(_ key: Key, home: String, _ siblings: Siblings) {
        guard let hint = try? store.hint(key, home: home), hint.siblings == siblings else { return }
        // A hint that cannot be deleted is delivered again, to no harm.
        guard (try? store.deleteHint(key, home: home)) != nil else { return }
        handoffs[home]?.deleted = true
        note(.hintDelivered(home: home))
    }

    /// The planted flaw `forget-hints`: a restart loses them.
    mutating func forgetHints() throws {
        for (home, count) in try store.hintCounts().sorted(by: { $0.key < $1.key }) {
            for hint in try store.hints(home: home, after: nil, limit: count) {
                try store.deleteHint(hint.key, home: home)
            }
            forgotten.append((home, count))
        }
    }
}
