/// A decision as workflow commands of GitHub Actions: what did not pass shows beside the job.
public enum DecisionAnnotations {
    public static func text(_ decision: Decision) -> String {
        decision.reasons.map { finding in
            let command = finding.outcome == .fail ? "error" : "warning"
            return "::\(command) title=\(property("gate \(decision.policy): \(finding.rule)"))::"
                + "\(data("\(finding.subject): \(finding.sentence)"))\n"
        }.joined()
    }

    /// A message: line breaks and percent signs are encoded, so that it stays one command.
    private static func data(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "%": "%25"
            case "\r": "%0D"
            case "\n": "%0A"
            default: String(Character(scalar))
            }
        }.joined()
    }

    private static func property(_ text: String) -> String {
        data(text).map { $0 == ":" ? "%3A" : $0 == "," ? "%2C" : String($0) }.joined()
    }
}
