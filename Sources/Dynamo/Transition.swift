/// From one ring to the next, while requests go on.
///
/// Until all changes are completed, requests are coordinated by and go to the homes of the *current* ring, under the
/// usual quorums; whoever is to become a home is sent every write as well, and fetches the rest (``Transfer``). So
/// nothing is ever missing because it moves: who answers has been a home all along. When every node that gains
/// something has said that it has it all, any node declares the changes completed, and the target ring is the current
/// one. Those that are homes no longer then hand over what differs and delete it (``Surplus``).
extension Replica {
    /// Goes by a state that is on disk.
    mutating func adopt(_ state: MembershipState) {
        let before = (current: membership.current, target: membership.target)
        guard membership.adopt(state) else { return }
        takeNewIncarnation()
        if membership.isMember(node) { mark { $0.drained = false } }
        meet()
        if before != (membership.current, membership.target) { ringsChanged() }
        completeWhenReady()
        spread()
    }

    /// A node that left and comes again begins a new incarnation: what it knew of its dots may be gone.
    mutating func takeNewIncarnation() {
        let arrival = membership.state.arrival(of: node)
        // A store that cannot be written now is tried again at the next start, before anything is coordinated.
        try? incarnations.renew(arrival: arrival, &store)
    }

    /// Brings the failure detector and the shell's connections in line with who there is.
    mutating func meet() {
        noteLingerers()
        let others = membership.state.everybody.filter { other in
            other.name != node && (membership.isAcquainted(with: other.name) || lingering.contains(other.name))
        }
        for name in detector.replacePeers(others.map(\.name)) {
            addresses[name] = nil
            membership.told[name] = nil
            effects.append(.disconnect(name))
        }
        for other in others where addresses[other.name] != other.address {
            addresses[other.name] = other.address
            effects.append(.connect(other.name, address: other.address))
        }
    }

    /// A node that is gone stays known for as long as it answers.
    private mutating func noteLingerers() {
        lingering = lingering.filter { membership.isGone($0) && !detector.suspects($0) }
        for peer in detector.peers where !peer.suspected && membership.isGone(peer.name) { lingering.insert(peer.name) }
    }

    /// A node that is gone does not answer any more: it was stopped.
    mutating func forgetLingerer(_ peer: String) {
        if lingering.remove(peer) != nil { meet() }
    }

    /// A node that is gone has clients still, and tells this one, which did not know, perhaps since it was not running.
    mutating func welcomeLingerer(_ peer: String) -> Bool {
        guard membership.isGone(peer) else { return false }
        lingering.insert(peer)
        meet()
        return true
    }

    private mutating func ringsChanged() {
        note(.ringChanged(pending: membership.state.pending.count))
        plantForest()
        dropSurplusBatch()
    }

    /// Goes on, at the start, with what was under way.
    mutating func beginMembership() {
        suspectSurplus()
        if membership.state.changes.isEmpty { return }
        // A lost disk takes with it what the node had said that it has.
        if incarnations.isNew { mark { $0.ready = 0 } }
        spread()
    }

    /// Everything that this node is not home of has been handed over.
    mutating func nothingLeft() {
        if membership.state.changes.isEmpty || !membership.state.pending.isEmpty { return }
        let hasLeft = !membership.isMember(node)
        let isDrained = hasLeft && ((try? store.hintCounts()) ?? ["?": 1]).isEmpty
        if hasLeft, !isDrained { return suspectSurplus() }
        let target = membership.digest.target
        mark {
            $0.clean = target
            $0.drained = isDrained
        }
    }

    /// Whether data rests where the ring says: no change is pending, and nobody holds anything that has yet to go to its
    /// homes.
    public var isSettled: Bool {
        let state = membership.state
        if state.changes.isEmpty { return true }
        // Nobody tells who is gone what happened since.
        if !membership.isMember(node), state.mark(of: node)?.drained == true { return true }
        // Who left and cannot be reached may never come back; what it has then is handed over.
        let others = membership.acquaintances.filter { membership.isMember($0.name) || !detector.suspects($0.name) }
        return state.pending.isEmpty
            && others.allSatisfy { state.mark(of: $0.name)?.clean == membership.digest.target }
    }

    /// Declares all changes completed when everybody who gains something has it.
    mutating func completeWhenReady() {
        let pending = membership.state.pending
        if pending.isEmpty { return }
        let target = membership.digest.target
        let gainers = membership.gainers(replicaCounts: [configuration.n] + catalog.replicaCounts)
        guard gainers.allSatisfy({ membership.state.mark(of: $0)?.ready == target }) else { return }
        var state = membership.recorded
        for change in pending { state.complete(change.id) }
        record(state, for: nil)
    }
}
