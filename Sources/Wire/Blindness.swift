/// When a capture did not see everything that passed a point of the network: from gaps in streams, packets that the kernel dropped, and
/// streams whose frames could not be told apart.
struct Blindness {
    private var intervals: [(from: Int64, to: Int64)] = []
    /// By stream: since when its frames cannot be told apart.
    private var open: [Int: Int64] = [:]
    private(set) var count = 0

    mutating func add(from: Int64, to: Int64) {
        count += 1
        if let last = intervals.last, from <= last.to, from >= last.from {
            intervals[intervals.count - 1].to = max(last.to, to)
        } else {
            intervals.append((from, to))
        }
    }

    mutating func begin(stream: Int, since: Int64) {
        if open[stream] == nil { open[stream] = since }
    }

    mutating func end(stream: Int, at time: Int64) {
        if let since = open.removeValue(forKey: stream) { add(from: since, to: time) }
    }

    /// Whether something may have passed unseen between two instants. What was seen last before an interval is no part of it.
    func overlaps(_ from: Int64, _ to: Int64) -> Bool {
        intervals.contains { $0.from < to && $0.to >= from } || open.values.contains { $0 < to }
    }
}
