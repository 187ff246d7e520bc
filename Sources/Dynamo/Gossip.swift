/// Spreading the membership (DeCandia et al. 2007, §4.8.2): every second with a random peer, and at once after a
/// change.
///
/// Nodes first compare digests; who has another one sends all that it knows, and gets back what it lacks. What a node
/// hears it puts on disk before it acts by it or passes it on, so nobody ever learns of a change that can be forgotten.
extension Replica {
    mutating func gossipTick() {
        effects.append(.setTimer(.gossip, after: configuration.gossipInterval))
        completeWhenReady()
        let peers = detector.peers.filter { !$0.suspected }.map(\.name)
        guard let peer = peers.randomElement(using: &generator) else { return }
        send(.gossip(membership.digest, answer: false), to: peer)
    }

    mutating func heardDigest(_ digest: MembershipDigest, answer: Bool, from peer: String) {
        membership.told[peer] = digest
        if digest.state != membership.digest.state {
            send(.membership(membership.state), to: peer)
        } else if answer {
            send(.gossip(membership.digest, answer: false), to: peer)
        }
    }

    /// A peer, or a node that would become one, tells all that it knows.
    mutating func heardMembership(_ state: MembershipState, from peer: String) {
        guard state.isUsable, state.isCompatible(with: membership.state) else {
            return note(.membershipRefused(from: peer))
        }
        membership.told[peer] = MembershipDigest(state)
        record(membership.recorded.merging(state), for: nil)
        if state.merging(membership.state) != state { send(.membership(membership.state), to: peer) }
    }

    /// Stores a state; once it is on disk the node goes by it and the client, if there is one, is told.
    mutating func record(_ state: MembershipState, for client: RequestID?) {
        if state == membership.recorded, client == nil { return }
        do {
            if state != membership.recorded { try store.setMembership(state) }
        } catch {
            if let client { effects.append(.membership(client, .refused(.storage("\(error)")))) }
            return
        }
        membership.recorded = state
        sync(.membership(state, client))
    }

    mutating func membershipDurable(_ state: MembershipState, for client: RequestID?, failure: String?) {
        if let failure {
            // Whatever spreads is heard of again; what an administrator asked for may be asked again.
            membership.recorded = membership.state
            suspectSurplus()
            if let client { effects.append(.membership(client, .refused(.storage(failure)))) }
            return
        }
        adopt(state)
        if let client { effects.append(.membership(client, .accepted(membership.state))) }
    }

    /// Tells peers that do not know all that this node knows: all of them, or some where there are many, who tell the
    /// others.
    mutating func spread() {
        let digest = membership.digest
        let peers = detector.peers.filter { !$0.suspected && membership.told[$0.name] != digest }.map(\.name)
        for peer in peers.shuffled(using: &generator).prefix(Limits.gossipFanOut) {
            send(.membership(membership.state), to: peer)
        }
    }
}
