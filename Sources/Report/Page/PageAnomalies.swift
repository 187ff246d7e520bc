import Checkers
import History

/// Every anomaly with its sentence; the first of each kind with its diagram and its events.
extension ReportPage {
    /// Of one type, so many are drawn.
    private static let drawnPerType = 4
    /// Bytes of diagrams that a page may hold: a page of a run that went very wrong must still open on a telephone.
    private static let diagramBudget = 700_000
    /// Anomalies that are not drawn are told in a sentence, so many at most.
    private static let maximumSentences = 300

    func anomalies() -> HTML {
        let all = AnomalyChoice(verdict).all
        guard !all.isEmpty else {
            return verdict.validity == .valid
                ? "<p>None.</p>" : "<p>None was found; the verdict tells what could not be answered.</p>"
        }
        let builder = DiagramBuilder(history)
        let words = EventText(history)
        var perType: [AnomalyType: Int] = [:]
        var bytes = 0
        var drawn: [HTML] = [], told: [HTML] = []
        for numbered in all {
            let anomaly = numbered.anomaly
            let before = perType[anomaly.type, default: 0]
            if before < Self.drawnPerType, bytes < Self.diagramBudget {
                perType[anomaly.type] = before + 1
                let element = DiagramSVG.element(builder.diagram(of: anomaly))
                bytes += element.utf8.count
                drawn.append(article(numbered, element, words, isOpen: drawn.count < 3))
            } else if told.count < Self.maximumSentences {
                told.append("<li value=\"\(numbered.number)\"><b>\(anomaly.title)</b>: \(anomaly.message)</li>")
            }
        }
        return summary() + HTML(markup: drawn.map(\.text).joined(separator: "\n")) + rest(told, drawn.count)
    }

    private func summary() -> HTML {
        let counted = verdict.checkers.reduce(0) { $0 + $1.result.anomalyCount }
        return """
            <p>\(counted) in all. Each is drawn in space and time: time runs downwards, every process and node is a line, faults are \
            shaded, a solid arrow leads from a version to a write that had seen it, and the broken arrow is what is wrong. Numbers of \
            events of the proof itself are strong.</p>
            """
    }

    private func article(_ numbered: AnomalyChoice.Numbered, _ diagram: String, _ words: EventText, isOpen: Bool)
        -> HTML
    {
        let anomaly = numbered.anomaly
        let lines = anomaly.ops.prefix(60).filter { history.events.indices.contains($0) }.map { line(words, $0) }
        let more = anomaly.ops.count > 60 ? "… and \(anomaly.ops.count - 60) more" : ""
        let open: HTML = isOpen ? " open" : ""
        return """
            <details class="anomaly"\(open)><summary><b>\(numbered.number). \(anomaly.title)</b> <span class="by">\(numbered.checker.rawValue)</span>\
            <span class="sentence">\(anomaly.message)</span></summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Diagram of anomaly \(numbered.number)">\(HTML(markup: diagram))</div>
            <p class="command"><code>dyno explain \(Shell.quote(input.path)) \(numbered.number)</code></p>
            <details><summary>The events</summary><pre tabindex="0">\(Array(lines))\(more)</pre></details>
            </details>
            """
    }

    private func line(_ words: EventText, _ index: Int) -> HTML { "\(words.line(index))\n" }

    private func rest(_ told: [HTML], _ drawn: Int) -> HTML {
        guard !told.isEmpty else { return "" }
        let counted = verdict.checkers.reduce(0) { $0 + $1.result.anomalyCount }
        let untold = counted - drawn - told.count
        let note: HTML =
            untold > 0
            ? "<p class=\"note\">and \(untold) more: <code>dyno explain \(Shell.quote(input.path))</code> lists them</p>"
            : ""
        return "<details><summary>\(told.count) more, in a sentence each</summary><ol>\(told)</ol></details>\(note)"
    }
}

/// Words of a command that a reader may paste into a shell.
enum Shell {
    static func quote(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || "-_./+:@%".unicodeScalars.contains($0)
            }
        return isPlain ? word : "'" + Visible.text(word).replacing("'", with: "'\\''") + "'"
    }
}
