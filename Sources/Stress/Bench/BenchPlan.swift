/// What a measurement of a store is made of: the rows of its table.
public struct BenchPlan: Sendable, Hashable {
    /// What happens to a node in the course of a row.
    public enum Fault: String, Sendable, Codable, CaseIterable {
        /// SIGKILL after a fifth of the time, started again after half of it.
        case kill
        /// SIGSTOP after a fifth of the time, SIGCONT after half of it.
        case pause
    }

    public struct Row: Sendable, Hashable {
        public var connections: Int
        public var putPercentage: Int
        public var fault: Fault?

        /// `50/50`, `all puts`, `all gets`, or for example `80/20`: gets, puts.
        public var mix: String {
            switch putPercentage {
            case 100: "all puts"
            case 0: "all gets"
            default: "\(100 - putPercentage)/\(putPercentage)"
            }
        }
    }

    public var connections = [16, 32, 64]
    /// Of each mix, the puts in a hundred operations.
    public var putPercentages = [50, 100]
    public var faults: [Fault] = [.kill, .pause]
    /// Seconds before a row is measured, and of its measurement; a row with a fault takes ``faultFactor`` times as long.
    public var warmUp = 3.0
    public var duration = 10.0
    /// Each client meets a fault once or twice: a percentile of operations says something about it only where there are
    /// many more operations than clients.
    public static let faultFactor = 3.0
    public var keys = 10_000
    public var valueSize = 100
    public var bucket = "bench"
    /// Puts pass back the context of the last answer; else the bucket keeps one version only.
    public var carriesContext = true
    /// Clients know the ring and speak to a home of each key.
    public var aware = false
    /// Seconds that a client waits for an answer.
    public var patience = 3.0
    public var seed: UInt64 = 1

    public init() {}

    /// Each mix with each number of connections; then, with the middle number and the first mix, each fault.
    public var rows: [Row] {
        var rows = putPercentages.flatMap { put in
            connections.map { Row(connections: $0, putPercentage: put, fault: nil) }
        }
        if let first = putPercentages.first, !connections.isEmpty {
            let middle = connections.sorted()[connections.count / 2]
            rows += faults.map { Row(connections: middle, putPercentage: first, fault: $0) }
        }
        return rows
    }

    /// Seconds that a row is measured.
    public func duration(of row: Row) -> Double { row.fault == nil ? duration : duration * Self.faultFactor }

    /// Why the plan cannot be carried out; nil when it can.
    public var objection: String? {
        if connections.isEmpty || !connections.allSatisfy((1...10_000).contains) {
            return "connections: 1 to 10000 each"
        }
        if putPercentages.isEmpty || !putPercentages.allSatisfy((0...100).contains) {
            return "puts: 0 to 100 in a hundred operations"
        }
        if !(0...600).contains(warmUp) || !(0.5...3_600).contains(duration) {
            return "warm-up: up to 600 seconds; duration: 0.5 to 3600 seconds"
        }
        if !(1...10_000_000).contains(keys) || !(1...1_048_576).contains(valueSize) {
            return "keys: 1 to 10000000; value size: 1 to 1048576 bytes"
        }
        if !(0.05...600).contains(patience) { return "patience: 0.05 to 600 seconds" }
        return nil
    }
}

/// What was measured in one row.
public struct BenchMeasure: Sendable, Hashable, Codable {
    public var connections: Int
    public var mix: String
    public var fault: BenchPlan.Fault?
    public var operations: Int
    /// Attempts that failed; each was made again elsewhere, and its operation's latency counts from the first.
    public var errors: Int
    public var seconds: Double
    public var operationsPerSecond: Double
    /// Milliseconds.
    public var p50: Double
    public var p99: Double
    public var p999: Double
    public var max: Double
    /// Processor time of all nodes an operation, in microseconds; nil where the nodes are not ours.
    public var nodeMicroseconds: Double?
    /// That of the load generator.
    public var loadMicroseconds: Double

    public init(
        connections: Int, mix: String, fault: BenchPlan.Fault?, operations: Int, errors: Int, seconds: Double,
        operationsPerSecond: Double, p50: Double, p99: Double, p999: Double, max: Double, nodeMicroseconds: Double?,
        loadMicroseconds: Double
    ) {
        self.connections = connections
        self.mix = mix
        self.fault = fault
        self.operations = operations
        self.errors = errors
        self.seconds = seconds
        self.operationsPerSecond = operationsPerSecond
        self.p50 = p50
        self.p99 = p99
        self.p999 = p999
        self.max = max
        self.nodeMicroseconds = nodeMicroseconds
        self.loadMicroseconds = loadMicroseconds
    }
}
