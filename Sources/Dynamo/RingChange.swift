/// What a change of the members does to who claims which partition: as little as possible.
extension RingClaim {
    /// A member joins: it takes its share from those that have more than theirs, and nothing else moves.
    mutating func join(_ member: Member) {
        let newcomer = members.count
        members.append(member)
        spacing = RingSpacing(members: members, n: n)
        let quotas = RingClaim.quotas(members.map(\.weight), partitions: owners.count)
        var owned = counts()
        for turn in 0..<quotas[newcomer] {
            let ideal = (2 * turn + 1) * owners.count / (2 * quotas[newcomer])
            guard let slot = bestSlot(for: newcomer, near: ideal, owned, quotas) else { return }
            owned[owners[slot]] -= 1
            owners[slot] = newcomer
        }
    }

    /// The slot nearest to an ideal one that a newcomer may take with the fewest conflicts.
    private func bestSlot(for newcomer: Int, near ideal: Int, _ owned: [Int], _ quotas: [Int]) -> Int? {
        var best: (slot: Int, conflicts: Int)?
        let excess = members.indices.map { owned[$0] - quotas[$0] }
        // Those with the greatest excess first, as long as one is to be found not too far away.
        let most = excess.dropLast().max() ?? 0
        for least in [max(1, most), 1] {
            for step in 0..<owners.count {
                let offset = step % 2 == 0 ? step / 2 : owners.count - (step + 1) / 2
                let slot = (ideal + offset) % owners.count
                guard owners[slot] != newcomer, excess[owners[slot]] >= least else { continue }
                let conflicts = spacing.conflicts(of: newcomer, at: slot, in: owners)
                if conflicts < best?.conflicts ?? .max { best = (slot, conflicts) }
                if conflicts == 0 { return slot }
            }
        }
        return best?.slot
    }

    /// A member leaves: its partitions, and no others, go to those that have less than their share.
    mutating func leave(_ leaver: Int) {
        let slots = owners.indices.filter { owners[$0] == leaver }
        members.remove(at: leaver)
        owners = owners.map { $0 == leaver ? -1 : $0 > leaver ? $0 - 1 : $0 }
        spacing = RingSpacing(members: members, n: n)
        let quotas = RingClaim.quotas(members.map(\.weight), partitions: owners.count)
        var owned = counts()
        for slot in slots {
            let heir = members.indices.min { left, right in
                let isFull = (owned[left] >= quotas[left], owned[right] >= quotas[right])
                if isFull.0 != isFull.1 { return isFull.1 }
                let conflicts = (
                    spacing.conflicts(of: left, at: slot, in: owners),
                    spacing.conflicts(of: right, at: slot, in: owners)
                )
                if conflicts.0 != conflicts.1 { return conflicts.0 < conflicts.1 }
                let fill = (owned[left] * quotas[right], owned[right] * quotas[left])
                return fill.0 != fill.1 ? fill.0 < fill.1 : left < right
            }
            guard let heir else { return }
            owners[slot] = heir
            owned[heir] += 1
        }
        untangle(slots)
        level(slots)
    }

    /// A member takes the place of another, with all its partitions.
    mutating func replace(_ old: Int, by member: Member) {
        members[old] = member
        spacing = RingSpacing(members: members, n: n)
    }

    /// Passes partitions among some slots from who has too much load to who has too little, as long as that helps.
    ///
    /// Load is not only ownership: where neighbours have one owner, walks along the ring go further, and who sits next
    /// has more to do.
    private mutating func level(_ slots: [Int]) {
        var unevenness = unevenness()
        var budget = min(256, 4_000_000 / owners.count)
        while unevenness.total > 0 {
            var isBetter = false
            for slot in slots where owners[slot] == unevenness.most {
                budget -= 1
                if budget < 0 { return }
                owners[slot] = unevenness.least
                let after = self.unevenness()
                if after.total < unevenness.total {
                    unevenness = after
                    isBetter = true
                    break
                }
                owners[slot] = unevenness.most
            }
            if !isBetter { return }
        }
    }

    /// How far the members' shares of all replicas are from their weights, and who has most too much and too little.
    /// In whole numbers, so that every machine decides alike.
    private func unevenness() -> (total: Int, most: Int, least: Int) {
        var homes = Array(repeating: 0, count: members.count)
        for partition in owners.indices {
            for home in preference(from: partition).prefix(n) { homes[home] += 1 }
        }
        let replicas = homes.reduce(0, +)
        let weights = members.reduce(0) { $0 + $1.weight }
        // In thousandths of the fair share.
        let shares = members.indices.map { homes[$0] * weights * 1_000 / (members[$0].weight * replicas) - 1_000 }
        let order = members.indices.sorted { (shares[$0], $0) < (shares[$1], $1) }
        let total = shares.reduce(0) { $0 + $1 * $1 }
        return (total, order[order.count - 1], order[0])
    }
}
