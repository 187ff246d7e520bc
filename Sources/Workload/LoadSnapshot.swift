/// Operations of one kind, by how they ended.
public struct OutcomeCounts: Sendable, Hashable {
    public var ok = 0
    public var fail = 0
    public var info = 0
    public var total: Int { ok + fail + info }
    public init() {}
}

/// A load while it runs: what the progress display shows.
public struct LoadSnapshot: Sendable, Hashable {
    public var gets = OutcomeCounts()
    public var puts = OutcomeCounts()
    public var deletes = OutcomeCounts()
    /// Begun and not completed.
    public var inFlight = 0
    /// Operations completed in the last second.
    public var operationsPerSecond = 0.0
    public var latency = LatencySummary()
    /// Reads that returned two or more versions.
    public var siblingReads = 0
    /// Processes that ended in `info` and were replaced.
    public var retiredProcesses = 0

    public var completed: Int { gets.total + puts.total + deletes.total }
    public var ok: Int { gets.ok + puts.ok + deletes.ok }
    public init() {}
}

/// Latencies of completed operations in microseconds.
public struct LatencySummary: Sendable, Hashable {
    public var p50: UInt64 = 0
    public var p99: UInt64 = 0
    public var p999: UInt64 = 0
    public var max: UInt64 = 0
    public init() {}
}

/// What a load came to.
public struct LoadResult: Sendable, Hashable {
    public var snapshot = LoadSnapshot()
    /// Wall time of the load.
    public var duration: Duration = .zero
    /// Every key of a put or delete that was sent, in the order of the first one.
    public var keysWritten: [String] = []
    /// ``LoadRunner/stop()`` ended it.
    public var stopped = false
    public init() {}
}

/// What the final reads came to.
public struct FinalReadResult: Sendable, Hashable {
    /// Reads completed `ok`.
    public var ok = 0
    /// Keys that were not read through two nodes (or through the only one) before the timeout.
    public var unread: [String] = []

    public init(ok: Int = 0, unread: [String] = []) {
        self.ok = ok
        self.unread = unread
    }
}
