import Foundation
import History

/// How to have the same again, and to look closer.
extension ReportPage {
    func repetition() -> HTML {
        let path = Shell.quote(input.path)
        var commands: [(String, String)] = []
        if let seed = record.seed {
            let folder = URL(fileURLWithPath: input.path).deletingLastPathComponent().relativePath
            let workload =
                input.workload != nil ? folder + "/workload.yml" : "Workloads/\(record.workload ?? "NAME").yml"
            let flaw = record.flaw.map { " --flaw \(Shell.quote($0))" } ?? ""
            commands.append(("run it again", "dyno run \(Shell.quote(workload)) --seed \(seed)\(flaw)"))
        }
        commands.append(("decide again, offline", "dyno check \(path)"))
        commands.append(("read what happened to a key", "dyno show \(path) --key KEY"))
        commands.append(("list and draw the anomalies", "dyno explain \(path)"))
        let rows = commands.map { what, command -> HTML in
            "<tr><th scope=\"row\">\(what)</th><td><code>\(command)</code></td></tr>"
        }
        var settings: [(String, String)] = []
        let header = history.header
        if let nodes = header.nodes { settings.append(("nodes", nodes.joined(separator: ", "))) }
        if let n = header.n, let r = header.r, let w = header.w { settings.append(("N, R, W", "\(n), \(r), \(w)")) }
        if let within = header.convergeWithin { settings.append(("must converge within", Seconds.text(within))) }
        if let flaw = record.flaw { settings.append(("flaw planted", flaw)) }
        settings.append(("events", Self.grouped(history.events.count)))
        settings.append(("length", Seconds.text(exercise.span)))
        let facts = settings.map { name, value -> HTML in "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>" }
        let workload: HTML =
            input.workload.map { text -> HTML in
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> HTML in
                    "\(String(line).replacing("\t", with: "    "))\n"
                }
                return "<details><summary>The workload file</summary><pre tabindex=\"0\">\(lines)</pre></details>"
            } ?? ""
        return """
            <div class="scroll"><table class="facts"><tbody>\(rows)</tbody></table></div>
            <p class="note">The same seed gives the same load and the same plan of faults; what the network and the scheduler make of them differs.</p>
            <div class="scroll"><table class="facts"><tbody>\(facts)</tbody></table></div>\(workload)
            """
    }
}
