/// Who claims which partition: as many as the weight says, to within one, and spread so that each run of N partitions
/// belongs to N distinct nodes and as many zones as there are, as far as the numbers allow.
///
/// They do not where a node has more than 1/N of the weight, and sometimes not for the few runs across the end of the
/// ring. Preference lists hold distinct nodes there all the same, since the walk along the ring never takes a node
/// twice; only the load of a node that is down is spread a little less.
struct RingClaim {
    /// The index of the owning member, by partition.
    private(set) var owners: [Int]
    private let zones: [Int]
    /// Partitions at a lesser distance must differ in owner, or in zone.
    private let ownerSpacing: Int, zoneSpacing: Int

    init(members: [Member], partitions: Int, n: Int) {
        var names: [String] = []
        for member in members where !names.contains(member.zone) { names.append(member.zone) }
        zones = members.map { member in names.firstIndex(of: member.zone) ?? 0 }
        ownerSpacing = min(n, members.count)
        zoneSpacing = min(n, names.count)
        owners = []
        place(quotas: RingClaim.quotas(members.map(\.weight), partitions: partitions), partitions: partitions)
        untangle()
    }

    /// Shares by the largest remainder: each within one of its exact proportion, and their sum the number of
    /// partitions.
    static func quotas(_ weights: [Int], partitions: Int) -> [Int] {
        let total = weights.reduce(0, +)
        var quotas = weights.map { $0 * partitions / total }
        let remainders = weights.map { $0 * partitions % total }
        let order = weights.indices.sorted {
            remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1
        }
        for member in order.prefix(partitions - quotas.reduce(0, +)) { quotas[member] += 1 }
        return quotas
    }

    /// Deals partitions out in order: each to the member whose next turn is due first among those that keep the
    /// spacing.
    private mutating func place(quotas: [Int], partitions: Int) {
        var used = Array(repeating: 0, count: quotas.count)
        for slot in 0..<partitions {
            var best: (member: Int, conflicts: Int)?
            for member in quotas.indices where used[member] < quotas[member] {
                let conflicts = conflictsBefore(slot, member: member)
                guard let leader = best else {
                    best = (member, conflicts)
                    continue
                }
                // The k-th turn of a member with quota q is due at (k + ½) / q of the ring.
                let due = (2 * used[member] + 1) * quotas[leader.member]
                let dueLeader = (2 * used[leader.member] + 1) * quotas[member]
                if conflicts < leader.conflicts || conflicts == leader.conflicts && due < dueLeader {
                    best = (member, conflicts)
                }
            }
            // The quotas sum to the number of partitions, so there always is one.
            guard let best else { return }
            owners.append(best.member)
            used[best.member] += 1
        }
    }

    private func conflictsBefore(_ slot: Int, member: Int) -> Int {
        var conflicts = 0
        for distance in stride(from: 1, to: max(ownerSpacing, zoneSpacing), by: 1) where slot - distance >= 0 {
            conflicts += conflict(member, owners[slot - distance], distance: distance)
        }
        return conflicts
    }

    /// The same owner too near weighs more than the same zone too near.
    private func conflict(_ one: Int, _ other: Int, distance: Int) -> Int {
        if distance < ownerSpacing, one == other { return 4 }
        if distance < zoneSpacing, zones[one] == zones[other] { return 1 }
        return 0
    }

    /// Swaps partitions while that lessens conflicts: dealing in order leaves some where the ring closes.
    private mutating func untangle() {
        var budget = 400_000
        var improved = true
        while improved {
            improved = false
            for slot in owners.indices where conflicts(at: slot) > 0 {
                for other in owners.indices where owners[other] != owners[slot] {
                    budget -= 1
                    if budget < 0 { return }
                    let before = conflicts(at: slot) + conflicts(at: other)
                    owners.swapAt(slot, other)
                    if conflicts(at: slot) + conflicts(at: other) < before {
                        improved = true
                        break
                    }
                    owners.swapAt(slot, other)
                }
            }
        }
    }

    private func conflicts(at slot: Int) -> Int {
        var conflicts = 0
        for distance in stride(from: 1, to: max(ownerSpacing, zoneSpacing), by: 1) {
            for side in [slot + distance, slot + owners.count * distance - distance] {
                let other = side % owners.count
                if other != slot { conflicts += conflict(owners[slot], owners[other], distance: distance) }
            }
        }
        return conflicts
    }
}
