import ArgumentParser
import Checkers
import Controller
import Foundation
import History
import Importers
import Report

/// `dyno explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Draw what proves an anomaly.",
        discussion: """
            Without ANOMALY the anomalies are listed with their numbers. With one, the fewest events that prove it are drawn as a \
            space-time diagram: time runs downwards, every process and node is a line, faults are shaded, arrows lead from a \
            version to the writes that had seen it, and a broken arrow shows what is wrong.

              dyno explain history.dyno
              dyno explain history.dyno 3
              dyno explain history.dyno lost-write:cart-7:3-41
              dyno explain history.dyno stale-sibling:cart-7 --svg why.svg
              dyno explain history.edn 1 --checker linearizable --model cas-register

            Colours are left out where the output is no terminal, TERM is dumb or NO_COLOR is set.
            Exit status: 0 drawn or listed, 254 no such anomaly, or the history cannot be used.
            """)

    @Argument(help: "The history to read.", completion: .file())
    var file: String

    @Argument(help: "The anomaly: its number in the list, or type:key:value (less of it when that names only one).")
    var anomaly: String?

    @Option(
        help: "Write the diagram to this file as SVG instead of drawing it here.",
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(name: .customLong("checker"), help: "A checker to run; may be repeated. By default as dyno check.")
    var checkers: [CheckerName] = []

    @Option(help: "How many anomalies of each checker are found.")
    var maxAnomalies = 1000

    @Option(help: "Columns of the drawing; by default as wide as the terminal.")
    var width: Int?

    @OptionGroup(title: "Options of single checkers")
    var field: FieldOptions

    func validate() throws {
        guard maxAnomalies > 0 else { throw ValidationError("--max-anomalies must be 1 or more, not \(maxAnomalies)") }
        if let width, width < 40 { throw ValidationError("--width must be 40 or more, not \(width)") }
        if svg != nil, anomaly == nil { throw ValidationError("--svg needs an ANOMALY to draw") }
    }

    func run() throws {
        let history: History
        do {
            history = try HistorySource.read(path: file)
            try history.validate(file: file)
        } catch {
            throw Failure.unusable("\(error)")
        }
        let options = field.checkOptions(memory: MemorySize(bytes: 3 << 30))
        let verdict = RunCheck.verdict(
            on: history, checkers: checkers, maxAnomalies: maxAnomalies, options: options)
        let choice = AnomalyChoice(verdict)
        guard let anomaly else { return list(choice.all, verdict) }
        let found = choice.matching(anomaly)
        if found.count > 1 {
            list(found, verdict)
            throw Failure.unusable("\(found.count) anomalies are called \"\(anomaly)\": choose one by its number")
        }
        guard let chosen = found.first else {
            throw Failure.unusable(
                choice.all.isEmpty
                    ? "there is no anomaly in \(file)"
                    : "no anomaly \"\(Visible.text(anomaly))\" in \(file): `dyno explain \(file)` lists all \(choice.all.count)"
            )
        }
        try draw(chosen.anomaly, history)
    }

    private func draw(_ anomaly: Anomaly, _ history: History) throws {
        let diagram = DiagramBuilder(history).diagram(of: anomaly)
        if let svg {
            do { try DiagramSVG.file(diagram).write(toFile: svg, atomically: true, encoding: .utf8) } catch {
                throw Failure.unusable("cannot write \(svg): \(error.localizedDescription)")
            }
            return print("\(Visible.text(diagram.title)): drawn in \(svg)")
        }
        let terminal = Terminal(descriptor: STDOUT_FILENO)
        print(DiagramText(width: width ?? terminal.columns, colour: terminal.hasColour).text(diagram))
        // What a root is about is no key: nothing would be shown of it.
        let key = anomaly.key.flatMap { key in
            anomaly.ops.contains {
                history.events.indices.contains($0) && history.string(history.events[$0].key) == key
            }
                ? key : nil
        }
        print(
            "more: dyno show \(file)" + (key.map { " --key '\(Visible.text($0))'" } ?? "")
                + (key == nil ? anomaly.ops.prefix(8).map { " --event \($0)" }.joined() : ""))
    }

    private func list(_ anomalies: [AnomalyChoice.Numbered], _ verdict: Verdict) {
        if anomalies.isEmpty { return print("no anomalies\n" + VerdictText.text(of: verdict)) }
        let digits = String(anomalies.last?.number ?? 0).count
        for numbered in anomalies {
            let number = String(numbered.number)
            print(
                String(repeating: " ", count: digits - number.count) + "\(number)  \(Visible.text(numbered.name))\n"
                    + String(repeating: " ", count: digits + 2) + Visible.text(numbered.anomaly.message))
        }
        let counted = verdict.checkers.reduce(0) { $0 + $1.result.anomalyCount }
        if counted > anomalies.count { print("of \(counted) in all") }
        print("`dyno explain \(file) NUMBER` draws one")
    }
}
