import Checkers
import Workload

/// What a team demands of its runs before it releases: read from a YAML file by ``PolicyFile``, judged by ``Gate``.
public struct Policy: Sendable, Hashable {
    public var name: String
    /// Whether every run must have been made by the executables that judge it.
    public var demandsSameBuild = true
    /// Whether every fault must have a witness, and every run at least one.
    public var demandsWitnesses = true
    /// Demands on every run, whatever its workload.
    public var everywhere = Demands()
    public var workloads: [WorkloadRule] = []
    public var waivers: [Waiver] = []
    public var calibration: CalibrationRule?

    public init(name: String) { self.name = name }

    /// What is demanded of a single run.
    public struct Demands: Sendable, Hashable {
        /// Checkers that must be true; those that the history itself names must be in any case.
        public var checkers: [CheckerName] = []
        /// The least of each count, by its name.
        public var floors: [String: Int] = [:]
        public var ceilings = Ceilings()
        public init() {}

        /// Both together: the stricter of the two where both speak of the same thing.
        func and(_ other: Demands) -> Demands {
            var both = self
            both.checkers += other.checkers.filter { !checkers.contains($0) }
            both.floors.merge(other.floors) { max($0, $1) }
            both.ceilings = ceilings.and(other.ceilings)
            return both
        }
    }

    /// The most that a run may take, in nanoseconds; nil: no limit.
    public struct Ceilings: Sendable, Hashable {
        /// From the heal until all replicas agreed.
        public var convergence: Int64?
        /// 99.9 % of the load's operations that succeeded took no longer.
        public var p999: Int64?
        /// Whole seconds of the load in which nothing succeeded.
        public var unavailable: Int64?
        public init() {}

        func and(_ other: Ceilings) -> Ceilings {
            var both = Ceilings()
            both.convergence = Self.lesser(convergence, other.convergence)
            both.p999 = Self.lesser(p999, other.p999)
            both.unavailable = Self.lesser(unavailable, other.unavailable)
            return both
        }

        private static func lesser(_ a: Int64?, _ b: Int64?) -> Int64? {
            guard let a, let b else { return a ?? b }
            return min(a, b)
        }
    }

    /// A workload that must have been run, and how.
    public struct WorkloadRule: Sendable, Hashable {
        public var workload: String
        /// With at least so many different seeds.
        public var seeds = 1
        public var demands = Demands()
        public var baseline: Baseline?

        public init(workload: String) { self.workload = workload }
    }

    /// An earlier run that later ones are compared with, and how much worse they may be, in percent of it.
    public struct Baseline: Sendable, Hashable {
        /// A run's directory or history; relative to the policy's own directory.
        public var run: String
        public var convergence: Int?
        public var p999: Int?
        /// The least throughput.
        public var throughput: Int?

        public init(run: String) { self.run = run }
    }

    /// How old a calibration may be, and what it must show.
    public struct CalibrationRule: Sendable, Hashable {
        /// The JSON that `dyno calibrate` left; relative to the policy's own directory.
        public var file: String
        public var withinDays: Int
        /// The least number of flaws looked for; each must have been found.
        public var flaws = 1
        /// The least number of runs of the sound store; none may have been a false alarm.
        public var soundRuns = 1

        public init(file: String, withinDays: Int) {
            self.file = file
            self.withinDays = withinDays
        }
    }
}

/// Known anomalies that do not stop a release for a while, because somebody answers for them.
public struct Waiver: Sendable, Hashable {
    /// The anomaly's type, `counter-regression`.
    public var anomaly: String
    /// Only in runs of this workload; nil: in all.
    public var workload: String?
    /// Only on keys (or ranges) like this, where `*` stands for any letters; nil: on all.
    public var key: String?
    /// Only at this node; nil: at all.
    public var node: String?
    public var owner: String
    public var reason: String
    /// The last day on which it holds.
    public var expires: CivilDate
    /// Its line in the policy file.
    public var line: Int

    public init(
        anomaly: String, workload: String?, key: String?, node: String?, owner: String, reason: String,
        expires: CivilDate, line: Int
    ) {
        self.anomaly = anomaly
        self.workload = workload
        self.key = key
        self.node = node
        self.owner = owner
        self.reason = reason
        self.expires = expires
        self.line = line
    }

    func covers(_ anomaly: Anomaly, in workload: String?) -> Bool {
        guard self.anomaly == anomaly.type.name else { return false }
        if let wanted = self.workload, wanted != workload { return false }
        if let pattern = key, !Wildcard.matches(anomaly.key ?? "", pattern) { return false }
        if let node, node != anomaly.node { return false }
        return true
    }
}

/// Patterns in which `*` stands for any letters, or none.
enum Wildcard {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.utf8), pattern = Array(pattern.utf8)
        var at = 0, next = 0
        // Where the last `*` stands, and how far into the text it reaches so far.
        var star: Int?, reach = 0
        while at < text.count {
            if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
                star = next
                reach = at
                next += 1
            } else if next < pattern.count, pattern[next] == text[at] {
                at += 1
                next += 1
            } else if let star {
                reach += 1
                at = reach
                next = star + 1
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
