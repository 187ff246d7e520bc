import Dynamo

/// What the node counts for its operator. Everything is counted on the event loop.
final class Metrics {
    enum Operation: String, CaseIterable {
        case get, put, delete
    }

    var hintsStored = 0
    var hintsDelivered = 0
    var hintsDropped = 0
    var exchanges = 0
    var exchangeKeysDiffering = 0
    var exchangeBytes = 0
    var readRepairs = 0
    var quorumFailures = 0
    var forwarded = 0
    var peerDropped = 0
    var peerRefused = 0
    var syncs = 0
    var syncNanoseconds: Int64 = 0
    var storeErrors = 0
    var corruptRows = 0
    var clientConnections = 0
    private(set) var requests: [Operation: (ok: Int, failed: Int, latency: LatencyHistogram)] = [:]

    func count(_ operation: Operation, ok: Bool, nanoseconds: Int64) {
        var entry = requests[operation] ?? (0, 0, LatencyHistogram())
        if ok { entry.ok += 1 } else { entry.failed += 1 }
        entry.latency.record(nanoseconds)
        requests[operation] = entry
    }

    /// Counts what the replica noted.
    func count(_ note: Note) {
        switch note {
        case .hintStored: hintsStored += 1
        case .hintDelivered: hintsDelivered += 1
        case .hintDropped: hintsDropped += 1
        case .readRepaired: readRepairs += 1
        case .exchanged(_, _, let keysDiffering):
            exchanges += 1
            exchangeKeysDiffering += keysDiffering
        case .forwarded: forwarded += 1
        case .quorumFailed: quorumFailures += 1
        case .nodeSuspected, .nodeRecovered: break
        }
    }
}

/// Counts durations in the buckets of a Prometheus histogram.
struct LatencyHistogram {
    /// Upper bounds in nanoseconds, beside the text that names each in seconds.
    static let bounds: [(nanoseconds: Int64, label: String)] = [
        (500_000, "0.0005"), (1_000_000, "0.001"), (2_000_000, "0.002"), (4_000_000, "0.004"), (8_000_000, "0.008"),
        (16_000_000, "0.016"), (32_000_000, "0.032"), (64_000_000, "0.064"), (128_000_000, "0.128"),
        (256_000_000, "0.256"), (512_000_000, "0.512"), (1_024_000_000, "1.024"), (2_048_000_000, "2.048"),
    ]

    private(set) var counts = [Int](repeating: 0, count: LatencyHistogram.bounds.count + 1)
    private(set) var sum: Int64 = 0

    var count: Int { counts.reduce(0, +) }

    mutating func record(_ nanoseconds: Int64) {
        let index = Self.bounds.firstIndex { nanoseconds <= $0.nanoseconds } ?? Self.bounds.count
        counts[index] += 1
        sum += max(0, nanoseconds)
    }
}
