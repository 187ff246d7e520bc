/// The ring cut into equal slices: each is a contiguous range of positions, whatever their number.
extension Hash128 {
    static let last = Hash128(high: .max, low: .max)

    /// The positions `p` with `p · count / 2^128 = index`, rounded down: those that ``Ring/partition(of:)`` puts into
    /// one partition.
    ///
    /// - Parameters:
    ///   - index: of `0 ..< count`.
    ///   - count: above 0.
    public static func slice(_ index: Int, of count: Int) -> ClosedRange<Hash128> {
        let next = index + 1 < count ? start(index + 1, of: count).predecessor : last
        return start(index, of: count)...next
    }

    /// The slice of `count` in which the position lies: `position · count / 2^128`, rounded down, exactly.
    func slice(of count: Int) -> Int {
        let count = UInt64(count)
        let high = high.multipliedFullWidth(by: count)
        let low = low.multipliedFullWidth(by: count)
        let carry: UInt64 = high.low.addingReportingOverflow(low.high).overflow ? 1 : 0
        return Int(high.high + carry)
    }

    /// `index · 2^128 / count`, rounded up.
    private static func start(_ index: Int, of count: Int) -> Hash128 {
        let divisor = UInt64(count)
        // The index is below the count, and so are remainders: no quotient overflows.
        let high = divisor.dividingFullWidth((UInt64(index), 0))
        let low = divisor.dividingFullWidth((high.remainder, 0))
        let down = Hash128(high: high.quotient, low: low.quotient)
        return low.remainder == 0 ? down : down.successor
    }

    private var successor: Hash128 {
        let (sum, carries) = low.addingReportingOverflow(1)
        return Hash128(high: carries ? high &+ 1 : high, low: sum)
    }

    private var predecessor: Hash128 {
        let (difference, borrows) = low.subtractingReportingOverflow(1)
        return Hash128(high: borrows ? high &- 1 : high, low: difference)
    }
}

extension Ring {
    /// The positions that lie in a partition, of `0 ..< partitions`.
    public func positions(of partition: Int) -> ClosedRange<Hash128> { Hash128.slice(partition, of: partitions) }
}
