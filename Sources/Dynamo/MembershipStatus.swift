/// The membership as one node sees it, for an operator.
public struct MembershipStatus: Hashable, Sendable {
    /// Where a member is on its way in or out.
    public enum Standing: String, Hashable, Sendable {
        /// A member since the store was founded, or by a completed change.
        case founder, member
        /// Its change is not completed yet.
        case joining, leaving
        /// It has left but may still hold something that others need.
        case left
        /// It has left, and may be stopped.
        case gone
    }

    public struct Row: Hashable, Sendable {
        public var member: Member
        public var standing: Standing
        /// Ring partitions that it owns now, and once all changes are completed.
        public var partitions: Int, partitionsToBe: Int
        public var isReachable: Bool
        /// Nil: not told yet.
        public var incarnation: UInt64?
        /// It gains something and has not said that it has it all.
        public var isFetching: Bool
        /// It has not said, since the last change was completed, that it has handed everything over.
        public var isHandingOver: Bool
        /// As it told last; of this node, as it is now.
        public var backlog: Backlog
    }

    /// In order of appearance.
    public var rows: [Row]
    public var partitions: Int
    /// Changes that are not completed.
    public var pending: [MembershipChange]
    /// Of this node: ring partitions that it still has to fetch, of how many, and keys fetched so far.
    public var partitionsToFetch: Int, partitionsGained: Int, keysFetched: Int
    /// Of this node: objects found that belong elsewhere.
    public var surplus: Int
    /// Changes made since the store was founded, and the most that its log holds.
    public var changes: Int, changesLimit: Int
    /// Nothing is left to do, anywhere, as far as this node knows.
    public var isSettled: Bool
}

extension Replica {
    /// What this node has yet to do for others or to get from them.
    public var backlog: Backlog {
        // Counts that cannot be read now count as something.
        let hints = ((try? store.hintCounts()) ?? ["?": 1]).values.reduce(0, +)
        return Backlog(partitions: partitionsToFetch, surplus: max(surplus.left, surplus.leftBySweep), hints: hints)
    }

    private var partitionsToFetch: Int {
        (transfer?.trees ?? []).count { tree in
            !forest.peers(tree: tree).allSatisfy {
                detector.suspects($0) || transfer?.settled[tree]?.contains($0) == true
            }
        }
    }

    /// How the membership stands.
    public var membershipStatus: MembershipStatus {
        let state = membership.state
        var owned: [String: Int] = [:]
        var toBe: [String: Int] = [:]
        for partition in 0..<ring.partitions {
            owned[ring.owner(of: partition), default: 0] += 1
            toBe[membership.target.owner(of: partition), default: 0] += 1
        }
        let gainers = membership.gainers(replicaCounts: [configuration.n] + catalog.replicaCounts)
        let target = membership.digest.target
        let rows = state.everybody.map { member in
            let mark = state.mark(of: member.name)
            let shared = (ring.members + membership.target.members).first { $0.name == member.name } ?? member
            return MembershipStatus.Row(
                member: Member(
                    name: member.name, weight: shared.weight, zone: shared.zone, address: member.address),
                standing: standing(member.name), partitions: owned[member.name] ?? 0,
                partitionsToBe: toBe[member.name] ?? 0, isReachable: !detector.suspects(member.name),
                incarnation: member.name == node
                    ? incarnations.base : detector.peers.first { $0.name == member.name }?.incarnation,
                isFetching: gainers.contains(member.name) && mark?.ready != target,
                isHandingOver: !state.changes.isEmpty && state.pending.isEmpty && mark?.clean != target
                    && standing(member.name) != .gone,
                backlog: member.name == node
                    ? backlog : detector.peers.first { $0.name == member.name }?.backlog ?? Backlog())
        }
        return MembershipStatus(
            rows: rows, partitions: ring.partitions, pending: state.pending,
            partitionsToFetch: partitionsToFetch, partitionsGained: transfer?.trees.count ?? 0,
            keysFetched: transfer?.fetched ?? 0, surplus: max(surplus.left, surplus.leftBySweep),
            changes: state.changes.count, changesLimit: Limits.membershipChanges, isSettled: isSettled)
    }

    private func standing(_ name: String) -> MembershipStatus.Standing {
        let state = membership.state
        switch (membership.current.contains(name), membership.target.contains(name)) {
        case (true, true): return state.founders.contains { $0.name == name } ? .founder : .member
        case (false, true): return .joining
        case (true, false): return .leaving
        case (false, false): return state.mark(of: name)?.drained == true ? .gone : .left
        }
    }
}
