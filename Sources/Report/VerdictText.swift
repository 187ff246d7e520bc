import Checkers

/// A verdict as a person reads it in a terminal.
public enum VerdictText {
    /// How many anomalies of each checker are spelled out.
    private static let shown = 10

    public static func text(of verdict: Verdict) -> String {
        var lines: [String] = []
        for (name, result) in verdict.checkers { append(name.rawValue, result, to: &lines) }
        if let exercise = verdict.exercise { append("exercise", exercise, to: &lines) }
        if let reason = verdict.reason { lines.append("  \(reason)") }
        lines.append("valid: \(word(verdict.validity))")
        return lines.joined(separator: "\n")
    }

    private static func append(_ name: String, _ result: CheckerResult, to lines: inout [String]) {
        let padded = name + String(repeating: " ", count: max(0, 12 - name.count))
        defer {
            if !result.figures.isEmpty {
                lines.append("    " + result.figures.map { "\($0.name) \($0.text)" }.joined(separator: ", "))
            }
        }
        switch result.validity {
        case .valid: lines.append("  \(padded) true")
        case .unknown: lines.append("  \(padded) unknown: \(result.reason ?? "")")
        case .invalid:
            lines.append("  \(padded) FALSE: \(result.anomalyCount) anomal\(result.anomalyCount == 1 ? "y" : "ies")")
            for anomaly in result.anomalies.prefix(shown) {
                lines.append("    \(anomaly.type.name): \(anomaly.message)")
                lines.append("      events \(anomaly.ops.map(String.init).joined(separator: ", "))")
            }
            if result.anomalyCount > shown {
                lines.append("    and \(result.anomalyCount - shown) more (dyno check --format json lists them)")
            }
        }
    }

    private static func word(_ validity: Validity) -> String {
        switch validity {
        case .valid: "true"
        case .invalid: "false"
        case .unknown: "unknown"
        }
    }
}
