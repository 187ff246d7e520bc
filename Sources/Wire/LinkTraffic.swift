/// When packets passed a point of the network in one direction: counts by slices of time, the first and the last time in each.
///
/// Times are nanoseconds since the run began. Exact at the edges of an interval, which is where a witness needs it: whether
/// any packet lies between two instants is decided by times, not by slices.
public struct LinkTraffic: Sendable {
    /// Length of a slice, in nanoseconds.
    public static let slice: Int64 = 10_000_000

    struct Slice: Sendable {
        var number: Int64
        var first: Int64
        var last: Int64
        var packets: Int
    }

    private var slices: [Slice] = []
    public private(set) var packets = 0
    public private(set) var bytes = 0

    public init() {}

    /// Counts a packet seen at `time`. Packets of one point come in the order of their times, but for a few that overtake.
    public mutating func add(time: Int64, bytes length: Int) {
        packets += 1
        bytes += length
        let number = time.quotient(Self.slice)
        var index = slices.count
        while index > 0, slices[index - 1].number > number { index -= 1 }
        if index > 0, slices[index - 1].number == number {
            slices[index - 1].packets += 1
            slices[index - 1].first = min(slices[index - 1].first, time)
            slices[index - 1].last = max(slices[index - 1].last, time)
        } else {
            slices.insert(Slice(number: number, first: time, last: time, packets: 1), at: index)
        }
    }

    /// Packets between the two instants; counts of the slices at the edges are whole. Whether it is 0 is exact for an
    /// interval longer than a slice.
    public func packets(after start: Int64, before end: Int64) -> Int {
        var count = 0
        for slice in slices where slice.last > start && slice.first < end {
            // Both known packets of a slice may lie outside with only unknown ones inside: then the slice's own counts decide.
            let edgesOutside = slice.first <= start && slice.last >= end
            if !edgesOutside || slice.packets > 2 { count += slice.packets }
        }
        return count
    }

    /// The time of the last packet at or before `time`.
    public func last(before time: Int64) -> Int64? {
        var found: Int64?
        for slice in slices where slice.first <= time { found = slice.last <= time ? slice.last : slice.first }
        return found
    }

    /// The time of the first packet at or after `time`.
    public func first(after time: Int64) -> Int64? {
        for slice in slices where slice.last >= time { return slice.first >= time ? slice.first : slice.last }
        return nil
    }
}

extension Int64 {
    /// Division towards negative infinity, so that slices before the run's beginning are slices too.
    fileprivate func quotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
