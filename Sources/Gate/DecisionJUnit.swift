/// A decision as JUnit XML, the form that CI servers read: a suite for each run, a case for each thing looked at.
///
/// What is inconclusive is an `error`, not `skipped`: servers show a skipped case as green.
public enum DecisionJUnit {
    public static func xml(_ decision: Decision) -> String {
        let failures = decision.findings.count { $0.outcome == .fail }
        let errors = decision.findings.count { $0.outcome == .inconclusive }
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuites name=\"\(escaped(decision.title))\" tests=\"\(decision.findings.count)\" failures=\"\(failures)\" "
                + "errors=\"\(errors)\">",
        ]
        for subject in decision.subjects {
            append(subject, decision.findings.filter { $0.subject == subject }, to: &lines)
        }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func append(_ subject: String, _ findings: [Finding], to lines: inout [String]) {
        let failures = findings.count { $0.outcome == .fail }
        let errors = findings.count { $0.outcome == .inconclusive }
        lines.append(
            "  <testsuite name=\"\(escaped(subject))\" tests=\"\(findings.count)\" failures=\"\(failures)\" "
                + "errors=\"\(errors)\" skipped=\"0\">")
        for finding in findings {
            let name = "    <testcase classname=\"\(escaped(subject))\" name=\"\(escaped(finding.rule))\""
            guard finding.outcome != .pass else {
                lines.append(name + "/>")
                continue
            }
            let tag = finding.outcome == .fail ? "failure" : "error"
            let details = finding.anomalies.map { "\($0.type.name): \($0.message)" }.joined(separator: "\n")
            lines.append(name + ">")
            lines.append(
                "      <\(tag) type=\"\(finding.outcome.rawValue)\" message=\"\(escaped(finding.sentence))\">"
                    + "\(escaped(details))</\(tag)>")
            lines.append("    </testcase>")
        }
        lines.append("  </testsuite>")
    }

    /// Text for an attribute or an element. Characters that XML 1.0 cannot hold at all become U+FFFD.
    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\n": output += "&#10;"
            case "\t": output += "&#9;"
            case "\r": output += "&#13;"
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
