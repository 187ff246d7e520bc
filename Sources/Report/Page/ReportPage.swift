import Checkers
import Foundation
import History

/// The report of one run: a single HTML file that opens from disk and asks no network for anything.
public struct ReportPage {
    public struct Input {
        public var history: History
        public var verdict: Verdict
        /// The path of the history, as the commands that the page shows name it.
        public var path: String
        /// The text of the workload file that was kept beside the history; nil: none was.
        public var workload: String?
        /// What draws charts that zoom; nil: they are plain drawings.
        public var library: ChartLibrary?
        /// A secret of this page: only scripts that carry it run.
        public var nonce: String

        public init(
            history: History, verdict: Verdict, path: String, workload: String? = nil, library: ChartLibrary? = nil,
            nonce: String
        ) {
            self.history = history
            self.verdict = verdict
            self.path = path
            self.workload = workload
            self.library = library
            self.nonce = nonce
        }
    }

    let input: Input
    let record: RunRecord
    let exercise: Exercise
    let samples: RunSamples
    let wire: RunWire?
    let partner: ContiguousArray<Int32>

    var history: History { input.history }
    var verdict: Verdict { input.verdict }

    private init(_ input: Input) {
        self.input = input
        record = RunRecord(input.history)
        exercise = Exercise(input.history)
        samples = RunSamples(input.history)
        wire = RunWire.of(input.history)
        partner = input.history.pairing()
    }

    /// The whole page. The history must have passed ``History/validate(file:)``.
    public static func html(_ input: Input) -> String { ReportPage(input).page().text }

    private func page() -> HTML {
        let charts = charts()
        let sections: [(id: String, title: String, body: HTML)] = [
            ("exercised", "What was exercised and witnessed", exercised()),
            ("time", "Over time", overTime(charts)),
            ("links", "Between the nodes", links()),
            ("ring", "The ring", ring()),
            ("anomalies", "Anomalies", anomalies()),
            ("repeat", "How to repeat it", repetition()),
        ].filter { !$0.body.text.isEmpty }
        let links = sections.map { section -> HTML in "<a href=\"#\(section.id)\">\(section.title)</a>" }
        let bodies = sections.map { section -> HTML in
            "<section id=\"\(section.id)\" aria-labelledby=\"h-\(section.id)\"><h2 id=\"h-\(section.id)\">\(section.title)</h2>\(section.body)</section>\n"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="color-scheme" content="light dark">
            <title>\(word) · \(title)</title>
            \(styles)
            </head>
            <body>
            <a class="skip" href="#verdict">Skip to the verdict</a>
            <header><p class="eyebrow">\(eyebrow)</p><h1>\(title)</h1><nav aria-label="Sections">\(links)</nav></header>
            <main>
            \(verdictSection())
            \(bodies)
            </main>
            <footer><p>Times are seconds since the run began. This page holds everything it shows and asks no network for anything. \
            \(libraryNote)</p></footer>
            \(scripts(charts))
            </body>
            </html>

            """
    }

    var title: String { history.header.name ?? URL(fileURLWithPath: input.path).lastPathComponent }

    private var eyebrow: String {
        let run = history.header.name == nil ? nil : RunName.of(path: input.path)
        return (["Dyno report"] + [record.seed.map { "seed \($0)" }, run].compactMap { $0 }).joined(separator: " · ")
    }

    private var policy: String {
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-\(input.nonce)'; img-src data:; "
            + "base-uri 'none'; form-action 'none'"
    }

    private var styles: HTML {
        HTML(markup: "<style>\n\(PageStyle.sheet)\n\(DiagramSVG.style)\n\(input.library?.style ?? "")</style>")
    }

    private var libraryNote: HTML {
        guard let library = input.library else {
            return
                "Charts are plain drawings here: dygraphs (Debian's package libjs-dygraphs) was not there to be embedded."
        }
        return "Charts are drawn by \(library.name), embedded with its licence."
    }

    private func scripts(_ charts: [Chart]) -> HTML {
        let nonce = Markup.escape(input.nonce)
        var text = "<script type=\"application/json\" id=\"charts\">\(ScriptJSON.text(charts))</script>\n"
        if let library = input.library { text += "<script nonce=\"\(nonce)\">\(library.script)</script>\n" }
        text += "<script nonce=\"\(nonce)\">\(PageScript.text)</script>"
        return HTML(markup: text)
    }
}

/// The source of dygraphs as it is installed on this machine.
public struct ChartLibrary: Sendable {
    public var name: String
    public var script: String
    public var style: String

    /// Where Debian's libjs-dygraphs puts it.
    public static let usualFolder = "/usr/share/javascript/dygraphs"

    /// Reads it; nil when it is not there, or could not be put into a page.
    public init?(folder: String = usualFolder) {
        guard let script = try? String(contentsOfFile: folder + "/dygraph.min.js", encoding: .utf8),
            let style = try? String(contentsOfFile: folder + "/dygraph.min.css", encoding: .utf8),
            !script.lowercased().contains("</script"), !script.contains("<!--"), !style.lowercased().contains("</style")
        else { return nil }
        name = "dygraphs (dygraphs.com, MIT licence)"
        self.script = script.split(separator: "\n").filter { !$0.hasPrefix("//# sourceMappingURL") }.joined(
            separator: "\n")
        self.style = style.split(separator: "\n").filter { !$0.hasPrefix("/*# sourceMappingURL") }.joined(
            separator: "\n")
    }
}
