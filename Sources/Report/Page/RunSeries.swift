import Foundation
import History

/// Throughput and latency of a history's client operations over time.
public struct RunSeries: Sendable, Hashable {
    /// What completed in one slice of time.
    public struct Slice: Sendable, Hashable {
        public var ok = 0
        public var fail = 0
        public var info = 0
        /// Latencies of what ended ok, in milliseconds; nil where nothing did.
        public var p50: Double?
        public var p99: Double?
        public var p999: Double?
    }

    /// At most so many slices: of a longer run each is more than a second long.
    static let maximumSlices = 900

    /// Of a run shorter than this, in seconds, a slice is shorter than a second.
    private static let shortRun = 5.0

    /// The length of a slice, in seconds: 1, or more for a long run, less for a very short one.
    public var seconds: Double
    public var slices: [Slice]

    /// - Parameter partner: ``History/pairing()``.
    public init(_ history: History, partner: ContiguousArray<Int32>) {
        let span = max(0, history.events.last?.time ?? 0)
        let length = Self.sliceLength(of: span)
        seconds = Double(length) / 1e9
        slices = Array(repeating: Slice(), count: Int(span / length) + 1)
        var latencies = [[Float]](repeating: [], count: slices.count)
        for index in history.events.indices {
            let event = history.events[index]
            guard event.process.isClient, event.type != .invoke, partner[index] >= 0, event.time >= 0 else { continue }
            let slice = Int(event.time / length)
            switch event.type {
            case .ok:
                slices[slice].ok += 1
                latencies[slice].append(Float(event.time &- history.events[Int(partner[index])].time) / 1e6)
            case .fail: slices[slice].fail += 1
            case .info, .invoke: slices[slice].info += 1
            }
        }
        for slice in slices.indices where !latencies[slice].isEmpty {
            latencies[slice].sort()
            slices[slice].p50 = Self.rank(0.5, latencies[slice])
            slices[slice].p99 = Self.rank(0.99, latencies[slice])
            slices[slice].p999 = Self.rank(0.999, latencies[slice])
        }
    }

    /// Nanoseconds: a round number.
    private static func sliceLength(of span: Int64) -> Int64 {
        let second: Int64 = 1_000_000_000
        if Double(span) / 1e9 >= Self.shortRun {
            return max(1, (span / second + Int64(maximumSlices) - 1) / Int64(maximumSlices)) * second
        }
        var power: Int64 = 1
        while power * 200 < span { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { span / $0 < 40 } ?? second
    }

    /// The nearest rank: the smallest value that at least the share `p` of all are not above.
    static func rank(_ p: Double, _ sorted: [Float]) -> Double {
        Double(sorted[min(sorted.count - 1, max(0, Int((p * Double(sorted.count)).rounded(.up)) - 1))])
    }
}
