import ArgumentParser
import Foundation

/// Every setting of a node, read from the command line's own definition: the table cannot say what the parser does not.
struct Settings {
    struct Setting: Hashable {
        var name: String
        /// What stands for its value: a unit or a form.
        var form: String
        var fallback: String
        var meaning: String
    }

    /// In the order in which the options are defined.
    static var all: [Setting] {
        guard let tool = try? JSONDecoder().decode(Tool.self, from: Data(NodeCommand._dumpHelp().utf8)) else {
            return []
        }
        return (tool.command.arguments ?? []).compactMap { argument in
            guard argument.kind == "option", let name = argument.preferredName?.name else { return nil }
            var meaning = argument.abstract ?? ""
            var fallback = argument.defaultValue ?? ""
            // Defaults that the parser knows only as code are told in the help text.
            if let range = meaning.firstRange(of: " (default: "), meaning.hasSuffix(")") {
                fallback = String(meaning[range.upperBound...].dropLast())
                meaning = String(meaning[..<range.lowerBound])
            }
            let allowed = argument.allValues.map { $0.joined(separator: "|") }
            return Setting(
                name: name, form: allowed ?? argument.valueName ?? "value", fallback: fallback, meaning: meaning)
        }
    }

    /// The table as text.
    static var table: String {
        let rows = all.map { setting in
            (setting.name, setting.form, setting.fallback.isEmpty ? "-" : setting.fallback, setting.meaning)
        }
        let head = [("setting (flag: --setting)", "value", "default", "meaning")] + rows
        let widths = (
            head.map(\.0.count).max() ?? 0, head.map(\.1.count).max() ?? 0, head.map(\.2.count).max() ?? 0
        )
        return head.map { row in
            [padded(row.0, widths.0), padded(row.1, min(widths.1, 40)), padded(row.2, min(widths.2, 40)), row.3]
                .joined(separator: "  ")
        }.joined(separator: "\n") + "\n"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// What of the parser's own description is needed.
    private struct Tool: Decodable {
        struct Command: Decodable { var arguments: [Argument]? }
        struct Name: Decodable { var name: String }
        struct Argument: Decodable {
            var kind: String
            var valueName: String?
            var abstract: String?
            var defaultValue: String?
            var preferredName: Name?
            var allValues: [String]?
        }
        var command: Command
    }
}

/// `dynamo-node settings`: the table of all settings.
struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "List every setting: its name, value, default and meaning.",
        discussion: """
            Each is a flag of the node, --NAME VALUE, and a line of a configuration file, NAME = VALUE, which --config \
            names. A flag wins over the file.
            """)

    func run() throws { print(Settings.table, terminator: "") }
}
