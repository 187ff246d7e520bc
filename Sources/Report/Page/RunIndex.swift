import Checkers
import Foundation

/// The page that lists the runs of a folder.
public enum RunIndex {
    /// A run as an index shows it.
    public struct Entry: Sendable, Hashable {
        /// The name of its directory.
        public var name: String
        /// What its verdict file says; nil where there is none: the run was cut short, or still goes on.
        public var validity: Validity?
        /// `siblings 3, durability 1`: checkers and how many anomalies each found.
        public var findings: String
        public var events: Int?
        /// Where a click leads.
        public var link: String
    }

    private struct VerdictForm: Decodable {
        struct Checker: Decodable {
            var anomalyCount: Int?
        }
        var valid: Flag
        var events: Int?
        var checkers: [String: Checker]?

        enum Flag: Decodable {
            case yes, no, unknown
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                guard let value = try? container.decode(Bool.self) else {
                    self = .unknown
                    return
                }
                self = value ? .yes : .no
            }
        }
    }

    /// The runs under `folder`, the latest first: every directory in it that holds a history.
    public static func entries(of folder: String, link: (String) -> String) -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") && isRun(folder + "/" + $0) }.sorted(by: >).map { name in
            var entry = Entry(name: name, validity: nil, findings: "", events: nil, link: link(name))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)/verdict.json"),
                let verdict = try? decoder.decode(VerdictForm.self, from: data)
            else { return entry }
            switch verdict.valid {
            case .yes: entry.validity = .valid
            case .no: entry.validity = .invalid
            case .unknown: entry.validity = .unknown
            }
            entry.events = verdict.events
            entry.findings = (verdict.checkers ?? [:]).sorted { $0.key < $1.key }
                .compactMap { name, checker in
                    (checker.anomalyCount ?? 0) > 0 ? "\(name) \(checker.anomalyCount ?? 0)" : nil
                }
                .joined(separator: ", ")
            return entry
        }
    }

    /// Whether a directory is that of a run.
    public static func isRun(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path + "/history.dyno") }

    public static func html(_ entries: [Entry], folder: String) -> String {
        let rows = entries.map { entry -> HTML in
            let tone = entry.validity.map(ReportPage.tone) ?? "open"
            let word = entry.validity.map(ReportPage.word) ?? "no verdict"
            return """
                <tr><td class="\(tone)">\(word)</td><th scope="row"><a href="\(entry.link)">\(entry.name)</a></th>\
                <td class="num">\(entry.events.map { "\(ReportPage.grouped($0)) events" } ?? "")</td><td>\(entry.findings)</td></tr>
                """
        }
        let invalid = entries.count { $0.validity == .invalid }, valid = entries.count { $0.validity == .valid }
        let table: HTML =
            entries.isEmpty
            ? "<p>There is no run in this folder: a run is a directory with a <code>history.dyno</code>, as <code>dyno run</code> leaves it.</p>"
            : """
            <p>\(entries.count) runs: \(valid) valid, \(invalid) invalid, \(entries.count - valid - invalid) unknown or without a verdict.</p>
            <div class="scroll"><table class="runs"><thead><tr><th scope="col">verdict</th><th scope="col">run</th><th scope="col" class="num">events</th>\
            <th scope="col">anomalies</th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
            <meta name="color-scheme" content="light dark">
            <title>Dyno runs · \(folder)</title>
            \(HTML(markup: "<style>\(PageStyle.sheet)</style>"))
            </head>
            <body>
            <header><p class="eyebrow">Dyno runs</p><h1>\(folder)</h1></header>
            <main><section>\(table)</section></main>
            </body>
            </html>

            """
        return page.text
    }
}
