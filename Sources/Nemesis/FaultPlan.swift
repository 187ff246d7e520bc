import Workload

/// A small generator of random numbers with a known course (Steele, Lea, Flood: *Fast splittable pseudorandom number
/// generators*, 2014): the same seed, the same faults.
public struct FaultGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// One fault with its time: what a line of a workload's `faults` comes to.
public struct PlannedFault: Sendable, Hashable {
    public var action: FaultSpec.Action
    /// Counted from the begin of the load.
    public var begin: Duration
    public var duration: Duration
    /// The line in the workload file.
    public var line: Int

    public var end: Duration { begin + duration }
}

/// Every fault of a run in the order of their begins: a pure function of the workload.
public struct FaultPlan: Sendable, Hashable {
    public let faults: [PlannedFault]
    /// When the last fault ends that is not repeated without a count: the load must last at least until then.
    public let lastBoundedEnd: Duration

    /// - Parameter horizon: how far faults that repeat without a count are planned.
    public init(_ specs: [FaultSpec], horizon: Duration = .seconds(3600)) {
        var faults: [PlannedFault] = []
        var last = Duration.zero
        for spec in specs {
            for begin in Self.begins(spec.schedule, horizon: horizon) {
                faults.append(PlannedFault(action: spec.action, begin: begin, duration: spec.duration, line: spec.line))
            }
            if Self.isBounded(spec.schedule), let end = faults.last?.end { last = max(last, end) }
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

extension FaultSpec.Shape {
    /// The sides of the network partition among `nodes`; `isolated` is the node that `isolate` chose.
    public func groups(of nodes: [String], isolated: String?, using generator: inout FaultGenerator) -> [[String]] {
        switch self {
        case .groups(let groups):
            return groups
        case .halves:
            let shuffled = nodes.shuffled(using: &generator)
            return [Array(shuffled[..<(nodes.count / 2)]), Array(shuffled[(nodes.count / 2)...])]
        case .majority:
            let shuffled = nodes.shuffled(using: &generator)
            let majority = nodes.count / 2 + 1
            return [Array(shuffled[..<majority])] + shuffled[majority...].map { [$0] }
        case .isolate:
            guard let isolated else { return [] }
            return [[isolated], nodes.filter { $0 != isolated }]
        }
    }
}
