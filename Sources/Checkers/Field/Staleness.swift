import History

/// How far the reads of a history were behind, as the checker *staleness* counts it: for charts.
public struct Staleness: Sendable, Hashable {
    /// Reads that began after a put of their key was acknowledged.
    public private(set) var reads = 0
    /// How long before a read the oldest write was acknowledged that it missed, in nanoseconds; only of reads that missed
    /// one; ascending.
    public private(set) var ages: [Int64] = []
    /// By the number of writes that a read missed, from 1 on: how many reads.
    public private(set) var missed: [Int: Int] = [:]

    public init(_ history: History) {
        StalenessChecker.forEachRead(Subject(history: history)) { count, age in
            reads += 1
            guard count > 0 else { return }
            missed[count, default: 0] += 1
            ages.append(age)
        }
        ages.sort()
    }

    /// The share of reads that returned everything acknowledged at least `nanoseconds` before they began.
    public func share(after nanoseconds: Int64) -> Double {
        guard reads > 0 else { return 1 }
        var low = 0, high = ages.count
        while low < high {
            let middle = (low + high) / 2
            if ages[middle] >= nanoseconds { high = middle } else { low = middle + 1 }
        }
        return 1 - Double(ages.count - low) / Double(reads)
    }
}
