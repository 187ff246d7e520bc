import Yams

/// Workload files: YAML text to ``Workload``. The keys are those of ``WorkloadSchema``.
public enum WorkloadFile {
    /// Reads a workload. `file` is used in messages and, without its directory and extension, as the default name.
    ///
    /// Throws a ``WorkloadError`` that names the file, the line and what is allowed there.
    public static func parse(text: String, file: String) throws(WorkloadError) -> Workload {
        let root = try YAMLDocument.root(of: text, file: file)
        let top = try MappingReader(root, path: "", file: file, allowed: WorkloadSchema.top.allowed)
        var workload = Workload(name: try name(top))
        if let store = try top.mapping(WorkloadSchema.store) { workload.store = try StoreSpec(store) }
        try readLoad(top, into: &workload)
        try readQuorums(top, into: &workload)
        workload.network = try top.choice("network", Workload.Network.self) ?? workload.network
        workload.faults = try FaultReader.faults(top, store: workload.store)
        workload.random = try RandomFaults(top, of: workload)
        try readVerdict(top, into: &workload)
        return workload
    }

    private static func readLoad(_ top: MappingReader, into workload: inout Workload) throws(WorkloadError) {
        workload.clients = try top.integer("clients", 1...10_000) ?? workload.clients
        workload.client = try top.choice("client", Workload.ClientKind.self) ?? workload.client
        workload.length = try length(top) ?? workload.length
        workload.rate = try top.integer("rate", 1...1_000_000)
        if let keys = try top.mapping(WorkloadSchema.keys) { workload.keys = try KeySpace(keys) }
        if let mix = try top.mapping(WorkloadSchema.mix) { workload.mix = try Workload.Mix(mix) }
        workload.valueSize = try top.integer("value-size", 24...1_048_576) ?? workload.valueSize
        workload.merge = try top.choice("merge", Workload.Merge.self) ?? workload.merge
        workload.clientTimeout = try top.duration("client-timeout", .shortWait) ?? workload.clientTimeout
        workload.settle = try top.duration("settle", .zero ... .hours(1))
        workload.seed = try top.unsigned("seed") ?? workload.seed
        workload.captureLimit = try top.integer("capture-limit", 0...10_000_000_000) ?? workload.captureLimit
    }

    private static func readQuorums(_ top: MappingReader, into workload: inout Workload) throws(WorkloadError) {
        let n = workload.store.n
        if let request = try top.mapping(WorkloadSchema.request) {
            workload.requestQuorum.r = try request.integer("r", 1...n)
            workload.requestQuorum.w = try request.integer("w", 1...n)
        }
        if let finalReads = try top.mapping(WorkloadSchema.finalReads) {
            workload.finalReadQuorum = try finalReads.integer("r", 1...n)
        }
    }

    private static func readVerdict(_ top: MappingReader, into workload: inout Workload) throws(WorkloadError) {
        workload.convergeWithin =
            try top.duration("converge-within", .milliseconds(100) ... .hours(1)) ?? workload.convergeWithin
        workload.checkers = try checkers(top) ?? workload.checkers
        guard let require = try top.mapping(WorkloadSchema.require) else { return }
        for requirement in Requirement.allCases {
            guard let minimum = try require.integer(requirement.rawValue, 1...1_000_000_000) else { continue }
            workload.require.append(Floor(requirement, minimum))
        }
    }

    private static func length(_ top: MappingReader) throws(WorkloadError) -> Workload.Length? {
        let operations = try top.integer("operations", 1...100_000_000)
        let duration = try top.duration("duration", .milliseconds(100) ... .hours(24))
        switch (operations, duration) {
        case (nil, nil): return nil
        case (let operations?, nil): return .operations(operations)
        case (nil, let duration?): return .duration(duration)
        case (_?, _?): throw top.failure("duration", "and operations exclude each other; give one of them")
        }
    }

    private static func checkers(_ top: MappingReader) throws(WorkloadError) -> [CheckerChoice]? {
        let allowed = CheckerChoice.allCases.map(\.rawValue)
        guard let items = try top.list("checkers", of: allowed.listed) else { return nil }
        var chosen: [CheckerChoice] = []
        for item in items {
            guard let text = MappingReader.text(of: item), let checker = CheckerChoice(rawValue: text) else {
                throw top.failure("checkers", MappingReader.notOne(of: allowed, item))
            }
            guard !chosen.contains(checker) else { throw top.failure("checkers", "names \(text) more than once") }
            chosen.append(checker)
        }
        guard !chosen.isEmpty else { throw top.failure("checkers", "must name at least one of \(allowed.listed)") }
        return chosen
    }

    /// The given name, or one made from the file's. It becomes part of a directory's name, hence the few letters.
    private static func name(_ top: MappingReader) throws(WorkloadError) -> String {
        let rule = "1 to 64 letters, digits, -, _ and ."
        guard let name = try top.text("name", expected: rule) else {
            let base = top.file.split(separator: "/").last ?? "workload"
            let stem = base.split(separator: ".").first ?? base
            return String(stem.map { isNameCharacter($0) ? $0 : "-" }.prefix(64))
        }
        guard name.count <= 64, name.allSatisfy(isNameCharacter), !name.hasPrefix(".") else {
            throw top.failure("name", "must be \(rule), not beginning with a dot")
        }
        return name
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
    }
}

extension ClosedRange<Duration> {
    /// What a single request may take.
    static var shortWait: Self { .milliseconds(10) ... .seconds(600) }
}

extension Duration {
    static func hours(_ count: Int) -> Duration { .seconds(3_600 * count) }
}
