/// Reaping tombstones: how a deleted key is forgotten without any older value of it ever coming back.
///
/// A tombstone may go only when nothing older than it is left anywhere: not at a home, not in a hint, not in a put, get
/// or repair that some node has open, not in a message. The first home of a key asks **every** member, twice:
///
/// 1. *Check.* A member looks whether it is home and holds exactly that tombstone, or holds nothing; that it has no
///    hint for the key and no request for it open. From then on it **watches** the key. It makes what it saw durable,
///    flushes its links to all others (a message and its echo: links keep order, so whatever it had sent before has
///    arrived or is lost), and answers.
/// 2. *Confirm.* When all have answered, it asks all whether anything touched the key since their check.
///
/// If nothing did, anywhere, then there was an instant, between the last answer to the first question and the first
/// answer to the second, at which every member and every link was free of anything but the tombstone: whoever had an
/// older value after its own check would have been touched by it, and what was sent before a check had arrived by then.
/// An older value does not come out of nothing, so it can never turn up again, and the homes may delete the tombstone
/// whenever they hear of it; one that has taken a write meanwhile does not.
///
/// A member that is silent keeps all tombstones in place: it may hold a hint. So does a change of the membership, from
/// when anybody hears of it until all know that its data has moved: then nobody knows whom to ask. And a re-created key must not begin to
/// count dots anew, or contexts from before the delete would dominate it: deleting an object raises the floor of this
/// node's counters (``Incarnations/raiseDotFloor(to:_:)``).
struct ReapRound {
    enum Phase { case checking, confirming }

    let number: UInt64
    let members: [String]
    let entries: [LeafEntry]
    var phase = Phase.checking
    /// By entry: nobody has objected.
    var stands: [Bool]
    var waitingFor: Set<String>

    init(number: UInt64, members: [String], entries: [LeafEntry]) {
        self.number = number
        self.members = members
        self.entries = entries
        stands = entries.map { _ in true }
        waitingFor = Set(members)
    }

    /// A member's answer; true when it was the last one.
    mutating func take(_ positions: [Int], from member: String) -> Bool {
        guard waitingFor.remove(member) != nil else { return false }
        let clean = Set(positions)
        for place in stands.indices where !clean.contains(place) { stands[place] = false }
        return waitingFor.isEmpty
    }

    var standing: [LeafEntry] { entries.indices.filter { stands[$0] }.map { entries[$0] } }
}

extension Replica {
    mutating func reapTick() {
        guard let reapAfter = configuration.reapAfter else { return }
        effects.append(.setTimer(.reap, after: max(1, reapAfter / 4)))
        let others = reapPeers
        if reapRound != nil || others.contains(where: \.suspected) || !membership.state.pending.isEmpty { return }
        let entries = dueEntries(since: now - reapAfter)
        if entries.isEmpty { return }
        let round = ReapRound(number: number(), members: [node] + others.map(\.name), entries: entries)
        reapRound = round
        // The longest way is four messages, one after the other, and nobody waits for it.
        let patience = configuration.replicaTimeout * Limits.stallFactor * 4
        effects.append(.setTimer(.stalled(round.number), after: patience))
        let digest = membership.digest.state
        for other in others {
            send(.reapCheck(round: round.number, membership: digest, entries: entries), to: other.name)
        }
        beginWatch(round.number, entries, membership: digest, for: node)
    }

    /// Tombstones old enough of keys whose first home this node is.
    private mutating func dueEntries(since instant: Instant) -> [LeafEntry] {
        var entries: [LeafEntry] = []
        for key in graves.take(since: instant, limit: Limits.reapBatch) {
            if homes(of: key).first == node, let object = try? store.object(key), object.isGrave {
                entries.append(LeafEntry(key: key, hash: object.hash))
            } else {
                // Another home's to reap, unless the ring changes.
                graves.dig(key, at: now)
            }
        }
        return entries
    }

    mutating func reapCleared(_ number: UInt64, by member: String, _ positions: [Int]) {
        guard reapRound?.number == number, reapRound?.phase == .checking,
            reapRound?.take(positions, from: member) == true, let round = reapRound
        else { return }
        if round.standing.isEmpty { return endRound(aborted: false) }
        reapRound?.phase = .confirming
        reapRound?.waitingFor = Set(round.members)
        for other in round.members where other != node { send(.reapConfirm(round: number), to: other) }
        confirmWatch(number, for: node)
    }

    mutating func reapConfirmed(_ number: UInt64, by member: String, _ positions: [Int]) {
        guard reapRound?.number == number, reapRound?.phase == .confirming,
            reapRound?.take(positions, from: member) == true, let round = reapRound
        else { return }
        let standing = round.standing
        for other in round.members where other != node {
            let own = standing.filter { homes(of: $0.key).contains(other) }
            if !own.isEmpty { send(.reap(entries: own), to: other) }
        }
        reap(standing)
        endRound(aborted: false)
    }

    mutating func reapStalled(_ number: UInt64) {
        if reapRound?.number == number { endRound(aborted: true) }
    }

    /// A member cannot be reached: nothing can be reaped without it.
    mutating func reapLost(_ peer: String) {
        watches[peer] = nil
        if reapRound?.waitingFor.contains(peer) == true { endRound(aborted: true) }
    }

    /// What is still there is tried again later.
    private mutating func endRound(aborted: Bool) {
        guard let round = reapRound else { return }
        reapRound = nil
        watches[node] = nil
        effects.append(.cancelTimer(.stalled(round.number)))
        if aborted { note(.reapAborted) }
        for entry in round.entries where (try? store.object(entry.key))?.isGrave == true {
            graves.dig(entry.key, at: now)
        }
    }
}
