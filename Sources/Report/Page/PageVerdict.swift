import Checkers
import History

/// The verdict, first of all.
extension ReportPage {
    /// `valid`, `INVALID` or `unknown`.
    var word: String { Self.word(verdict.validity) }

    static func word(_ validity: Validity) -> String {
        switch validity {
        case .valid: "Valid"
        case .invalid: "Invalid"
        case .unknown: "Unknown"
        }
    }

    static func tone(_ validity: Validity) -> String {
        switch validity {
        case .valid: "good"
        case .invalid: "bad"
        case .unknown: "open"
        }
    }

    func verdictSection() -> HTML {
        var rows: [HTML] = verdict.checkers.map { row($0.name.rawValue, $0.result) }
        if let exercise = verdict.exercise { rows.append(row("exercise", exercise)) }
        let truncation: HTML =
            history.truncation.map {
                "<p class=\"warning\">The history is not complete: \($0.reason)</p>"
            } ?? ""
        return """
            <section id="verdict" class="verdict \(Self.tone(verdict.validity))" tabindex="-1" aria-label="Verdict">
            <p class="stamp"><span aria-hidden="true">\(symbol)</span> \(word)</p>
            <p class="sentence">\(sentence)</p>
            \(truncation)<div class="scroll"><table><thead><tr><th scope="col">Checker</th><th scope="col">Says</th>\
            <th scope="col">Why</th></tr></thead><tbody>\(rows)</tbody></table></div>
            </section>
            """
    }

    private var symbol: String {
        switch verdict.validity {
        case .valid: "✓"
        case .invalid: "✗"
        case .unknown: "?"
        }
    }

    private var sentence: String {
        let found = verdict.checkers.filter { $0.result.validity == .invalid }
        switch verdict.validity {
        case .valid:
            return
                "\(Self.grouped(exercise.operations)) operations, \(verdict.checkers.count) checkers: each found its subject in this "
                + "history, and nothing wrong with it."
        case .invalid:
            let count = found.reduce(0) { $0 + $1.result.anomalyCount }
            return "\(Self.grouped(count)) anomal\(count == 1 ? "y" : "ies"), found by "
                + found.map(\.name.rawValue).joined(separator: ", ") + "."
        case .unknown:
            let open = verdict.checkers.filter { $0.result.validity == .unknown }.map(\.name.rawValue)
            let vague = open + (verdict.exercise?.validity == .unknown ? ["exercise"] : [])
            return "Nothing wrong was found, and that is not enough to call the store sound: "
                + (vague.isEmpty
                    ? verdict.reason ?? "the history is not complete."
                    : vague.joined(separator: ", ")
                        + " could not be answered.")
        }
    }

    private func row(_ name: String, _ result: CheckerResult) -> HTML {
        let why: HTML
        switch result.validity {
        case .valid: why = "exercised, and nothing wrong"
        case .unknown: why = "\(result.reason ?? "")"
        case .invalid:
            let count = result.anomalyCount
            why = "<a href=\"#anomalies\">\(Self.grouped(count)) anomal\(count == 1 ? "y" : "ies")</a>"
        }
        return
            "<tr><th scope=\"row\">\(name)</th><td class=\"\(Self.tone(result.validity))\">\(Self.word(result.validity))</td><td>\(why)</td></tr>"
    }
}
