/// Values of which shares are asked for: exact, whatever their number, and mergeable.
///
/// Each distinct value is kept once, with how often it came. So what a long history takes depends on how finely its times are
/// stamped (12 bytes a distinct value, and as much again while new ones are sorted in), not on its length.
struct Distribution {
    /// Distinct, ascending.
    private var values: ContiguousArray<Int64> = []
    /// How many of the values are not above it, by distinct value.
    private var ranks: ContiguousArray<Int32> = []
    /// As they came, to be sorted in.
    private var recent: ContiguousArray<Int64> = []

    private static let mostRecent = 1 << 14

    var count: Int { Int(ranks.last ?? 0) + recent.count }

    mutating func add(_ value: Int64) {
        recent.append(value)
        // As many at a time as are there already, so that all in all each value is moved a few times only.
        if recent.count >= max(Distribution.mostRecent, values.count / 2) { settle() }
    }

    mutating func merge(_ other: Distribution) {
        for value in other.recent { add(value) }
        settle()
        var counted = ContiguousArray<(value: Int64, count: Int32)>()
        counted.reserveCapacity(other.values.count)
        for place in other.values.indices {
            counted.append((other.values[place], other.ranks[place] - (place > 0 ? other.ranks[place - 1] : 0)))
        }
        insert(counted)
    }

    /// The smallest value that at least this share of the values does not exceed; nil when there are none.
    mutating func quantile(_ share: Double) -> Int64? {
        settle()
        guard count > 0 else { return nil }
        let rank = min(max(Int((share * Double(count)).rounded(.up)), 1), count)
        var (low, high) = (0, ranks.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if Int(ranks[middle]) >= rank { high = middle } else { low = middle + 1 }
        }
        return values[low]
    }

    private mutating func settle() {
        if recent.isEmpty { return }
        recent.sort()
        var counted = ContiguousArray<(value: Int64, count: Int32)>()
        for value in recent {
            if let last = counted.last, last.value == value {
                counted[counted.count - 1].count += 1
            } else {
                counted.append((value, 1))
            }
        }
        recent.removeAll(keepingCapacity: true)
        insert(counted)
    }

    /// Sorts in values that are distinct and ascending.
    private mutating func insert(_ added: ContiguousArray<(value: Int64, count: Int32)>) {
        if added.isEmpty { return }
        let (oldValues, oldRanks) = (values, ranks)
        (values, ranks) = ([], [])
        values.reserveCapacity(oldValues.count + added.count)
        ranks.reserveCapacity(oldValues.count + added.count)
        var (old, new, rank) = (0, 0, Int32(0))
        while old < oldValues.count || new < added.count {
            let value = old < oldValues.count ? oldValues[old] : Int64.max
            let next = new < added.count ? min(value, added[new].value) : value
            if old < oldValues.count, value == next {
                rank += oldRanks[old] - (old > 0 ? oldRanks[old - 1] : 0)
                old += 1
            }
            if new < added.count, added[new].value == next {
                rank += added[new].count
                new += 1
            }
            values.append(next)
            ranks.append(rank)
        }
    }
}
