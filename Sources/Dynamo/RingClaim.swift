/// Who claims which partition: as many as the weight says, to within one or two, and spread so that each run of N
/// partitions, also across the end of the ring, belongs to N distinct nodes and as many zones as there are.
///
/// That is not always possible: not where a node has more than 1/N of the weight, nor where a leaver's partitions can go
/// only to their neighbours' owners. Preference lists hold distinct nodes there all the same, since the walk along the
/// ring never takes a node twice; only load is spread a little less evenly.
struct RingClaim: Sendable, Hashable {
    var members: [Member]
    /// The index of the owning member, by partition.
    var owners: [Int]
    let n: Int
    var spacing: RingSpacing

    /// Deals a new ring out.
    init(members: [Member], partitions: Int, n: Int) {
        self.members = members
        self.n = n
        spacing = RingSpacing(members: members, n: n)
        owners = []
        let quotas = RingClaim.quotas(members.map(\.weight), partitions: partitions)
        if spacing.isPossible(quotas: quotas, partitions: partitions), deal(quotas) { return }
        place(quotas)
        untangle(Array(owners.indices))
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

    // MARK: A new ring

    /// Deals partitions out in order, each to the member whose next turn is due first, and goes back where none is left
    /// that keeps the spacing. False when that took too long.
    private mutating func deal(_ quotas: [Int]) -> Bool {
        let partitions = quotas.reduce(0, +)
        var used = Array(repeating: 0, count: quotas.count)
        owners = Array(repeating: -1, count: partitions)
        var slot = 0
        var choices = [candidates(for: 0, quotas, used)]
        var budget = 4_000 + 140 * min(partitions, 256) + 2 * partitions
        while slot < partitions {
            budget -= 1
            if budget < 0 { return false }
            if let next = choices[slot].popLast() {
                owners[slot] = next
                used[next] += 1
                slot += 1
                if slot < partitions { choices.append(candidates(for: slot, quotas, used)) }
            } else {
                choices.removeLast()
                slot -= 1
                if slot < 0 { return false }
                used[owners[slot]] -= 1
                owners[slot] = -1
            }
        }
        return true
    }

    /// Members that may take a slot, the one whose turn is due first at the end.
    private func candidates(for slot: Int, _ quotas: [Int], _ used: [Int]) -> [Int] {
        let isFree = spacing.membersFree(at: slot, in: owners)
        var candidates: [Int] = []
        for member in quotas.indices where isFree[member] && used[member] < quotas[member] {
            let place = candidates.firstIndex { isDue($0, before: member, quotas, used) } ?? candidates.count
            candidates.insert(member, at: place)
        }
        return candidates
    }

    /// The k-th turn of a member with quota q is due at (k + ½) / q of the ring.
    private func isDue(_ one: Int, before other: Int, _ quotas: [Int], _ used: [Int]) -> Bool {
        let left = (2 * used[one] + 1) * quotas[other]
        let right = (2 * used[other] + 1) * quotas[one]
        return left != right ? left < right : one < other
    }

    /// Deals partitions out in order, each to a member with the fewest conflicts.
    private mutating func place(_ quotas: [Int]) {
        let partitions = quotas.reduce(0, +)
        var used = Array(repeating: 0, count: quotas.count)
        owners = Array(repeating: -1, count: partitions)
        for slot in 0..<partitions {
            var best: (member: Int, conflicts: Int)?
            for member in quotas.indices where used[member] < quotas[member] {
                let conflicts = spacing.conflicts(of: member, at: slot, in: owners)
                guard let leader = best else {
                    best = (member, conflicts)
                    continue
                }
                let isSooner = isDue(member, before: leader.member, quotas, used)
                if conflicts < leader.conflicts || conflicts == leader.conflicts && isSooner {
                    best = (member, conflicts)
                }
            }
            // The quotas sum to the number of partitions, so there always is one.
            guard let best else { return }
            owners[slot] = best.member
            used[best.member] += 1
        }
    }

    // MARK: Evenness

    /// Every member once, in the order in which the walk along the ring meets them, then dealt out in rounds that take
    /// each zone at most once.
    func preference(from start: Int) -> [Int] {
        var met = Array(repeating: false, count: members.count)
        var order: [Int] = []
        for step in 0..<owners.count where order.count < members.count {
            let owner = owners[(start + step) % owners.count]
            if !met[owner] {
                met[owner] = true
                order.append(owner)
            }
        }
        // More members than partitions: those without any come last.
        order += members.indices.filter { !met[$0] }
        return spacing.zone > 1 ? dealt(order) : order
    }

    private func dealt(_ members: [Int]) -> [Int] {
        var rest = members
        var dealt: [Int] = []
        while !rest.isEmpty {
            var zones: Set<String> = []
            var later: [Int] = []
            for member in rest {
                if zones.insert(self.members[member].zone).inserted {
                    dealt.append(member)
                } else {
                    later.append(member)
                }
            }
            if zones.count == 1 { return dealt + later }
            rest = later
        }
        return dealt
    }

    func counts() -> [Int] {
        var counts = Array(repeating: 0, count: members.count)
        for owner in owners where owner >= 0 { counts[owner] += 1 }
        return counts
    }

    /// Swaps partitions among some slots while that lessens conflicts.
    mutating func untangle(_ slots: [Int]) {
        var budget = 400_000
        var improved = true
        while improved {
            improved = false
            for slot in slots where conflicts(at: slot) > 0 {
                for other in slots where owners[other] != owners[slot] {
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

    private func conflicts(at slot: Int) -> Int { spacing.conflicts(of: owners[slot], at: slot, in: owners) }
}
