import Dynamo

/// What the node counts for its operator. Everything is counted on the event loop.
final class Metrics {
    enum Operation: String, CaseIterable {
        case get, put, delete
    }

    enum Outcome: String, CaseIterable {
        case ok
        /// The client asked for what cannot be, or its condition did not hold.
        case refused
        case timeout
        /// Too few replicas.
        case unavailable
        case storage
    }

    enum Port: String, CaseIterable {
        case client, http, peer
    }

    struct Served: Hashable {
        var operation: Operation
        var outcome: Outcome
    }

    var hintsStored = 0
    var hintsDelivered = 0
    var hintsDropped = 0
    var exchanges = 0
    var exchangeKeysDiffering = 0
    var exchangeBytes = 0
    /// Messages to and from peers, by what they are about.
    var sent: [MessageKind: Traffic] = [:]
    var received: [MessageKind: Int] = [:]
    var peerBytesReceived = 0
    var readRepairs = 0
    var quorumFailures = 0
    var forwarded = 0
    var hintsExpired = 0
    var manySiblings = 0
    var tombstonesReaped = 0
    var reapsAborted = 0
    var keysTransferred = 0
    var surplusSent = 0
    var surplusDeleted = 0
    var peerDropped = 0
    var peerRefused = 0
    var syncs = 0
    var syncNanoseconds: Int64 = 0
    var storeErrors = 0
    var corruptRows = 0
    var connections: [Port: Int] = [:]
    var connectionsRefused: [Port: Int] = [:]
    var connectionsDropped: [Port: Int] = [:]
    /// Live versions that gets found.
    var siblings = CountHistogram()
    private(set) var requests: [Served: LatencyHistogram] = [:]

    func count(_ operation: Operation, _ outcome: Outcome, nanoseconds: Int64) {
        requests[Served(operation: operation, outcome: outcome), default: LatencyHistogram()].record(nanoseconds)
    }

    /// All requests of a kind, however they ended.
    func latency(_ operation: Operation) -> LatencyHistogram {
        requests.reduce(into: LatencyHistogram()) { all, entry in
            if entry.key.operation == operation { all.add(entry.value) }
        }
    }

    /// Requests of a kind that did not end well.
    func failures(_ operation: Operation) -> Int {
        requests.reduce(0) { $0 + ($1.key.operation == operation && $1.key.outcome != .ok ? $1.value.count : 0) }
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
        case .hintExpired: hintsExpired += 1
        case .manySiblings: manySiblings += 1
        case .tombstonesReaped(let count): tombstonesReaped += count
        case .reapAborted: reapsAborted += 1
        case .transferred(let keys): keysTransferred += keys
        case .surplusSent: surplusSent += 1
        case .surplusDeleted: surplusDeleted += 1
        case .storeRefused: storeErrors += 1
        case .objectCorrupt, .nodeSuspected, .nodeRecovered, .ringChanged, .membershipRefused: break
        }
    }
}

/// Counts durations in buckets whose width grows with them, eight to each doubling, as HdrHistogram does: whatever the
/// duration, what is told of it is at most an eighth off, and the memory is fixed.
struct LatencyHistogram {
    private static let steps = 8
    /// Doublings from a microsecond to over a minute; what is longer counts as that long.
    private static let doublings = 26

    private var counts = [UInt32](repeating: 0, count: LatencyHistogram.steps * (LatencyHistogram.doublings + 1))
    private(set) var count = 0
    /// Nanoseconds.
    private(set) var sum: Int64 = 0
    private(set) var longest: Int64 = 0

    mutating func record(_ nanoseconds: Int64) {
        let nanoseconds = max(0, nanoseconds)
        counts[Self.index(UInt64(nanoseconds) / 1_000)] &+= 1
        count += 1
        sum += nanoseconds
        longest = max(longest, nanoseconds)
    }

    /// The microseconds below which a share of the durations lies, from 0 to 1; 0 when there are none.
    func quantile(_ share: Double) -> Int {
        let rank = Int((share * Double(count)).rounded(.up))
        var below = 0
        for (index, count) in counts.enumerated() {
            below += Int(count)
            if below >= max(1, rank) { return min(Int(Self.upperBound(index)), Int(longest / 1_000)) }
        }
        return 0
    }

    /// Adds what another has counted.
    mutating func add(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
        sum += other.sum
        longest = max(longest, other.longest)
    }

    /// Upper bounds in microseconds that Prometheus is told: powers of two, at which buckets end.
    private static let told = (7...23).map { UInt64(1) << UInt64($0) }

    /// Beside the text of each bound in seconds, how many lie in the bucket that it ends.
    var toldCounts: [(bound: String, count: Int)] {
        var next = 0
        return Self.told.map { bound in
            let end = Self.index(bound)
            defer { next = end }
            return ("\(Double(bound) / 1e6)", counts[next..<end].reduce(0) { $0 + Int($1) })
        }
    }

    /// Up to ``steps`` each microsecond has its bucket; from there on each doubling is cut into as many steps.
    private static func index(_ microseconds: UInt64) -> Int {
        if microseconds < UInt64(steps) { return Int(microseconds) }
        let exponent = 63 - microseconds.leadingZeroBitCount
        let step = Int(microseconds >> UInt64(exponent - 3)) & (steps - 1)
        return min((exponent - 2) * steps + step, steps * (doublings + 1) - 1)
    }

    /// The microseconds at which a bucket ends.
    private static func upperBound(_ index: Int) -> UInt64 {
        if index < steps { return UInt64(index) + 1 }
        return UInt64(steps + index % steps + 1) << UInt64(index / steps - 1)
    }
}

/// Counts small numbers in the buckets of a Prometheus histogram.
struct CountHistogram {
    static let bounds = [0, 1, 2, 3, 5, 10, 20, 50, 100]

    private(set) var counts = [Int](repeating: 0, count: CountHistogram.bounds.count + 1)
    private(set) var sum = 0

    var count: Int { counts.reduce(0, +) }

    mutating func record(_ number: Int) {
        counts[Self.bounds.firstIndex { number <= $0 } ?? Self.bounds.count] += 1
        sum += number
    }
}
