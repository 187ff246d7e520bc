import Checkers
import History

/// What the run exercised, and what shows that its faults were real.
extension ReportPage {
    private static let maximumWitnesses = 200

    func exercised() -> HTML {
        var cards: [HTML] = [
            card("operations", exercise.operations, detail(exercise)),
            card(
                "faults", max(record.witnesses.count, exercise.kills + exercise.pauses + exercise.partitions),
                "of them \(exercise.kills) kills, \(exercise.pauses) pauses, \(exercise.partitions) network partitions (\(Seconds.text(exercise.timeCut)) cut)"
            ),
            card(
                "acknowledged while a home was away", exercise.acknowledgedWhileHomeAffected,
                "puts whose home was down or cut off meanwhile"),
            card("sibling reads", exercise.siblingReads, "returned several versions"),
            card("final reads", exercise.finalReads, convergence),
        ]
        if let counters = record.counters {
            cards.append(card("hints", counters.hintsStored, "stored; \(counters.hintsDelivered) delivered"))
            cards.append(
                card("keys repaired", counters.keysRepaired, "by Merkle exchange; \(counters.readRepairs) read repairs")
            )
            cards.append(
                card(
                    "packets", counters.packets,
                    "\(ChartSVG.number(Double(counters.bytes / 100_000) / 10)) MB between nodes, as captured"))
        }
        return "<div class=\"cards\">\(cards)</div>\(witnesses())"
    }

    private func card(_ title: String, _ number: Int, _ detail: String) -> HTML {
        "<div class=\"card\"><p class=\"number\">\(Self.grouped(number))</p><p class=\"what\">\(title)</p><p class=\"detail\">\(detail)</p></div>"
    }

    private func detail(_ exercise: Exercise) -> String {
        let parts = [("gets", exercise.gets), ("puts", exercise.puts), ("deletes", exercise.deletes)]
        return parts.filter { $0.1.total > 0 }
            .map { "\($0.0) \($0.1.ok) ok, \($0.1.fail) failed, \($0.1.info) unknown" }.joined(separator: "; ")
    }

    private var convergence: String {
        exercise.convergence.map { "converged \(Seconds.text($0)) after the heal" } ?? "never seen to converge"
    }

    private func witnesses() -> HTML {
        guard !record.witnesses.isEmpty else {
            return
                "<p class=\"note\">The history holds no witness of its faults: it was not recorded by a run of Dyno, or nothing was broken.</p>"
        }
        let rows = record.witnesses.prefix(Self.maximumWitnesses).map { witness -> HTML in
            """
            <tr><td class="num">\(Seconds.text(witness.begin))</td><td class="num">\(Seconds.text(witness.end))</td>\
            <td>\(witness.fault)</td><td>\(witness.whom)</td><td class="\(witness.proven ? "good" : "bad")">\
            \(witness.proven ? "witnessed" : "NOT PROVEN")</td><td>\(witness.sentence)</td></tr>
            """
        }
        let rest = record.witnesses.count - rows.count
        let note: HTML = rest > 0 ? "<p class=\"note\">and \(rest) more, in the history</p>" : ""
        return """
            <h3>Faults, and what shows that they were real</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Faults"><table class="wide"><thead><tr><th scope="col" class="num">from</th>\
            <th scope="col" class="num">to</th><th scope="col">fault</th><th scope="col">of</th><th scope="col">proof</th>\
            <th scope="col">seen</th></tr></thead><tbody>\(Array(rows))</tbody></table></div>\(note)
            """
    }

    /// `24 000`: thousands set apart by thin spaces.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "\u{202f}" }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }
}
