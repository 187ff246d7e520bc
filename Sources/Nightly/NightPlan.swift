/// What a night runs: every workload with every store configuration, again and again with fresh seeds, until its time is over.
public struct NightPlan: Sendable, Hashable {
    public var name: String
    /// Paths of workload files, relative to the plan's own directory.
    public var workloads: [String]
    public var stores = [StoreVariant(name: "default")]
    /// A flaw that must be found every night, or the night proves nothing.
    public var canary: Canary?
    /// How often a run with a new signature is made again, to see how often it fails.
    public var reproductions = 3
    /// The share of the time that is kept for making failures again and smaller, in percent.
    public var reductionShare = 40
    /// At most so many runs of the matrix; nil: as many as there is time for.
    public var matrixRuns: Int?

    public init(name: String, workloads: [String]) {
        self.name = name
        self.workloads = workloads
    }

    /// A store configuration of the matrix.
    public struct StoreVariant: Sendable, Hashable {
        public var name: String
        /// Keys of the workload's `store` mapping that it replaces, as YAML text.
        public var settings: [String: String] = [:]
        /// The node to run instead of the one beside `dyno`, relative to the plan's own directory.
        public var node: String?
        /// A flaw to plant.
        public var flaw: String?

        public init(name: String) { self.name = name }
    }

    public struct Canary: Sendable, Hashable {
        public var workload: String
        public var flaw: String
        /// The anomaly that must be found.
        public var anomaly: String

        public init(workload: String, flaw: String, anomaly: String) {
            self.workload = workload
            self.flaw = flaw
            self.anomaly = anomaly
        }
    }
}
