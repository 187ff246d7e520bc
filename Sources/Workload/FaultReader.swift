import Yams

/// The `faults` of a workload file. A new kind of fault is a row in ``FaultReader/actions``, its key in ``WorkloadSchema/fault``
/// and a case of ``FaultSpec/Action``.
struct FaultReader {
    let reader: MappingReader
    let nodes: [String]
    let zones: [String]

    /// All faults, in the order of the file.
    static func faults(_ top: MappingReader, store: StoreSpec) throws(WorkloadError) -> [FaultSpec] {
        guard let items = try top.list("faults", of: "mappings such as { kill: home, at: 5s, for: 2s }") else {
            return []
        }
        var faults: [FaultSpec] = []
        for (index, item) in items.enumerated() {
            let reader = try MappingReader(
                item, path: "faults[\(index + 1)]", file: top.file, allowed: WorkloadSchema.fault.allowed,
                line: item.mark?.line ?? top.node("faults")?.line)
            faults.append(try FaultReader(reader: reader, nodes: store.nodeNames, zones: store.zoneNames).fault())
        }
        return faults
    }

    /// A kind of fault: the key that names it, the keys that only some kinds know, and how it is read.
    struct Action {
        var key: String
        var parameters: [String] = []
        /// Whether it is over when it has begun, so that it needs no `for`.
        var isLasting = true
        var read: (FaultReader) throws(WorkloadError) -> FaultSpec.Action
    }

    private func fault() throws(WorkloadError) -> FaultSpec {
        if reader.has("weight") { throw reader.failure("weight", "belongs to random.faults only") }
        let (action, kind) = try action()
        let duration = try length()
        if kind.isLasting, duration == nil { throw failure("must say how long it lasts: for: 2s") }
        return FaultSpec(action: action, schedule: try schedule(), duration: duration ?? .zero, line: reader.line)
    }

    /// What is done, whenever that is.
    func action() throws(WorkloadError) -> (FaultSpec.Action, kind: Action) {
        let actions = Self.actions
        let given = actions.filter { reader.has($0.key) }
        let names = actions.map(\.key).listed
        guard let action = given.first else { throw failure("must have one of \(names)") }
        guard given.count == 1 else { throw failure("must have only one of \(names), not \(given.map(\.key).listed)") }
        let parameters = Set(actions.flatMap(\.parameters)).sorted()
        for parameter in parameters where !action.parameters.contains(parameter) && reader.has(parameter) {
            let owners = actions.filter { $0.parameters.contains(parameter) }.map(\.key)
            throw reader.failure(parameter, "belongs to \(owners.listed), not to \(action.key)")
        }
        return (try action.read(self), action)
    }

    /// How long it lasts, where that is said.
    func length() throws(WorkloadError) -> Duration? {
        try reader.duration("for", .milliseconds(10) ... .hours(1))
    }

    private func schedule() throws(WorkloadError) -> FaultSpec.Schedule {
        let at = try reader.duration("at", .zero ... .hours(24))
        let every = try reader.duration("every", .milliseconds(100) ... .hours(24))
        let from = try reader.duration("from", .zero ... .hours(24))
        let count = try reader.integer("count", 1...100_000)
        switch (at, every) {
        case (nil, nil): throw failure("must say when: at: 10s, or every: 3s")
        case (_?, _?): throw failure("must have only one of at, every")
        case (nil, let every?): return .repeated(every: every, from: from ?? every, count: count)
        case (let at?, nil):
            for key in ["from", "count"] where reader.has(key) {
                throw reader.failure(key, "belongs to every, not to at")
            }
            return .once(at: at)
        }
    }

    func failure(_ message: String) -> WorkloadError {
        WorkloadError(file: reader.file, line: reader.line, message: "\(reader.path) \(message)")
    }
}
