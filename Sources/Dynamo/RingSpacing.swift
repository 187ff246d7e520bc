/// How far apart on the ring the partitions of one owner, and of one zone, should lie: so far that each run of N
/// partitions belongs to N distinct nodes and to as many zones as there are.
struct RingSpacing: Sendable, Hashable {
    private let zones: [Int]
    /// Partitions at a lesser distance must differ in owner, or in zone.
    let owner: Int, zone: Int

    init(members: [Member], n: Int) {
        var names: [String] = []
        for member in members where !names.contains(member.zone) { names.append(member.zone) }
        zones = members.map { member in names.firstIndex(of: member.zone) ?? 0 }
        owner = min(n, members.count)
        zone = min(n, names.count)
    }

    /// How badly a member would sit at a slot, by all slots near enough to matter, around the ring's end too; 0: well.
    ///
    /// - Parameter owners: by partition, negative where nobody sits yet.
    func conflicts(of member: Int, at slot: Int, in owners: [Int]) -> Int {
        let reach = min(max(owner, zone) - 1, owners.count / 2)
        var conflicts = 0
        for distance in stride(from: 1, through: reach, by: 1) {
            let right = (slot + distance) % owners.count
            let left = (slot + owners.count - distance) % owners.count
            conflicts += conflict(member, owners[right], distance: distance)
            if left != right { conflicts += conflict(member, owners[left], distance: distance) }
        }
        return conflicts
    }

    /// By member: whether it would sit well at a slot.
    func membersFree(at slot: Int, in owners: [Int]) -> [Bool] {
        var isFree = Array(repeating: true, count: zones.count)
        var takenZones: [Int] = []
        let reach = min(max(owner, zone) - 1, owners.count / 2)
        for distance in stride(from: 1, through: reach, by: 1) {
            for side in [slot + distance, slot + owners.count - distance] {
                let other = owners[side % owners.count]
                if other < 0 { continue }
                if distance < owner { isFree[other] = false }
                if distance < zone { takenZones.append(zones[other]) }
            }
        }
        if takenZones.isEmpty { return isFree }
        for member in zones.indices where takenZones.contains(zones[member]) { isFree[member] = false }
        return isFree
    }

    /// Whether shares of the ring can keep the spacing at all.
    func isPossible(quotas: [Int], partitions: Int) -> Bool {
        var byZone: [Int: Int] = [:]
        for (member, quota) in quotas.enumerated() {
            if quota > 1, quota * owner > partitions { return false }
            byZone[zones[member], default: 0] += quota
        }
        return byZone.values.allSatisfy { $0 <= 1 || $0 * zone <= partitions }
    }

    /// The same owner too near weighs more than the same zone too near.
    private func conflict(_ one: Int, _ other: Int, distance: Int) -> Int {
        if other < 0 { return 0 }
        if distance < owner, one == other { return 4 }
        if distance < zone, zones[one] == zones[other] { return 1 }
        return 0
    }
}
