import Checkers
import Workload
import Yams

/// Plan files: YAML text to ``NightPlan``.
///
/// ```yaml
/// name: nightly
/// workloads: [../../Workloads/everything.yml, ../../Workloads/handoff.yml]
/// stores:
///   - { name: default }
///   - { name: wide, settings: { nodes: 7, ring: 128 } }
/// canary: { workload: ../../Workloads/handoff.yml, flaw: forget-hints, anomaly: missed-handoff }
/// reproduce: 3
/// reduce: 40%
/// ```
public enum PlanFile {
    static let keys = ["name", "workloads", "stores", "canary", "reproduce", "reduce", "runs"]
    static let storeKeys = ["name", "settings", "node", "flaw"]
    static let canaryKeys = ["workload", "flaw", "anomaly"]

    /// Reads a plan.
    ///
    /// - Throws: a ``WorkloadError`` that names the file, the line and what is allowed there.
    public static func parse(text: String, file: String) throws(WorkloadError) -> NightPlan {
        let root = try YAMLDocument.root(of: text, file: file, example: "a plan begins like: workloads: [handoff.yml]")
        let top = try MappingReader(root, path: "", file: file, allowed: keys, whole: "a plan")
        let workloads = try (top.list("workloads", of: "workload files") ?? []).compactMap(MappingReader.text)
        guard !workloads.isEmpty, Set(workloads).count == workloads.count else {
            throw top.failure("workloads", "must name at least one workload file, and each once")
        }
        var plan = NightPlan(name: try top.text("name", expected: "a name") ?? "nightly", workloads: workloads)
        if let stores = try top.list("stores", of: "store configurations") {
            plan.stores = []
            for (index, node) in stores.enumerated() {
                let reader = try MappingReader(
                    node, path: "stores[\(index)]", file: file, allowed: storeKeys, line: node.mark?.line)
                plan.stores.append(try store(reader))
            }
        }
        guard !plan.stores.isEmpty, Set(plan.stores.map(\.name)).count == plan.stores.count else {
            throw top.failure("stores", "must name at least one configuration, and each name once")
        }
        if let (node, line) = top.node("canary") {
            let reader = try MappingReader(node, path: "canary", file: file, allowed: canaryKeys, line: line)
            plan.canary = try canary(reader)
        }
        plan.reproductions = try top.integer("reproduce", 0...100) ?? plan.reproductions
        plan.reductionShare = try top.percent("reduce") ?? plan.reductionShare
        plan.matrixRuns = try top.integer("runs", 1...1_000_000)
        return plan
    }

    private static func store(_ reader: MappingReader) throws(WorkloadError) -> NightPlan.StoreVariant {
        var store = NightPlan.StoreVariant(name: try required("name", reader))
        store.node = try reader.text("node", expected: "the path of a node's program")
        store.flaw = try reader.text("flaw", expected: "the name of a flaw")
        guard let (node, _) = reader.node("settings") else { return store }
        guard let mapping = node.mapping else {
            throw reader.failure("settings", "must be a mapping of keys of a workload's store")
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string, let text = try? Yams.serialize(node: value) else {
                throw reader.failure("settings", "must be a mapping of keys of a workload's store")
            }
            store.settings[name] = text
        }
        return store
    }

    private static func canary(_ reader: MappingReader) throws(WorkloadError) -> NightPlan.Canary {
        let anomaly = try required("anomaly", reader)
        let known = AnomalyType.allCases.map(\.name)
        guard known.contains(anomaly) else {
            throw reader.failure("anomaly", "must be one of \(known.listed), not \"\(anomaly)\"")
        }
        return NightPlan.Canary(
            workload: try required("workload", reader), flaw: try required("flaw", reader), anomaly: anomaly)
    }

    private static func required(_ key: String, _ reader: MappingReader) throws(WorkloadError) -> String {
        guard let text = try reader.text(key, expected: "a word") else { throw reader.failure(key, "is missing") }
        return text
    }
}
