/// Faults whose times and order are drawn from the seed of a run.
public struct RandomFaults: Sendable, Hashable {
    /// One kind of fault that may be drawn.
    public struct Choice: Sendable, Hashable {
        public var action: FaultSpec.Action
        /// How often it is chosen, relative to the others.
        public var weight: Int
        /// How long it lasts; nil: drawn.
        public var duration: Duration?
        /// The line in the workload file, for messages.
        public var line: Int

        public init(action: FaultSpec.Action, weight: Int = 1, duration: Duration? = nil, line: Int = 0) {
            self.action = action
            self.weight = weight
            self.duration = duration
            self.line = line
        }
    }

    public var choices: [Choice]
    /// From one begin to the next, on average.
    public var meanInterval: Duration = .seconds(2)
    /// The least and the most that a fault lasts which does not say it.
    public var shortest: Duration = .milliseconds(500)
    public var longest: Duration = .seconds(3)
    /// Faults in force at the same time, at most.
    public var overlap = 2
    /// When the first may begin and when the last has ended, from the begin of the load.
    public var from: Duration = .seconds(1)
    public var until: Duration
    /// Whether each run leaves some choices out and turns others up (swarm testing: Groce et al., ISSTA 2012).
    public var swarm = false

    public init(choices: [Choice], until: Duration) {
        self.choices = choices
        self.until = until
    }
}

extension RandomFaults {
    /// Reads `random`; nil where there is none.
    init?(_ top: MappingReader, of workload: Workload) throws(WorkloadError) {
        guard let reader = try top.mapping(WorkloadSchema.random) else { return nil }
        var loadLength: Duration?
        if case .duration(let duration) = workload.length { loadLength = duration }
        guard let end = try reader.duration("until", .zero ... .hours(24)) ?? loadLength else {
            throw WorkloadError(
                file: reader.file, line: reader.line,
                message: "random must say until when: until: 20s (a load counted in operations has no end in time)")
        }
        self.init(choices: try FaultReader.choices(reader, store: workload.store), until: end)
        meanInterval = try reader.duration("mean-interval", .milliseconds(100) ... .hours(1)) ?? meanInterval
        let lengths = Duration.milliseconds(10) ... .hours(1)
        shortest = try reader.duration("shortest", lengths) ?? shortest
        longest = try reader.duration("longest", lengths) ?? max(longest, shortest)
        guard shortest <= longest else { throw reader.failure("longest", "must not be less than shortest") }
        overlap = try reader.integer("overlap", 1...100) ?? overlap
        from = try reader.duration("from", .zero ... .hours(24)) ?? from
        guard from < until else { throw reader.failure("until", "must be later than from") }
        swarm = try reader.toggle("swarm") ?? swarm
    }
}

extension FaultReader {
    /// The faults that may be drawn, in the order of the file.
    fileprivate static func choices(
        _ random: MappingReader, store: StoreSpec
    ) throws(WorkloadError) -> [RandomFaults.Choice] {
        let example = "mappings such as { kill: home, weight: 3 }"
        let items = try random.list("faults", of: example) ?? []
        guard !items.isEmpty else { throw random.failure("faults", "must list at least one fault, \(example)") }
        var choices: [RandomFaults.Choice] = []
        for (index, item) in items.enumerated() {
            let reader = try MappingReader(
                item, path: "random.faults[\(index + 1)]", file: random.file,
                allowed: WorkloadSchema.fault.keys.map(\.name), line: item.mark?.line ?? random.line)
            choices.append(try FaultReader(reader: reader, nodes: store.nodeNames, zones: store.zoneNames).choice())
        }
        return choices
    }

    private func choice() throws(WorkloadError) -> RandomFaults.Choice {
        for key in ["at", "every", "from", "count"] where reader.has(key) {
            throw reader.failure(key, "does not go with random, which draws the times")
        }
        let (action, kind) = try action()
        guard kind.isLasting else {
            throw reader.failure(kind.key, "changes the ring for good and cannot be drawn again and again")
        }
        return RandomFaults.Choice(
            action: action, weight: try reader.integer("weight", 1...1_000) ?? 1, duration: try length(),
            line: reader.line)
    }
}
