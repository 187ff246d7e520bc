import Causality

/// What becomes of hints when members leave: those for a member that left go to the homes of now, and a holder that
/// leaves gives its hints to others first.
extension Replica {
    /// A hint on its way to another holder.
    struct HintRelay {
        var key: Key
        var home: String
        var siblings: Siblings
        var holder: String
    }

    /// This node has left, has handed everything over and has said so.
    var isGone: Bool { membership.isGone(node) }

    /// Turns hints for a node that is no member (any more) into hints for those that now are homes of their keys.
    mutating func adoptHints(of departed: String) {
        guard let hints = try? store.hints(home: departed, after: nil, limit: max(1, configuration.handoffBatch)) else {
            return
        }
        for hint in hints {
            do {
                for home in homes(of: hint.key) {
                    if home == node {
                        try mergeObject(hint.key, hint.siblings)
                    } else {
                        try mergeHint(hint.key, home: home, hint.siblings)
                    }
                }
                // One transaction holds them all.
                try store.deleteHint(hint.key, home: departed)
                ledger.wrote(hint.key)
            } catch {
                // What cannot be done now is tried again at the next tick.
                break
            }
        }
        if !hints.isEmpty { sync(.nothing) }
    }

    /// Gives hints for a home that cannot be reached to members that stay.
    mutating func relayHints(of home: String) {
        guard let hints = try? store.hints(home: home, after: nil, limit: max(1, configuration.handoffBatch)) else {
            return
        }
        for hint in hints {
            let preference = ring.preferenceList(partition(of: hint.key))
            // Fallbacks first, as for a write.
            let order = preference.dropFirst(n(of: hint.key.bucket)) + preference.prefix(n(of: hint.key.bucket))
            guard let holder = order.first(where: { $0 != home && !detector.suspects($0) }) else { continue }
            let request = number()
            relays[request] = HintRelay(key: hint.key, home: home, siblings: hint.siblings, holder: holder)
            release(
                .replicate(request: request, key: hint.key, siblings: hint.siblings, hintFor: home), of: [hint.key],
                to: holder)
        }
    }

    /// Another node holds the hint, or does not.
    mutating func relayed(_ request: UInt64, by holder: String, ok: Bool) {
        guard ok, let relay = relays[request], relay.holder == holder else { return }
        relays[request] = nil
        guard let hint = try? store.hint(relay.key, home: relay.home), hint.siblings == relay.siblings,
            (try? store.deleteHint(relay.key, home: relay.home)) != nil
        else { return }
        sync(.nothing)
    }
}
