/// A command's page for `man`, in the macros of man(7).
struct ManualPage {
    private let command: CommandDescription
    private let version: String
    private var lines: [String] = []

    /// `dyno-bench-history.1`
    var fileName: String { command.words.joined(separator: "-") + ".1" }

    init(_ command: CommandDescription, version: String) {
        self.command = command
        self.version = version
    }

    /// The page's source.
    func text() -> String {
        var page = self
        page.head()
        page.synopsis()
        page.section("DESCRIPTION")
        page.paragraphs(command.discussion ?? command.abstract ?? "")
        page.arguments("ARGUMENTS") { $0.kind == "positional" }
        page.arguments("OPTIONS") { $0.kind != "positional" }
        page.commands()
        page.seeAlso()
        return page.lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Sections

    private mutating func head() {
        let name = command.words.joined(separator: "-")
        lines.append(".\\\" -*- coding: utf-8 -*-  Made by `dyno manual` from the command's own help.")
        lines.append(
            ".TH \"\(Self.escape(name.uppercased()))\" 1 \"\" \"dyno \(Self.escape(version))\" \"Dyno manual\"")
        lines += [".nh", ".ad l"]
        section("NAME")
        lines.append("\(Self.escape(name)) \\- \(Self.escape(command.abstract ?? ""))")
    }

    private mutating func synopsis() {
        section("SYNOPSIS")
        lines.append(".B \(Self.escape(command.words.joined(separator: " ")))")
        for argument in shown {
            var text: String
            if argument.kind == "positional" {
                text = "\\fI\(Self.escape(argument.valueName ?? "value").uppercased())\\fR"
            } else {
                guard let name = argument.preferredName?.text ?? argument.names?.first?.text else { continue }
                text = "\\fB\(Self.escape(name))\\fR"
                if argument.kind == "option" { text += " \\fI\(Self.escape(argument.valueName ?? "value"))\\fR" }
            }
            if argument.isRepeating { text += " ..." }
            lines.append(argument.isOptional ? "[\(text)]" : text)
        }
        if !command.visibleSubcommands.isEmpty { lines.append("\\fICOMMAND\\fR ...") }
    }

    private var shown: [CommandDescription.Argument] { (command.arguments ?? []).filter { $0.shouldDisplay != false } }

    private mutating func arguments(_ title: String, _ belongs: (CommandDescription.Argument) -> Bool) {
        let chosen = shown.filter(belongs)
        guard !chosen.isEmpty else { return }
        section(title)
        for argument in chosen {
            lines.append(".TP")
            if argument.kind == "positional" {
                lines.append("\\fI\(Self.escape(argument.valueName ?? "value").uppercased())\\fR")
            } else {
                let value = argument.kind == "option" ? " \\fI\(Self.escape(argument.valueName ?? "value"))\\fR" : ""
                lines.append(
                    (argument.names ?? []).map { "\\fB\(Self.escape($0.text))\\fR\(value)" }.joined(separator: ", "))
            }
            var words = argument.abstract ?? ""
            if let value = argument.defaultValue {
                words += words.isEmpty ? "Default: \(value)." : " (default: \(value))"
            }
            if let values = argument.allValues, !values.isEmpty {
                words += (words.isEmpty ? "" : " ") + "One of: \(values.joined(separator: ", "))."
            }
            lines.append(Self.line(words.isEmpty ? "\u{2013}" : words))
            if let discussion = argument.discussion {
                lines.append(".IP")
                paragraphs(discussion)
            }
        }
    }

    private mutating func commands() {
        guard !command.visibleSubcommands.isEmpty else { return }
        section("COMMANDS")
        for sub in command.visibleSubcommands {
            lines.append(".TP")
            lines.append("\\fB\(Self.escape(sub.words.joined(separator: "-")))\\fR(1)")
            lines.append(Self.line(sub.abstract ?? ""))
        }
    }

    private mutating func seeAlso() {
        let parents =
            (command.superCommands ?? []).isEmpty ? [] : [(command.superCommands ?? []).joined(separator: "-")]
        let names = parents + command.visibleSubcommands.map { $0.words.joined(separator: "-") }
        guard !names.isEmpty else { return }
        section("SEE ALSO")
        lines.append(names.map { "\\fB\(Self.escape($0))\\fR(1)" }.joined(separator: ", "))
    }

    // MARK: - Text

    private mutating func section(_ title: String) { lines.append(".SH \(title)") }

    /// Paragraphs end at empty lines; lines that begin with blanks are shown as they are.
    private mutating func paragraphs(_ text: String) {
        var isVerbatim = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let wantsVerbatim = line.hasPrefix("  ")
            if line.isEmpty {
                if !isVerbatim { lines.append(".PP") } else { lines.append("") }
                continue
            }
            if wantsVerbatim != isVerbatim {
                lines += wantsVerbatim ? [".PP", ".nf"] : [".fi", ".PP"]
                isVerbatim = wantsVerbatim
            }
            lines.append(Self.line(String(line)))
        }
        if isVerbatim { lines.append(".fi") }
    }

    /// A line of text that no formatter takes for a request.
    private static func line(_ text: String) -> String {
        let escaped = escape(text)
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "\"": result += "\\(dq"
            default: result.append(character)
            }
        }
        return result
    }
}
