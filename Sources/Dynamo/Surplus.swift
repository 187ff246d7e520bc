import Causality

/// Handing over what this node stores and is not home of (any more), and deleting it.
///
/// Objects are surplus after the ring has moved on, and when a write or a hint for a former home arrives late. Their
/// keys and hashes are offered to every home; a home that has something else is sent the object, as a hint would be. An
/// object is deleted only when each of its homes has it on disk, and only while no change of the ring is pending.
extension Replica {
    struct Surplus {
        /// There may be some that no sweep has found yet.
        var isSuspected = true
        /// Where the sweep goes on; nil: none is under way.
        var cursor: (partition: Int, after: Key?)?
        /// Found by the sweep and not deleted yet: as many as the last whole sweep left, and the batch in hand.
        var left = 0
        var leftBySweep = 0
        var batch: SurplusBatch?
        var isTicking = false
    }

    /// Some objects on offer.
    struct SurplusBatch {
        let number: UInt64
        /// What was offered, and by key the homes that have not said yet that they have it.
        var hashes: [Key: Hash128] = [:]
        var lacking: [Key: Set<String>] = [:]
        var offers: [UInt64: (home: String, keys: [Key])] = [:]
        var sent: [UInt64: (home: String, key: Key)] = [:]
    }

    /// Something is stored here that belongs elsewhere, or may be.
    mutating func suspectSurplus() {
        surplus.isSuspected = true
        if surplus.isTicking { return }
        surplus.isTicking = true
        effects.append(.setTimer(.surplus, after: configuration.handoffInterval))
    }

    mutating func surplusTick() {
        surplus.isTicking = false
        if surplus.batch == nil, membership.state.pending.isEmpty { sweep() }
        if surplus.isSuspected || surplus.cursor != nil || surplus.batch != nil {
            surplus.isTicking = true
            effects.append(.setTimer(.surplus, after: configuration.handoffInterval))
        }
    }

    /// Forgets what is on offer: the homes are others now.
    mutating func dropSurplusBatch() {
        if let batch = surplus.batch { effects.append(.cancelTimer(.stalled(batch.number))) }
        surplus.batch = nil
        surplus.cursor = nil
        suspectSurplus()
    }

    // MARK: Sweeping

    /// Looks through what this node is not home of until there is a batch, or nothing more.
    private mutating func sweep() {
        if surplus.cursor == nil {
            surplus.isSuspected = false
            surplus.leftBySweep = 0
            surplus.cursor = (0, nil)
        }
        while let cursor = surplus.cursor, surplus.batch == nil {
            if cursor.partition >= ring.partitions { return endSweep() }
            if isHomeOfAll(cursor.partition) {
                surplus.cursor = (cursor.partition + 1, nil)
                continue
            }
            let range = ring.positions(of: cursor.partition)
            let page: [StoredEntry]
            do {
                page = try store.entries(
                    from: range.lowerBound, through: range.upperBound, after: cursor.after,
                    limit: Limits.surplusObjects)
            } catch {
                // A store that cannot be read now is read again at the next tick.
                surplus.cursor = nil
                return suspectSurplus()
            }
            let last = page.count < Limits.surplusObjects ? nil : page.last?.key
            surplus.cursor = last == nil ? (cursor.partition + 1, nil) : (cursor.partition, last)
            offer(page.filter { !isHome($0.key) })
        }
    }

    private mutating func endSweep() {
        surplus.cursor = nil
        surplus.left = surplus.leftBySweep
        if surplus.left > 0 {
            suspectSurplus()
        } else if !surplus.isSuspected {
            nothingLeft()
        }
    }

    /// Whether no key of a partition can be surplus here, whatever its bucket's N.
    private func isHomeOfAll(_ partition: Int) -> Bool {
        let least = catalog.replicaCounts.min().map { min($0, configuration.n) } ?? configuration.n
        return ring.preferenceList(partition).prefix(least).contains(node)
    }

    // MARK: Offering

    private mutating func offer(_ entries: [StoredEntry]) {
        var byHome: [String: [LeafEntry]] = [:]
        var batch = SurplusBatch(number: number())
        for entry in entries {
            let homes = homes(of: entry.key)
            surplus.leftBySweep += 1
            // All of them must have it, so there is no point in asking some.
            if homes.contains(where: detector.suspects) { continue }
            batch.hashes[entry.key] = entry.hash
            batch.lacking[entry.key] = Set(homes)
            for home in homes { byHome[home, default: []].append(LeafEntry(key: entry.key, hash: entry.hash)) }
        }
        if batch.lacking.isEmpty { return }
        for home in byHome.keys.sorted() {
            guard let entries = byHome[home] else { continue }
            let request = number()
            let keys = entries.map(\.key)
            batch.offers[request] = (home, keys)
            release(.offer(request: request, entries: entries), of: keys, to: home)
        }
        surplus.batch = batch
        effects.append(.setTimer(.stalled(batch.number), after: configuration.replicaTimeout * Limits.stallFactor))
    }

    /// A former home, or a node that a write went astray to, offers what it has.
    mutating func heardOffer(_ request: UInt64, _ entries: [LeafEntry], from peer: String) {
        var wanted: [Key] = []
        do {
            for entry in entries {
                guard isHome(entry.key) else {
                    // It knows of another ring than this node; it asks again.
                    return send(.offered(request: request, wanted: [], ok: false), to: peer)
                }
                if try store.object(entry.key)?.hash != entry.hash { wanted.append(entry.key) }
            }
        } catch {
            return send(.offered(request: request, wanted: [], ok: false), to: peer)
        }
        release(.offered(request: request, wanted: wanted, ok: true), of: entries.map(\.key), to: peer)
    }

    mutating func offered(_ request: UInt64, _ wanted: [Key], ok: Bool, by home: String) {
        guard let offer = surplus.batch?.offers[request], offer.home == home else { return }
        surplus.batch?.offers[request] = nil
        if !ok { return }
        let wanted = Set(wanted)
        for key in offer.keys {
            if wanted.contains(key) {
                // What cannot be read now is found again by the next sweep.
                guard let siblings = (try? store.object(key)) ?? nil, siblings.hash == surplus.batch?.hashes[key] else {
                    continue
                }
                let request = number()
                surplus.batch?.sent[request] = (home, key)
                note(.surplusSent)
                release(.handoff(request: request, key: key, siblings: siblings), of: [key], to: home)
            } else {
                has(home, key)
            }
        }
        endBatchWhenDone()
    }

    /// A home has, or has not, made a surplus object durable; false when the answer was to something else.
    mutating func surplusHandedOff(_ request: UInt64, by home: String, ok: Bool) -> Bool {
        guard let sent = surplus.batch?.sent[request], sent.home == home else { return false }
        surplus.batch?.sent[request] = nil
        if ok { has(home, sent.key) }
        endBatchWhenDone()
        return true
    }

    // MARK: Deleting

    private mutating func has(_ home: String, _ key: Key) {
        surplus.batch?.lacking[key]?.remove(home)
        guard surplus.batch?.lacking[key]?.isEmpty == true else { return }
        surplus.batch?.lacking[key] = nil
        deleteSurplus(key)
    }

    /// Deletes an object that every home has, unless it has changed since it was offered.
    ///
    /// With it goes the only place that tells how far this node had counted when it assigned dots to the key; the floor
    /// takes over (basho/riak_kv#679).
    private mutating func deleteSurplus(_ key: Key) {
        guard membership.state.pending.isEmpty, !isHome(key) else { return }
        do {
            guard let siblings = try store.object(key), siblings.hash == surplus.batch?.hashes[key] else { return }
            let actor = Actor(node: node, incarnation: incarnations.base)
            let counted = siblings.context[actor]
            if counted > incarnations.dotFloor { try incarnations.raiseDotFloor(to: counted, &store) }
            try deleteObject(key)
        } catch {
            // It stays, and the next sweep finds it again.
            return
        }
        surplus.leftBySweep -= 1
        note(.surplusDeleted)
        sync(.nothing)
    }

    private mutating func endBatchWhenDone() {
        guard let batch = surplus.batch, batch.offers.isEmpty, batch.sent.isEmpty else { return }
        endSurplusBatch(batch)
        if membership.state.pending.isEmpty { sweep() }
    }

    mutating func surplusStalled(_ number: UInt64) {
        guard let batch = surplus.batch, batch.number == number else { return }
        endSurplusBatch(batch)
    }

    private mutating func endSurplusBatch(_ batch: SurplusBatch) {
        effects.append(.cancelTimer(.stalled(batch.number)))
        surplus.batch = nil
        if !surplus.isTicking { suspectSurplus() }
    }
}
