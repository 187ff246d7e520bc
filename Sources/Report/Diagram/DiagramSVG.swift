/// Draws a space-time diagram as SVG: inside a page, or as a file of its own.
public enum DiagramSVG {
    /// A whole file, with its own colours for light and dark surroundings.
    public static func file(_ diagram: SpaceTimeDiagram) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Canvas(diagram).svg(style: "<style>\(style)</style>") + "\n"
    }

    /// An element for a page that holds ``style`` once.
    static func element(_ diagram: SpaceTimeDiagram) -> String { Canvas(diagram).svg(style: "") }

    static let style = """
        .st{--ink:#1c2024;--dim:#6b7280;--line:#c3c9d2;--op:#2563a8;--fault:#b45309;--bad:#c81e1e;--paper:#fff;\
        font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--paper)}
        @media (prefers-color-scheme:dark){.st{--ink:#e6e8eb;--dim:#98a1ad;--line:#454d58;--op:#6db1ff;--fault:#f0a94b;\
        --bad:#ff7b7b;--paper:#15181c}}
        .st text{fill:var(--ink)}.st .dim{fill:var(--dim)}.st .name{font-weight:700;text-anchor:middle}.st .end{text-anchor:end}
        .st .bad{fill:var(--bad);font-weight:700}.st .axis{stroke:var(--line);stroke-width:1.5}.st .process{stroke-dasharray:3 3}
        .st .op{fill:var(--op);fill-opacity:.75}.st .fail{fill:var(--dim)}.st .info{fill:none;stroke:var(--op);stroke-width:1.5;\
        stroke-dasharray:4 3}
        .st .fault{fill:var(--fault);fill-opacity:.22;stroke:var(--fault);stroke-opacity:.6}.st .msg{stroke:var(--dim);fill:none}
        .st .head{fill:var(--dim)}.st .seen{stroke:var(--ink);stroke-width:1.5;fill:none}.st .seenhead{fill:var(--ink)}
        .st .broken{stroke:var(--bad);stroke-width:2.2;stroke-dasharray:6 4;fill:none}.st .cross{stroke:var(--bad);stroke-width:3}
        .st .dot{fill:var(--ink)}.st .stripe{fill:var(--ink);fill-opacity:.035}
        """
}

private struct Canvas {
    private let diagram: SpaceTimeDiagram
    /// The words beside each row, and how many of the lines tell what is broken.
    private let words: [(plain: [String], broken: [String])]
    private let tops: [Double]
    private let height: Double
    private let laneSpacing: Double

    private static let wordWidth = 58
    private static let lineHeight = 17.0
    private static let characterWidth = 7.9
    private static let header = 44.0
    private static let firstLane = 176.0

    init(_ diagram: SpaceTimeDiagram) {
        self.diagram = diagram
        words = diagram.rows.indices.map { row in
            let broken = diagram.arrows.filter { $0.kind == .broken && $0.to == row }
            return (
                TextCell.wrap(Visible.text(diagram.rows[row].title), Self.wordWidth),
                broken.flatMap { TextCell.wrap("✗ " + Visible.text($0.label), Self.wordWidth) }
            )
        }
        let longest = diagram.lanes.map { min(12, Visible.text($0.name).count) }.max() ?? 2
        laneSpacing = max(56, Double(longest) * Self.characterWidth + 20)
        var tops: [Double] = []
        var y = Self.header
        for (plain, broken) in words {
            tops.append(y)
            y += 16 + Self.lineHeight * Double(plain.count + broken.count)
        }
        self.tops = tops
        height = y + 8
    }

    private func x(_ lane: Int) -> Double { Self.firstLane + Double(lane) * laneSpacing }
    private func y(_ row: Int) -> Double { tops[row] + 14 }
    private var wordsAt: Double { Self.firstLane + Double(max(0, diagram.lanes.count - 1)) * laneSpacing + 44 }

    func svg(style: String) -> String {
        let width = wordsAt + Double(Self.wordWidth) * Self.characterWidth + 12
        let label = Markup.escape("Space-time diagram: \(diagram.title). \(diagram.sentence)")
        var parts = [
            "<svg class=\"st\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(width)) \(n(height))\" "
                + "width=\"\(n(width))\" height=\"\(n(height))\" role=\"img\" aria-label=\"\(label)\">",
            style,
        ]
        for row in diagram.rows.indices where row % 2 == 1 {
            let bottom = row + 1 < tops.count ? tops[row + 1] : height - 8
            parts.append(rectangle("stripe", 0, tops[row] - 4, width, bottom - tops[row]))
        }
        parts += lanes() + spans()
        for row in diagram.rows.indices { parts += marks(row) }
        parts += diagram.arrows.enumerated().map { arrow($0.element, number: $0.offset) }
        for row in diagram.rows.indices { parts += text(row) }
        parts.append("</svg>")
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    // MARK: - Lines and what lasts

    private func lanes() -> [String] {
        diagram.lanes.enumerated().flatMap { lane, content in
            [
                "<line class=\"axis\(content.kind == .process ? " process" : "")\" x1=\"\(n(x(lane)))\" "
                    + "y1=\"\(n(Self.header - 12))\" x2=\"\(n(x(lane)))\" y2=\"\(n(height - 6))\"/>",
                label("name", x(lane), 22, Visible.short(Visible.text(content.name), 12)),
            ]
        }
    }

    private func spans() -> [String] {
        diagram.spans.map { span in
            let top = y(span.from), bottom = span.to.map { y($0) } ?? height - 6
            let title = "<title>\(Markup.escape(span.name))</title>"
            switch span.kind {
            case .fault: return rectangle("fault", x(span.lane) - 15, top, 30, bottom - top, title)
            case .operation:
                let outcome: String
                switch span.to.map({ diagram.rows[$0].mark }) {
                case .completion(.ok)?: outcome = "op"
                case .completion(.fail)?: outcome = "op fail"
                default: outcome = "info"
                }
                return rectangle(outcome, x(span.lane) - 5, top, 10, max(6, bottom - top), title)
            }
        }
    }

    // MARK: - Events

    private func marks(_ index: Int) -> [String] {
        let row = diagram.rows[index]
        guard let lane = row.lane else { return [] }
        switch row.mark {
        case .fault: return []
        case .point: return ["<circle class=\"dot\" cx=\"\(n(x(lane)))\" cy=\"\(n(y(index)))\" r=\"5\"/>"]
        case .invoke, .completion:
            guard let contact = row.contact, contact != lane else { return [] }
            let isBegin = row.mark == .invoke
            let (from, to) = isBegin ? (x(lane), x(contact)) : (x(contact), x(lane))
            let side = to > from ? 1.0 : -1.0
            let end = to - side * 6, height = y(index)
            return [
                "<line class=\"msg\" x1=\"\(n(from))\" y1=\"\(n(height))\" x2=\"\(n(end))\" y2=\"\(n(height))\"/>",
                head("head", (end, height), (side, 0)),
            ]
        }
    }

    private func text(_ index: Int) -> [String] {
        let row = diagram.rows[index]
        let base = y(index) + 4
        var parts = [
            label(row.isProof ? "end" : "end dim", 62, base, "#\(row.event)"),
            label("end dim", 146, base, diagram.time(index)),
        ]
        for (line, words) in words[index].plain.enumerated() {
            parts.append(
                label(row.isProof ? "" : "dim", wordsAt, base + Double(line) * Self.lineHeight, words))
        }
        for (line, words) in words[index].broken.enumerated() {
            let place = base + Double(line + self.words[index].plain.count) * Self.lineHeight
            parts.append(label("bad", wordsAt, place, words))
        }
        return parts
    }

    // MARK: - Relations

    private func point(_ row: Int) -> (x: Double, y: Double) {
        (diagram.rows[row].lane.map { x($0) } ?? Self.firstLane - 16, y(row))
    }

    private func arrow(_ arrow: SpaceTimeDiagram.Arrow, number: Int) -> String {
        let start = point(arrow.from), end = point(arrow.to)
        let name = arrow.kind == .broken ? "broken" : "seen"
        guard arrow.from != arrow.to else { return cross(start) }
        // Both ends on one line, or nearly: the arrow swings out to the left of it.
        let swing = abs(start.x - end.x) < 1 ? 26.0 + Double(number % 3) * 8 : 0
        let middle = (start.y + end.y) / 2
        let first = (x: start.x - swing, y: swing > 0 ? start.y + (middle - start.y) * 0.4 : middle)
        let second = (x: end.x - swing, y: swing > 0 ? end.y - (end.y - middle) * 0.4 : middle)
        let direction = unit(from: second, to: end)
        let tip = (x: end.x - direction.x * 7, y: end.y - direction.y * 7)
        let path =
            "<path class=\"\(name)\" d=\"M\(n(start.x)) \(n(start.y))C\(n(first.x)) \(n(first.y)) "
            + "\(n(second.x)) \(n(second.y)) \(n(tip.x)) \(n(tip.y))\"/>"
        guard arrow.kind == .broken else { return path + head("seenhead", tip, direction) }
        // The middle of the curve.
        let centre = (
            x: (start.x + 3 * first.x + 3 * second.x + tip.x) / 8, y: (start.y + 3 * first.y + 3 * second.y + tip.y) / 8
        )
        return path + head("bad", tip, direction) + cross(centre)
    }

    private func cross(_ at: (x: Double, y: Double)) -> String {
        "<path class=\"cross\" d=\"M\(n(at.x - 7)) \(n(at.y - 7))L\(n(at.x + 7)) \(n(at.y + 7))"
            + "M\(n(at.x + 7)) \(n(at.y - 7))L\(n(at.x - 7)) \(n(at.y + 7))\"/>"
    }

    /// The head of an arrow whose line ends at `at`, running in `direction`.
    private func head(_ name: String, _ at: (x: Double, y: Double), _ direction: (x: Double, y: Double)) -> String {
        let tip = (x: at.x + direction.x * 7, y: at.y + direction.y * 7)
        let side = (x: -direction.y * 4.5, y: direction.x * 4.5)
        return "<path class=\"\(name)\" d=\"M\(n(tip.x)) \(n(tip.y))L\(n(at.x + side.x)) \(n(at.y + side.y))"
            + "L\(n(at.x - side.x)) \(n(at.y - side.y))Z\"/>"
    }

    private func unit(from: (x: Double, y: Double), to: (x: Double, y: Double)) -> (x: Double, y: Double) {
        let dx = to.x - from.x, dy = to.y - from.y
        let length = (dx * dx + dy * dy).squareRoot()
        return length > 0.001 ? (dx / length, dy / length) : (0, 1)
    }

    // MARK: - Elements

    private func rectangle(
        _ name: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ content: String = ""
    ) -> String {
        "<rect class=\"\(name)\" x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" rx=\"3\">"
            + content + "</rect>"
    }

    private func label(_ name: String, _ x: Double, _ y: Double, _ text: String) -> String {
        "<text\(name.isEmpty ? "" : " class=\"\(name)\"") x=\"\(n(x))\" y=\"\(n(y))\">\(Markup.escape(text))</text>"
    }

    /// A coordinate with one decimal at most.
    private func n(_ value: Double) -> String { Coordinate.text(value) }
}

/// Numbers of drawings: at most one decimal, the same on every machine.
enum Coordinate {
    static func text(_ value: Double) -> String {
        guard value.magnitude < 1e12 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let whole = tenths.magnitude / 10, rest = tenths.magnitude % 10
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}
