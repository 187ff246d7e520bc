import Causality

/// A member's part in a round of reaping; see ``ReapRound`` for the whole.
struct ReapWatch {
    let round: UInt64
    /// The digest of the membership by which the leader asks.
    let membership: UInt64
    let entries: [LeafEntry]
    /// By entry: nothing has been heard of the key since it was found at rest.
    private(set) var isClean: [Bool]
    private let places: [Key: Int]
    /// The flush that is under way, and who has not answered it yet.
    var flush: UInt64?
    var waitingFor: Set<String> = []

    init(round: UInt64, membership: UInt64, entries: [LeafEntry], isClean: [Bool]) {
        self.round = round
        self.membership = membership
        self.entries = entries
        self.isClean = isClean
        places = Dictionary(zip(entries.map(\.key), 0...), uniquingKeysWith: { first, _ in first })
    }

    mutating func touch(_ key: Key) {
        if let place = places[key] { isClean[place] = false }
    }

    var cleanPositions: [Int] { isClean.indices.filter { isClean[$0] } }
}

extension Replica {
    /// Something is read or written of a key, so that it is not at rest: its tombstone stays for this round.
    mutating func touch(_ key: Key) {
        if watches.isEmpty { return }
        for reaper in watches.keys { watches[reaper]?.touch(key) }
    }

    // MARK: Looking

    mutating func beginWatch(_ round: UInt64, _ entries: [LeafEntry], membership digest: UInt64, for reaper: String) {
        let entries = Array(entries.prefix(Limits.reapBatch))
        let open = Set(puts.values.map(\.key)).union(gets.values.map(\.key))
        let isSettled = hasSettled && agrees(on: digest)
        let isClean = entries.map { isSettled && !open.contains($0.key) && isAtRest($0) }
        watches[reaper] = ReapWatch(round: round, membership: digest, entries: entries, isClean: isClean)
        // What was found must be what a crash leaves, and what waits for the disk must be out of the door.
        sync(.watch(round: round, reaper: reaper))
    }

    /// Messages that an earlier life of this node sent may still be under way on a connection of that life.
    private var hasSettled: Bool { configuration.reapAfter.map { now - startedAt >= $0 } ?? true }

    /// Whether this node knows the same members, and that no data is moving between them.
    private func agrees(on digest: UInt64) -> Bool {
        membership.digest.state == digest && membership.state.pending.isEmpty
    }

    /// Whether this node holds of the key exactly that tombstone, as its home, and otherwise nothing at all.
    private func isAtRest(_ entry: LeafEntry) -> Bool {
        do {
            let expected = isHome(entry.key) ? entry.hash : nil
            return try store.hints(entry.key).isEmpty && store.object(entry.key)?.hash == expected
        } catch {
            return false
        }
    }

    // MARK: Flushing

    /// What this node said of the keys before it looked must have arrived, or be lost, before it answers.
    mutating func watchDurable(_ round: UInt64, for reaper: String, failure: String?) {
        guard watches[reaper]?.round == round else { return }
        if failure != nil {
            watches[reaper] = nil
            return tellClear(round, [], to: reaper)
        }
        let others = reapPeers.map(\.name)
        let number = number()
        watches[reaper]?.flush = number
        watches[reaper]?.waitingFor = Set(others)
        for other in others { send(.flush(request: number), to: other) }
        if others.isEmpty { tellClear(of: reaper) }
    }

    mutating func flushed(_ number: UInt64, by peer: String) {
        for reaper in watches.keys.sorted() where watches[reaper]?.flush == number {
            watches[reaper]?.waitingFor.remove(peer)
            if watches[reaper]?.waitingFor.isEmpty == true { tellClear(of: reaper) }
        }
    }

    private mutating func tellClear(of reaper: String) {
        guard let watch = watches[reaper] else { return }
        watches[reaper]?.flush = nil
        tellClear(watch.round, watch.cleanPositions, to: reaper)
    }

    private mutating func tellClear(_ round: UInt64, _ positions: [Int], to reaper: String) {
        if reaper == node {
            reapCleared(round, by: node, positions)
        } else {
            send(.reapClear(round: round, positions: positions), to: reaper)
        }
    }

    // MARK: Confirming and reaping

    mutating func confirmWatch(_ round: UInt64, for reaper: String) {
        var positions: [Int] = []
        if let watch = watches.removeValue(forKey: reaper), watch.round == round, agrees(on: watch.membership) {
            positions = watch.cleanPositions
        }
        if reaper == node {
            reapConfirmed(round, by: node, positions)
        } else {
            send(.reapConfirmed(round: round, positions: positions), to: reaper)
        }
    }

    /// Deletes the tombstones that are still what they were.
    mutating func reap(_ entries: [LeafEntry]) {
        var count = 0
        for entry in entries {
            // What cannot be read or deleted now comes up in a later round.
            guard let object = try? store.object(entry.key), object.isGrave, object.hash == entry.hash,
                (try? deleteObject(entry.key)) != nil
            else { continue }
            count += 1
        }
        if count == 0 { return }
        note(.tombstonesReaped(count))
        sync(.nothing)
    }
}

extension SiblingSet {
    /// Whether there are tombstones, and nothing else.
    var isGrave: Bool { !isEmpty && versions.allSatisfy(\.tombstone) }
}
