import Causality

/// What a sync was asked for.
enum AfterSync {
    case nothing
    /// The coordinator's own write of a put.
    case put(UInt64)
    /// The hint that a put's coordinator keeps itself for a home.
    case ownHint(put: UInt64, home: String)
    /// What this node was asked to store is durable, or not.
    case stored(Reply, to: String)
    /// The coordinator's own answer to a get.
    case localFetch(get: UInt64, Siblings?)
    /// Something read from the store may leave the node once these syncs, too, are done; dropped when one fails.
    case release(Message, to: String, after: ArraySlice<UInt64>)
    case bucketSet(UInt64)
    /// What a round of reaping found here.
    case watch(round: UInt64, reaper: String)
    /// A state of the membership is on disk; a client may wait for it.
    case membership(MembershipState, RequestID?)

    /// The answer to a request to store.
    enum Reply {
        case replicated(request: UInt64, hintFor: String?)
        case handedOff(request: UInt64)
    }
}

/// Reading, merging and writing what this node keeps, and letting nothing out before it is durable.
extension Replica {
    // MARK: Merging

    /// Every merge of siblings, of whatever origin, goes through here.
    func merged(_ stored: Siblings?, _ incoming: Siblings, in bucket: [UInt8]) -> Siblings {
        if let stored, let flaw = configuration.flaw, let joined = stored.merging(incoming, flaw) { return joined }
        return reduced(stored?.merging(incoming) ?? incoming, in: bucket)
    }

    /// What is kept of concurrent versions: all, except in a bucket that keeps one only.
    func reduced(_ siblings: Siblings, in bucket: [UInt8]) -> Siblings {
        siblings.versions.count > 1 && keepsOnlyLast(bucket) ? siblings.onlyLastModified : siblings
    }

    /// `allow_mult=false` or `last_write_wins=true` in Riak's words: versions are lost there by design.
    func keepsOnlyLast(_ bucket: [UInt8]) -> Bool {
        if configuration.flaw == .wallClockMerge { return true }
        let properties = catalog.properties(bucket)
        return properties.lastWriteWins == true || !(properties.allowMultiple ?? configuration.allowMultiple)
    }

    // MARK: Reading

    /// What this node stores for a key: its object, or, as a fallback, its hints merged. Nil: nothing.
    func local(_ key: Key) throws -> Siblings? {
        if isHome(key) { return try store.object(key) }
        var found = try store.object(key)
        for hint in try store.hints(key) { found = merged(found, hint.siblings, in: key.bucket) }
        return found
    }

    // MARK: Writing

    /// Stores an object in place of the old one and keeps its tree up to date.
    mutating func putObject(_ key: Key, _ siblings: Siblings) throws {
        try store.putObject(key, siblings)
        if !forest.touch(key, n: n(of: key.bucket)) { suspectSurplus() }
        ledger.wrote(key)
        touch(key)
        if siblings.isGrave { graves.dig(key, at: now) } else { graves.close(key) }
        if has(.immediateReap), siblings.isGrave { try deleteObject(key) }
    }

    /// Removes an object. The counters that this node assigned to it go on from where they were, should it come back.
    mutating func deleteObject(_ key: Key) throws {
        let counted = try store.object(key)?.context[Actor(node: node, incarnation: incarnations.base)] ?? 0
        if counted > incarnations.dotFloor, !has(.counterRestart) {
            try incarnations.raiseDotFloor(to: counted, &store)
        }
        try store.deleteObject(key)
        forest.touch(key, n: n(of: key.bucket))
        ledger.wrote(key)
        touch(key)
        graves.close(key)
    }

    /// Merges siblings into an object; false when it had seen them all.
    @discardableResult
    mutating func mergeObject(_ key: Key, _ incoming: Siblings) throws -> Bool {
        touch(key)
        let stored: Siblings?
        do {
            stored = try store.object(key)
        } catch let error as any LocalStoreError where error.isCorruption {
            // What comes from elsewhere is all there is.
            stored = nil
        }
        if has(.stampShadows), let stored, stored.latestStamp > incoming.latestStamp { return false }
        let joined = merged(stored, incoming, in: key.bucket)
        if joined == stored { return false }
        try putObject(key, joined)
        return true
    }

    /// Merges siblings into the hint for a home.
    mutating func mergeHint(_ key: Key, home: String, _ incoming: Siblings, incarnation: UInt64? = nil) throws {
        touch(key)
        let stored = try store.hint(key, home: home)
        let joined = merged(stored?.siblings, incoming, in: key.bucket)
        let incarnation = incarnation ?? stored?.incarnation ?? 0
        if joined == stored?.siblings, incarnation == stored?.incarnation { return }
        let hint = HintedObject(
            key: key, home: home, siblings: joined, incarnation: incarnation, storedAt: wallClock)
        try store.putHint(hint)
        ledger.wrote(key)
    }

    // MARK: Syncing

    /// Asks for a sync of what this input has applied, to be followed by `waiter`. All who ask during one input share
    /// one sync.
    mutating func sync(_ waiter: AfterSync) {
        ledger.wait(for: ledger.nextToken, waiter)
        wantsSync = true
    }

    /// Goes on once all that is stored for a key is durable: after the sync that covers its last write, or at once.
    ///
    /// That very sync, and not a later one: had it failed, a later one would no longer cover what it was to cover.
    mutating func whenDurable(_ key: Key, _ waiter: AfterSync) {
        guard let barrier = ledger.barrier(key) else { return go(on: waiter, failure: nil) }
        ledger.wait(for: barrier, waiter)
        if barrier == ledger.nextToken { wantsSync = true }
    }

    /// Sends what was read from the store, once the keys that it was read from are durable.
    mutating func release(_ message: Message, of keys: [Key], to peer: String) {
        let barriers = Set(keys.compactMap { ledger.barrier($0) }).sorted()
        if barriers.last == ledger.nextToken { wantsSync = true }
        release(message, after: barriers[...], to: peer)
    }

    private mutating func release(_ message: Message, after barriers: ArraySlice<UInt64>, to peer: String) {
        if let first = barriers.first, !has(.readBeforeDurable) {
            ledger.wait(for: first, .release(message, to: peer, after: barriers.dropFirst()))
        } else {
            send(message, to: peer)
        }
    }

    mutating func ended(_ token: UInt64, failure: String?) {
        let (waiters, keys) = ledger.end(token)
        if failure != nil {
            forget(keys)
            // What was found at rest may read differently now.
            watches = [:]
            transferLost()
        }
        for waiter in waiters { go(on: waiter, failure: failure) }
    }

    /// The store may no longer hold what was written to these keys: their trees must not either.
    private mutating func forget(_ keys: [Key]) {
        for key in keys {
            forest.touch(key, n: n(of: key.bucket))
            if (try? store.object(key))?.isGrave == true { graves.dig(key, at: now) } else { graves.close(key) }
        }
    }

    private mutating func go(on waiter: AfterSync, failure: String?) {
        let failure = has(.swallowedError) ? nil : failure
        switch waiter {
        case .nothing: break
        case .put(let number): putDurable(number, failure: failure)
        case .ownHint(let number, let home): ownHintDurable(number, home: home, failure: failure)
        case .stored(.replicated(let request, let hintFor), let peer):
            send(.replicated(request: request, ok: failure == nil), to: peer)
            if let hintFor, failure == nil { note(.hintStored(home: hintFor)) }
        case .stored(.handedOff(let request), let peer):
            send(.handedOff(request: request, ok: failure == nil), to: peer)
        case .localFetch(let number, let siblings):
            getAnswered(number, by: node, siblings, ok: failure == nil)
        case .release(let message, let peer, let barriers):
            if failure == nil { release(message, after: barriers, to: peer) }
        case .bucketSet(let number): bucketSetDurable(number, failure: failure)
        case .watch(let round, let reaper): watchDurable(round, for: reaper, failure: failure)
        case .membership(let state, let client): membershipDurable(state, for: client, failure: failure)
        }
    }
}

extension SiblingSet where Payload == Content {
    /// The version modified last by its coordinator's wall clock, ties by dot; the others are lost.
    fileprivate var onlyLastModified: Self {
        let last = versions.max { ($0.payload.lastModified, $0.dot) < ($1.payload.lastModified, $1.dot) }
        return last.map { Self(versions: [$0]) } ?? self
    }
}
