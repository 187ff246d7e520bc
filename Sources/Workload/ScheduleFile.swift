import Yams

/// Schedule files: faults with their targets and times, in place of those of a workload. `dyno show --schedule` writes them and
/// `dyno run --schedule` carries them out; YAML, or JSON, which is YAML with quotes.
public enum ScheduleFile {
    public struct Schedule: Sendable, Hashable {
        public var faults: [FaultSpec]
        /// The seed of the run that was recorded, for the same load; nil where the file does not say it.
        public var seed: UInt64?
    }

    private static let allowed = ["workload", "seed", "nodes", "faults"]

    /// Reads a schedule for a store.
    ///
    /// Throws a ``WorkloadError`` that names the file, the line and what is allowed there.
    public static func parse(text: String, file: String, store: StoreSpec) throws(WorkloadError) -> Schedule {
        var root = try YAMLDocument.root(of: text, file: file)
        guard root.mapping != nil else {
            throw WorkloadError(
                file: file, line: root.mark?.line ?? 1,
                message: "a schedule must be a mapping with the key faults, not \(MappingReader.kind(of: root))")
        }
        if text.first(where: { !$0.isWhitespace }) == "{" { root = unquoted(root) }
        let top = try MappingReader(root, path: "", file: file, allowed: allowed)
        _ = try top.text("workload", expected: "the name of a workload")
        try checkNodes(top, store)
        guard top.has("faults") else {
            throw WorkloadError(
                file: file, line: top.line, message: "a schedule must have the key faults, a list (empty: no fault)")
        }
        return Schedule(faults: try FaultReader.faults(top, store: store), seed: try top.unsigned("seed"))
    }

    /// A schedule that was made for other nodes means something else here.
    private static func checkNodes(_ top: MappingReader, _ store: StoreSpec) throws(WorkloadError) {
        guard let items = try top.list("nodes", of: "the names of the store's nodes") else { return }
        let names = items.compactMap(MappingReader.text(of:))
        guard names == store.nodeNames else {
            throw top.failure("nodes", "are \(names.listed), but the workload's store has \(store.nodeNames.listed)")
        }
    }

    /// JSON quotes what YAML need not: there, a duration in quotes is a duration.
    private static func unquoted(_ node: Node) -> Node {
        switch node {
        case .scalar(let scalar): return .scalar(Node.Scalar(scalar.string, scalar.tag, .plain, scalar.mark))
        case .sequence(var sequence):
            for index in sequence.indices { sequence[index] = unquoted(sequence[index]) }
            return .sequence(sequence)
        case .mapping(let mapping):
            let pairs = mapping.map { ($0.key, unquoted($0.value)) }
            return .mapping(Node.Mapping(pairs, mapping.tag, mapping.style, mapping.mark))
        case .alias: return node
        }
    }
}
