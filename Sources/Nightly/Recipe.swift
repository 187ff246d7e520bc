import Workload
import Yams

/// How to make a run: a workload file's text, with what was taken from it or put in its place.
///
/// What is reduced is always the file as its author wrote it, so that each reduced run can be made again by hand.
public struct Recipe: Sendable, Hashable {
    private let original: String
    /// The faults that were carried out in a run, as a schedule, in place of the file's own; nil: the file's own.
    private var schedule: String?
    /// Which of the faults are kept, by position in their list.
    public var faults: [Int]
    public var operations: Int?
    public var clients: Int
    public var keys: Int
    /// Keys of the store mapping that are replaced, as YAML text.
    public var store: [String: String] = [:]
    /// Whether the floors are kept: a reduced run has fewer of everything.
    public var keepsFloors = true

    /// - Throws: a ``WorkloadError`` when the text is no workload.
    public init(workload text: String, file: String) throws(WorkloadError) {
        let workload = try WorkloadFile.parse(text: text, file: file)
        original = text
        faults = Array(workload.faults.indices)
        clients = workload.clients
        keys = workload.keys.count
        if case .operations(let count) = workload.length { operations = count }
    }

    /// Puts the faults of a schedule, each with its targets and times, in the place of the workload's.
    ///
    /// - Throws: a ``WorkloadError`` when the text is no schedule.
    public mutating func replaceFaults(bySchedule text: String, file: String) throws(WorkloadError) {
        let list = try YAMLDocument.root(of: text, file: file).mapping?["faults"]?.sequence
        guard let list else { throw WorkloadError(file: file, line: 1, message: "is no schedule: it has no faults") }
        schedule = text
        faults = Array(list.indices)
    }

    /// The workload file that it comes to.
    ///
    /// - Throws: a ``WorkloadError`` when the store's settings make it no workload any more.
    public func text(file: String) throws(WorkloadError) -> String {
        guard var mapping = try YAMLDocument.root(of: original, file: file).mapping else {
            throw WorkloadError(file: file, line: nil, message: "is no mapping")
        }
        if let schedule {
            mapping["faults"] = try YAMLDocument.root(of: schedule, file: file).mapping?["faults"]
            mapping["random"] = nil
        }
        if let list = mapping["faults"]?.sequence {
            mapping["faults"] = Node.sequence(Node.Sequence(faults.map { list[$0] }))
        }
        mapping["clients"] = Node(String(clients))
        if let operations {
            mapping["operations"] = Node(String(operations))
            mapping["duration"] = nil
        }
        var keySpace = mapping["keys"]?.mapping ?? Node.Mapping([])
        keySpace["count"] = Node(String(keys))
        mapping["keys"] = Node.mapping(keySpace)
        if !store.isEmpty {
            var settings = mapping["store"]?.mapping ?? Node.Mapping([])
            for (key, value) in store.sorted(by: { $0.key < $1.key }) {
                settings[Node(key)] = try YAMLDocument.root(of: value, file: file)
            }
            mapping["store"] = Node.mapping(settings)
        }
        if !keepsFloors { mapping["require"] = nil }
        let text: String
        do { text = try Yams.serialize(node: Node.mapping(mapping)) } catch {
            throw WorkloadError(file: file, line: nil, message: "cannot be written: \(error)")
        }
        _ = try WorkloadFile.parse(text: text, file: file)
        return text
    }
}
