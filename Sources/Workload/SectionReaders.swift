import Yams

extension StoreSpec {
    init(_ reader: MappingReader) throws(WorkloadError) {
        self.init()
        kind = try reader.choice("kind", Kind.self) ?? kind
        nodes = try reader.integer("nodes", 1...64) ?? nodes
        n = try reader.integer("n", 1...nodes) ?? min(n, nodes)
        r = try reader.integer("r", 1...n) ?? min(r, n)
        w = try reader.integer("w", 1...n) ?? min(w, n)
        ring = try reader.integer("ring", nodes...4_096) ?? ring
        antiEntropy = try reader.toggle("anti-entropy") ?? antiEntropy
        hintedHandoff = try reader.toggle("hinted-handoff") ?? hintedHandoff
        readRepair = try reader.toggle("read-repair") ?? readRepair
        sloppyQuorum = try reader.toggle("sloppy-quorum") ?? sloppyQuorum
        clocks = try reader.choice("clocks", Clocks.self) ?? clocks
        truncate = try reader.integer("truncate", 1...1_000) ?? truncate
        storage = try reader.choice("storage", Storage.self) ?? storage
        requestTimeout = try reader.duration("request-timeout", .shortWait) ?? requestTimeout
        zones = try Self.oneEach("zones", "a name for each node", reader, count: nodes) { $0 }
        weights = try Self.oneEach("weights", "a number from 1 to 1000 for each node", reader, count: nodes) { text in
            Int(text).flatMap { (1...1_000).contains($0) ? $0 : nil }
        }
    }

    /// A list with one value for each node; empty when it is absent.
    private static func oneEach<Value>(
        _ key: String, _ what: String, _ reader: MappingReader, count: Int, _ value: (String) -> Value?
    ) throws(WorkloadError) -> [Value] {
        guard let items = try reader.list(key, of: what) else { return [] }
        let values = items.compactMap { MappingReader.text(of: $0).flatMap(value) }
        guard values.count == items.count, values.count == count else {
            throw reader.failure(key, "must be a list of \(what), \(count) in all")
        }
        return values
    }
}

extension KeySpace {
    init(_ reader: MappingReader) throws(WorkloadError) {
        self.init()
        count = try reader.integer("count", 1...1_000_000) ?? count
        let expected = "uniform or zipf(S) with 0 < S ≤ 5, such as zipf(0.99)"
        guard let text = try reader.text("distribution", expected: expected) else { return }
        if text == "uniform" { return }
        guard text.hasPrefix("zipf("), text.hasSuffix(")"), let exponent = Double(text.dropFirst(5).dropLast()),
            exponent > 0, exponent <= 5
        else {
            throw reader.failure("distribution", "must be \(expected), not \"\(text.prefix(40))\"")
        }
        distribution = .zipf(exponent)
    }
}

extension Workload.Mix {
    init(_ reader: MappingReader) throws(WorkloadError) {
        let weight = 0...1_000_000
        self.init(
            get: try reader.integer("get", weight) ?? 0,
            put: try reader.integer("put", weight) ?? 0,
            delete: try reader.integer("delete", weight) ?? 0,
            blindPercent: try reader.percent("blind") ?? 0)
        guard get + put + delete > 0 else {
            throw WorkloadError(
                file: reader.file, line: reader.line, message: "mix must give get, put or delete a weight above 0")
        }
    }
}
