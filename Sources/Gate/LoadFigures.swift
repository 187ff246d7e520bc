import History

/// What the load of a run achieved: a pure function of its history.
public struct LoadFigures: Sendable, Hashable {
    /// Operations of the load that completed `ok`.
    public var ok = 0
    /// Nanoseconds that the load lasted.
    public var span: Int64 = 0
    /// Nanoseconds that half, and 99.9 %, of the operations that completed `ok` took at most; nil when there is none.
    public var p50: Int64?
    public var p999: Int64?
    /// Nanoseconds of whole seconds in which operations were under way and none completed `ok`.
    public var unavailable: Int64 = 0

    /// Operations completed `ok` a second.
    public var throughput: Double { span > 0 ? Double(ok) / (Double(span) / 1e9) : 0 }

    /// Measures what lies between `phase load` and `phase heal`; without them, all that lies before `phase final`.
    public init(_ history: History) {
        let bounds = Self.bounds(history)
        guard let first = history.events.first else { return }
        let begin = bounds.lowerBound < history.events.count ? history.events[bounds.lowerBound].time : first.time
        let end = bounds.isEmpty ? begin : history.events[bounds.upperBound - 1].time
        span = end - begin
        let partner = history.pairing()
        var latencies = ContiguousArray<Int64>()
        var seconds = [Bool](repeating: false, count: Int(span / 1_000_000_000))
        var isUnderWay = seconds
        for index in bounds where history.events[index].process.isClient {
            let event = history.events[index]
            let second = Int((event.time - begin) / 1_000_000_000)
            if second < seconds.count { isUnderWay[second] = true }
            guard event.type == .ok, partner[index] >= 0 else { continue }
            latencies.append(event.time - history.events[Int(partner[index])].time)
            if second < seconds.count { seconds[second] = true }
        }
        ok = latencies.count
        latencies.sort()
        p50 = Self.quantile(0.5, latencies)
        p999 = Self.quantile(0.999, latencies)
        Self.carry(&isUnderWay, history, partner, bounds, begin)
        unavailable = Int64(zip(seconds, isUnderWay).count { !$0 && $1 }) * 1_000_000_000
    }

    private static func bounds(_ history: History) -> Range<Int> {
        func first(_ name: String) -> Int? {
            guard let identifier = history.strings.identifier(of: name) else { return nil }
            return history.events.firstIndex {
                $0.function == .phase && $0.process == .controller && $0.value == identifier
            }
        }
        let begin = first("load") ?? 0
        let end = first("heal") ?? first("final") ?? history.events.count
        return begin..<max(begin, end)
    }

    /// Marks the seconds through which an operation lasted, also those without an event of its own.
    private static func carry(
        _ isUnderWay: inout [Bool], _ history: History, _ partner: ContiguousArray<Int32>, _ bounds: Range<Int>,
        _ begin: Int64
    ) {
        for index in bounds where history.events[index].process.isClient && history.events[index].type == .invoke {
            let from = (history.events[index].time - begin) / 1_000_000_000
            let end = partner[index] >= 0 ? history.events[Int(partner[index])].time : history.events[index].time
            let to = (end - begin) / 1_000_000_000
            guard to > from else { continue }
            for second in Int(from)...Int(to) where second < isUnderWay.count { isUnderWay[second] = true }
        }
    }

    private static func quantile(_ share: Double, _ sorted: ContiguousArray<Int64>) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((Double(sorted.count) * share).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
