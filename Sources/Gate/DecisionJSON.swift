import Checkers
import Foundation

/// A decision as JSON, and as SARIF 2.1.0, the form that code hosts show beside a change.
public enum DecisionJSON {
    private struct Whole: Encodable {
        struct Entry: Encodable {
            var rule: String
            var subject: String
            var outcome: String
            var sentence: String
            var anomalies: Int
        }
        var policy: String
        var outcome: String
        var findings: [Entry]
    }

    /// `{"policy":…,"outcome":"pass"|"fail"|"inconclusive","findings":[…]}`
    public static func json(_ decision: Decision) throws -> String {
        let findings = decision.findings.map {
            Whole.Entry(
                rule: $0.rule, subject: $0.subject, outcome: $0.outcome.rawValue, sentence: $0.sentence,
                anomalies: $0.anomalies.count)
        }
        return try encode(Whole(policy: decision.policy, outcome: decision.outcome.rawValue, findings: findings))
    }

    /// SARIF: a result for each anomaly that was not waived, and for every other reason not to pass.
    public static func sarif(_ decision: Decision, version: String) throws -> String {
        var results: [Sarif.Result] = []
        for finding in decision.reasons {
            let level = finding.outcome == .fail ? "error" : "warning"
            if finding.anomalies.isEmpty {
                results.append(Sarif.Result(ruleId: finding.rule, level: level, finding.sentence, finding.subject))
            }
            for anomaly in finding.anomalies {
                results.append(Sarif.Result(ruleId: anomaly.type.name, level: level, anomaly.message, finding.subject))
            }
        }
        let rules = Set(results.map(\.ruleId)).sorted().map { Sarif.Rule(id: $0) }
        return try encode(
            Sarif(runs: [
                Sarif.Run(
                    tool: .init(driver: .init(name: "dyno gate", version: version, rules: rules)), results: results)
            ]))
    }

    private static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}

/// The part of SARIF 2.1.0 (OASIS) that a gate fills.
private struct Sarif: Encodable {
    struct Rule: Encodable { var id: String }
    struct Driver: Encodable {
        var name: String
        var version: String
        var rules: [Rule]
    }
    struct Tool: Encodable { var driver: Driver }
    struct Message: Encodable { var text: String }
    struct ArtifactLocation: Encodable { var uri: String }
    struct PhysicalLocation: Encodable { var artifactLocation: ArtifactLocation }
    struct Location: Encodable { var physicalLocation: PhysicalLocation }
    struct Result: Encodable {
        var ruleId: String
        var level: String
        var message: Message
        var locations: [Location]

        init(ruleId: String, level: String, _ text: String, _ path: String) {
            self.ruleId = ruleId
            self.level = level
            message = Message(text: text)
            // A URI reference: what is not allowed in a path is encoded.
            let uri = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
            locations = [Location(physicalLocation: PhysicalLocation(artifactLocation: ArtifactLocation(uri: uri)))]
        }
    }
    struct Run: Encodable {
        var tool: Tool
        var results: [Result]
    }

    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    let version = "2.1.0"
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }
}
