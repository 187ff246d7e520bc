/// A decision as a person reads it in a terminal, and in a summary of a CI job.
public enum DecisionText {
    private static let listedAnomalies = 5

    /// Plain text: the answer last, where a terminal ends.
    public static func plain(_ decision: Decision) -> String {
        var lines: [String] = []
        for subject in decision.subjects {
            lines.append(subject)
            for finding in decision.findings where finding.subject == subject {
                lines.append("  \(mark(finding.outcome))  \(finding.sentence)")
                for anomaly in finding.anomalies.prefix(listedAnomalies).dropFirst() {
                    lines.append("              \(anomaly.type.name): \(anomaly.message)")
                }
            }
        }
        if !decision.reasons.isEmpty { lines.append("because") }
        for finding in decision.reasons { lines.append("  \(finding.subject): \(finding.sentence)") }
        lines.append("\(decision.title): \(decision.outcome.rawValue)")
        return lines.joined(separator: "\n")
    }

    /// Markdown, for the summary of a job or a comment.
    public static func markdown(_ decision: Decision) -> String {
        let title = decision.title.prefix(1).uppercased() + decision.title.dropFirst()
        var lines = ["## \(escaped(title)): \(decision.outcome.rawValue)", ""]
        if !decision.reasons.isEmpty {
            lines += ["| outcome | run | rule | reason |", "| --- | --- | --- | --- |"]
            for finding in decision.reasons {
                lines.append(
                    "| \(finding.outcome.rawValue) | \(escaped(finding.subject)) | \(escaped(finding.rule)) "
                        + "| \(escaped(finding.sentence)) |")
            }
            lines.append("")
        }
        let passed = decision.findings.count { $0.outcome == .pass }
        lines.append("\(passed) of \(decision.findings.count) checks passed.")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func mark(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "pass        "
        case .inconclusive: "inconclusive"
        case .fail: "FAIL        "
        }
    }

    /// Text as one cell of a table: nothing in it is markup.
    private static func escaped(_ text: String) -> String {
        var output = ""
        for character in text {
            switch character {
            case "\n", "\r", "\r\n": output += " "
            case "|", "\\", "`", "*", "_", "[", "]", "#": output += "\\\(character)"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "&": output += "&amp;"
            default: output.append(character)
            }
        }
        return output
    }
}
