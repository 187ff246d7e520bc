import Workload

/// One fault with its time: what a line of a workload's `faults` comes to.
public struct PlannedFault: Sendable, Hashable {
    public var action: FaultSpec.Action
    /// Counted from the begin of the load.
    public var begin: Duration
    public var duration: Duration
    /// The line in the workload file.
    public var line: Int
    /// Whether the load must last until it has ended: all but what is repeated without a count.
    public var isBounded = true

    public init(action: FaultSpec.Action, begin: Duration, duration: Duration, line: Int) {
        self.action = action
        self.begin = begin
        self.duration = duration
        self.line = line
    }

    public var end: Duration { begin + duration }
}

/// Every fault of a run in the order of their begins: a pure function of the workload and the seed.
public struct FaultPlan: Sendable, Hashable {
    public let faults: [PlannedFault]
    /// When the last fault ends that is not repeated without a count: the load must last at least until then.
    public let lastBoundedEnd: Duration

    /// - Parameters:
    ///   - random: faults whose times are drawn.
    ///   - seed: what they are drawn from.
    ///   - horizon: how far faults that repeat without a count are planned.
    public init(
        _ specs: [FaultSpec], random: RandomFaults? = nil, seed: UInt64 = 0, horizon: Duration = .seconds(3600)
    ) {
        var faults: [PlannedFault] = []
        var last = Duration.zero
        for spec in specs {
            let isBounded = Self.isBounded(spec.schedule)
            for begin in Self.begins(spec.schedule, horizon: horizon) {
                var fault = PlannedFault(action: spec.action, begin: begin, duration: spec.duration, line: spec.line)
                fault.isBounded = isBounded
                faults.append(fault)
            }
            if isBounded, let end = faults.last?.end { last = max(last, end) }
        }
        if let random {
            let drawn = RandomPlan(random, seed: seed).faults
            faults += drawn
            last = drawn.map(\.end).reduce(last, max)
        }
        // A stable order: by begin, then as the file has them.
        self.faults = faults.enumerated().sorted { left, right in
            left.element.begin != right.element.begin
                ? left.element.begin < right.element.begin : left.offset < right.offset
        }.map(\.element)
        lastBoundedEnd = last
    }

    private static func begins(_ schedule: FaultSpec.Schedule, horizon: Duration) -> [Duration] {
        switch schedule {
        case .once(let at):
            return [at]
        case .repeated(let every, let from, let count):
            guard every > .zero else { return [] }
            var begins: [Duration] = []
            var next = from
            while next <= horizon, begins.count < count ?? Int.max {
                begins.append(next)
                next += every
            }
            return begins
        }
    }

    private static func isBounded(_ schedule: FaultSpec.Schedule) -> Bool {
        if case .repeated(_, _, nil) = schedule { return false }
        return true
    }
}
