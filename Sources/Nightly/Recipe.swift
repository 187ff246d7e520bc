import Workload
import Yams

/// How to make a run: a workload file's text, with what was taken from it or put in its place.
///
/// What is reduced is always the file as its author wrote it, so that each reduced run can be made again by hand.
public struct Recipe: Sendable, Hashable {
    /// When a fault begins and ends, in milliseconds from the begin of the load.
    public struct Span: Sendable, Hashable {
        public var begin: Int
        public var end: Int

        public init(begin: Int, end: Int) {
            self.begin = begin
            self.end = end
        }
    }

    private let original: String
    /// The faults that were carried out in a run, as a schedule, in place of the file's own; nil: the file's own.
    private var schedule: String?
    /// When each fault of the list is in force, before ``earlier`` and ``squeeze``; nil for one without a time of its own.
    public private(set) var spans: [Span?]
    /// Which of the faults are kept, by position in their list.
    public var faults: [Int]
    public var operations: Int?
    public var clients: Int
    public var keys: Int
    /// Operations begun in a second, at most; nil: as many as the store takes.
    public var rate: Int?
    /// How much earlier than planned each fault begins, in milliseconds.
    public var earlier = 0
    /// By what the times and lengths of the faults are divided.
    public var squeeze = 1
    /// The most that the healed store may take to converge, in milliseconds; nil: as the file says.
    public var patience: Int?
    /// Keys of the store mapping that are replaced, as YAML text.
    public var store: [String: String] = [:]
    /// Whether faults drawn from the seed are kept.
    public var keepsRandom = true
    /// Whether the load goes on after the last fault as long as the file says.
    public var keepsSettling = true
    /// Whether the floors are kept: a reduced run has fewer of everything.
    public var keepsFloors = true

    /// - Throws: a ``WorkloadError`` when the text is no workload.
    public init(workload text: String, file: String) throws(WorkloadError) {
        let workload = try WorkloadFile.parse(text: text, file: file)
        original = text
        let list = try YAMLDocument.root(of: text, file: file).mapping?["faults"]?.sequence
        spans = list.map { $0.map(Self.span) } ?? []
        faults = Array(workload.faults.indices)
        clients = workload.clients
        keys = workload.keys.count
        rate = workload.rate
        if case .operations(let count) = workload.length { operations = count }
    }

    /// Puts the faults of a schedule, each with its targets and times, in the place of the workload's.
    ///
    /// - Throws: a ``WorkloadError`` when the text is no schedule.
    public mutating func replaceFaults(bySchedule text: String, file: String) throws(WorkloadError) {
        let list = try YAMLDocument.root(of: text, file: file).mapping?["faults"]?.sequence
        guard let list else { throw WorkloadError(file: file, line: 1, message: "is no schedule: it has no faults") }
        schedule = text
        spans = list.map(Self.span)
        faults = Array(list.indices)
    }

    /// The workload that it comes to.
    ///
    /// - Throws: a ``WorkloadError`` when the store's settings make it no workload any more.
    public func workload(file: String) throws(WorkloadError) -> Workload {
        try WorkloadFile.parse(text: text(file: file), file: file)
    }

    /// The workload file that it comes to.
    ///
    /// - Throws: a ``WorkloadError`` when the store's settings make it no workload any more.
    public func text(file: String) throws(WorkloadError) -> String {
        guard var mapping = try YAMLDocument.root(of: original, file: file).mapping else {
            throw WorkloadError(file: file, line: nil, message: "is no mapping")
        }
        try putFaults(into: &mapping, file: file)
        putLoad(into: &mapping)
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

    private func putFaults(into mapping: inout Node.Mapping, file: String) throws(WorkloadError) {
        if let schedule {
            mapping["faults"] = try YAMLDocument.root(of: schedule, file: file).mapping?["faults"]
            mapping["random"] = nil
        }
        if !keepsRandom { mapping["random"] = nil }
        guard let list = mapping["faults"]?.sequence else { return }
        mapping["faults"] = faults.isEmpty ? nil : Node.sequence(Node.Sequence(faults.map { moved(list[$0]) }))
    }

    private func putLoad(into mapping: inout Node.Mapping) {
        mapping["clients"] = Node(String(clients))
        if let operations {
            mapping["operations"] = Node(String(operations))
            mapping["duration"] = nil
        }
        if let rate { mapping["rate"] = Node(String(rate)) }
        if let patience { mapping["converge-within"] = Node("\(patience)ms") }
        if !keepsSettling { mapping["settle"] = nil }
        var keySpace = mapping["keys"]?.mapping ?? Node.Mapping([])
        keySpace["count"] = Node(String(keys))
        mapping["keys"] = Node.mapping(keySpace)
    }

    // MARK: - Times of faults

    /// How long the load of a run lasts, in seconds, as far as the recipe says it.
    var loadSeconds: Double {
        let ends = faults.compactMap { spans.indices.contains($0) ? spans[$0]?.end : nil }
        let faultsEnd = Double(max(0, (ends.max() ?? 0) - earlier) / squeeze) / 1000
        guard let operations, let rate else { return faultsEnd }
        return max(faultsEnd, Double(operations) / Double(rate))
    }

    private static func milliseconds(_ node: Node?) -> Int? {
        guard let text = node?.scalar?.string, let duration = DurationText.parse(text[...]) else { return nil }
        return Int(exactly: duration / .milliseconds(1))
    }

    private static func span(_ fault: Node) -> Span? {
        guard let begin = milliseconds(fault.mapping?["at"]) else { return nil }
        return Span(begin: begin, end: begin + (milliseconds(fault.mapping?["for"]) ?? 0))
    }

    /// A fault at the time that ``earlier`` and ``squeeze`` make of its own.
    private func moved(_ fault: Node) -> Node {
        guard earlier > 0 || squeeze > 1, var line = fault.mapping, let span = Self.span(fault) else { return fault }
        line["at"] = Node("\(max(0, span.begin - earlier) / squeeze)ms")
        if span.end > span.begin { line["for"] = Node("\(max(10, (span.end - span.begin) / squeeze))ms") }
        return Node.mapping(line)
    }
}
