import Checkers
import Workload
import Yams

/// Policy files: YAML text to ``Policy``.
///
/// ```yaml
/// name: release
/// checkers: [siblings, causality, durability, convergence]
/// limits: { unavailable: 2s }
/// runs:
///   - workload: everything
///     seeds: 3
///     require: { operations: 20000, kills: 4, seconds-cut: 5 }
///     limits: { convergence: 5s, p99.9: 500ms }
///     baseline: { run: baselines/everything, convergence: 200%, throughput: 70% }
/// waivers:
///   - { anomaly: counter-regression, key: "key-4*", owner: ann, reason: "ticket 12", expires: 2027-01-31 }
/// calibration: { file: calibration.json, within-days: 14, flaws: 30, sound-runs: 200 }
/// ```
public enum PolicyFile {
    static let keys = ["name", "build", "witnesses", "checkers", "require", "limits", "runs", "waivers", "calibration"]
    static let runKeys = ["workload", "seeds", "checkers", "require", "limits", "baseline"]
    static let limitKeys = ["convergence", "p99.9", "unavailable"]
    static let baselineKeys = ["run", "convergence", "p99.9", "throughput"]
    static let waiverKeys = ["anomaly", "workload", "key", "node", "owner", "reason", "expires"]
    static let calibrationKeys = ["file", "within-days", "flaws", "sound-runs"]

    /// Reads a policy.
    ///
    /// - Parameter file: the name used in messages.
    /// - Throws: a ``WorkloadError`` that names the file, the line and what is allowed there.
    public static func parse(text: String, file: String) throws(WorkloadError) -> Policy {
        let root = try YAMLDocument.root(of: text, file: file, example: "a policy begins like: name: release")
        let top = try MappingReader(root, path: "", file: file, allowed: keys, whole: "a policy")
        var policy = Policy(name: try top.text("name", expected: "a name") ?? "release")
        if let build = try top.choice("build", Build.self) { policy.demandsSameBuild = build == .same }
        if let witnesses = try top.choice("witnesses", Witnesses.self) {
            policy.demandsWitnesses = witnesses == .required
        }
        policy.everywhere = try demands(top)
        for (index, node) in (try top.list("runs", of: "workloads") ?? []).enumerated() {
            policy.workloads.append(try rule(section(node, "runs[\(index)]", top, runKeys)))
        }
        for (index, node) in (try top.list("waivers", of: "waivers") ?? []).enumerated() {
            policy.waivers.append(try waiver(section(node, "waivers[\(index)]", top, waiverKeys)))
        }
        if let reader = try section("calibration", top, calibrationKeys) {
            policy.calibration = try calibration(reader)
        }
        guard !policy.workloads.isEmpty else {
            throw top.failure("runs", "must name at least one workload, or the gate would let anything pass")
        }
        return policy
    }

    private enum Build: String, CaseIterable { case same, any }
    private enum Witnesses: String, CaseIterable { case required, optional }

    private static func section(
        _ node: Node, _ path: String, _ top: MappingReader, _ allowed: [String]
    ) throws(WorkloadError) -> MappingReader {
        try MappingReader(node, path: path, file: top.file, allowed: allowed, line: node.mark?.line)
    }

    private static func section(
        _ key: String, _ reader: MappingReader, _ allowed: [String]
    ) throws(WorkloadError) -> MappingReader? {
        guard let entry = reader.node(key) else { return nil }
        return try MappingReader(
            entry.node, path: reader.name(of: key), file: reader.file, allowed: allowed, line: entry.line)
    }

    private static func rule(_ reader: MappingReader) throws(WorkloadError) -> Policy.WorkloadRule {
        var rule = Policy.WorkloadRule(workload: try required("workload", "the name of a workload", reader))
        rule.seeds = try reader.integer("seeds", 1...10_000) ?? 1
        rule.demands = try demands(reader)
        guard let section = try section("baseline", reader, baselineKeys) else { return rule }
        var baseline = Policy.Baseline(run: try required("run", "a run to compare with", section))
        baseline.convergence = try percent("convergence", section)
        baseline.p999 = try percent("p99.9", section)
        baseline.throughput = try percent("throughput", section)
        if baseline.convergence == nil, baseline.p999 == nil, baseline.throughput == nil {
            throw section.failure(
                "run", "is compared with nothing; give convergence, p99.9 or throughput, such as 150%")
        }
        rule.baseline = baseline
        return rule
    }

    private static func demands(_ reader: MappingReader) throws(WorkloadError) -> Policy.Demands {
        var demands = Policy.Demands()
        let names = CheckerName.allCases.map(\.rawValue)
        for item in try reader.list("checkers", of: names.listed) ?? [] {
            guard let text = MappingReader.text(of: item), let checker = CheckerName(rawValue: text) else {
                throw reader.failure("checkers", MappingReader.notOne(of: names, item))
            }
            demands.checkers.append(checker)
        }
        if let floors = try section("require", reader, Count.names) {
            for name in Count.names { demands.floors[name] = try floors.integer(name, 0...1_000_000_000) }
        }
        if let limits = try section("limits", reader, limitKeys) {
            demands.ceilings.convergence = try nanoseconds("convergence", limits)
            demands.ceilings.p999 = try nanoseconds("p99.9", limits)
            demands.ceilings.unavailable = try nanoseconds("unavailable", limits)
        }
        return demands
    }

    private static func waiver(_ reader: MappingReader) throws(WorkloadError) -> Waiver {
        let anomaly = try required("anomaly", "the type of an anomaly", reader)
        let known = AnomalyType.allCases.map(\.name)
        guard known.contains(anomaly) else {
            throw reader.failure("anomaly", "must be one of \(known.listed), not \"\(anomaly)\"")
        }
        let date = try required("expires", "a day such as 2027-01-31", reader)
        guard let expires = CivilDate(date), date.utf8.count == 10 else {
            throw reader.failure("expires", "must be a day such as 2027-01-31, not \"\(date)\"")
        }
        return Waiver(
            anomaly: anomaly, workload: try reader.text("workload", expected: "the name of a workload"),
            key: try reader.text("key", expected: "a pattern of keys"),
            node: try reader.text("node", expected: "the name of a node"),
            owner: try required("owner", "who answers for it", reader),
            reason: try required("reason", "why it may pass", reader), expires: expires, line: reader.line)
    }

    private static func calibration(_ reader: MappingReader) throws(WorkloadError) -> Policy.CalibrationRule {
        let days = try reader.integer("within-days", 0...3_650)
        guard let days else { throw reader.failure("within-days", "is missing: how many days old it may be") }
        var rule = Policy.CalibrationRule(
            file: try required("file", "the JSON that dyno calibrate left", reader), withinDays: days)
        rule.flaws = try reader.integer("flaws", 1...10_000) ?? 1
        rule.soundRuns = try reader.integer("sound-runs", 0...1_000_000) ?? 1
        return rule
    }

    private static func required(
        _ key: String, _ what: String, _ reader: MappingReader
    ) throws(WorkloadError) -> String {
        guard let text = try reader.text(key, expected: what) else {
            throw reader.failure(key, "is missing: \(what)")
        }
        return text
    }

    private static func nanoseconds(_ key: String, _ reader: MappingReader) throws(WorkloadError) -> Int64? {
        try reader.duration(key, .zero ... .seconds(3_600)).map { Int64($0 / .nanoseconds(1)) }
    }

    /// `150%`, as 150.
    private static func percent(_ key: String, _ reader: MappingReader) throws(WorkloadError) -> Int? {
        guard let text = try reader.text(key, expected: "a percentage such as 150%") else { return nil }
        guard text.hasSuffix("%"), let percent = Int(text.dropLast()), (1...10_000).contains(percent) else {
            throw reader.failure(key, "must be a whole percentage from 1% to 10000%, not \"\(text.prefix(40))\"")
        }
        return percent
    }
}
