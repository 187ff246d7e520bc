/// One character of a drawing and how it is coloured where colours are wanted.
struct TextCell: Hashable {
    enum Style: Hashable {
        case plain, dim, strong, fault, broken, operation

        /// The select-graphic-rendition parameters of ECMA-48.
        var code: String? {
            switch self {
            case .plain: nil
            case .dim: "2"
            case .strong: "1"
            case .fault: "33"
            case .broken: "1;31"
            case .operation: "36"
            }
        }
    }

    var character: Character
    var style: Style = .plain

    static let blank = TextCell(character: " ")

    static func cells(_ text: String, _ style: Style = .plain) -> [TextCell] {
        text.map { TextCell(character: $0, style: style) }
    }

    /// A line without blanks at its end.
    static func line(_ cells: [TextCell], colour: Bool) -> String {
        var cells = cells[...]
        while cells.last?.character == " " { cells.removeLast() }
        var text = ""
        var style = Style.plain
        for cell in cells {
            if colour, cell.style != style {
                text += "\u{1B}[0m" + (cell.style.code.map { "\u{1B}[\($0)m" } ?? "")
                style = cell.style
            }
            text.append(cell.character)
        }
        return colour && style != .plain ? text + "\u{1B}[0m" : text
    }

    /// `text` in lines of at most `width` characters, broken at blanks where there are some.
    static func wrap(_ text: String, _ width: Int?) -> [String] {
        guard let width, text.count > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = Substring(word)
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            while word.count > width {
                lines.append(String(word.prefix(width)))
                word = word.dropFirst(width)
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
