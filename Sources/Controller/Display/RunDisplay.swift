/// A run's status as lines of text: a few that are drawn again and again on a terminal, or one for a log.
public enum RunDisplay {
    /// How many rates the sparkline shows.
    static let sparklineLength = 24
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// A piece of a line and its colour, as parameters of ECMA-48's select graphic rendition; nil: plain.
    private struct Piece {
        var text: String
        var code: String?
    }

    /// The lines of the display, each at most `width` characters wide.
    public static func lines(_ status: RunStatus, width: Int, colour: Bool) -> [String] {
        [first(status, wide: width >= 72), nodes(status, width: width), troubles(status), wire(status)]
            .filter { !$0.isEmpty }
            .map { render($0, width: width, colour: colour) }
    }

    /// One line for where nothing can be drawn again.
    public static func plain(_ status: RunStatus) -> String {
        var parts = [status.phase, seconds(status.seconds)]
        if status.operations > 0 {
            parts.append("\(status.operations) operations, \(Int(status.rates.last ?? 0))/s")
        }
        let away = status.nodes.filter { $0.state != .up }.map { "\($0.name) \($0.state.rawValue)" }
        parts.append("nodes \(away.isEmpty ? "all up" : away.joined(separator: ", "))")
        parts.append("faults \(status.faults.isEmpty ? "none" : status.faults.joined(separator: ", "))")
        if let hints = status.hintsWaiting { parts.append("hints waiting \(hints)") }
        if let anomalies = status.anomalies { parts.append("anomalies \(anomalies)") }
        if let waiting = status.waitingFor { parts.append(waiting) }
        return parts.joined(separator: "  ")
    }

    private static func first(_ status: RunStatus, wide: Bool) -> [Piece] {
        var line = [Piece(text: status.phase, code: "1"), Piece(text: "  \(seconds(status.seconds))")]
        if let waiting = status.waitingFor { return line + [Piece(text: "  \(waiting)")] }
        if wide { line.append(Piece(text: "  \(sparkline(status.rates))", code: "36")) }
        line.append(Piece(text: "  \(Int(status.rates.last ?? 0))/s  \(status.operations) operations"))
        let lost = status.operations - status.ok
        if lost > 0 { line.append(Piece(text: " (\(lost) not ok)", code: "33")) }
        if let p50 = status.p50, let p99 = status.p99 {
            line.append(Piece(text: "  p50 \(Text.milliseconds(p50))  p99 \(Text.milliseconds(p99))"))
        }
        return line
    }

    /// Every node by name; where that is too long, only those that are not up, and how many are.
    private static func nodes(_ status: RunStatus, width: Int) -> [Piece] {
        guard !status.nodes.isEmpty else { return [] }
        let line = [Piece(text: "nodes")] + status.nodes.flatMap(node)
        guard line.reduce(0, { $0 + $1.text.count }) > width else { return line }
        let away = status.nodes.filter { $0.state != .up }
        return [Piece(text: "nodes")] + away.flatMap(node)
            + [Piece(text: "  \(status.nodes.count - away.count) up", code: "32")]
    }

    private static func node(_ node: RunStatus.Node) -> [Piece] {
        let code: String
        switch node.state {
        case .up: code = "32"
        case .down: code = "1;31"
        case .paused, .cut, .troubled: code = "33"
        }
        return [Piece(text: "  \(node.name) "), Piece(text: node.state.rawValue, code: code)]
    }

    private static func troubles(_ status: RunStatus) -> [Piece] {
        var line: [Piece] = []
        if let anomalies = status.anomalies {
            line.append(Piece(text: "anomalies \(anomalies)  ", code: anomalies > 0 ? "1;31" : nil))
        }
        if let hints = status.hintsWaiting { line.append(Piece(text: "hints waiting \(hints)  ")) }
        let faults = status.faults.isEmpty ? "none" : status.faults.joined(separator: ", ")
        line.append(Piece(text: "faults \(faults)", code: status.faults.isEmpty ? nil : "33"))
        return line
    }

    private static func wire(_ status: RunStatus) -> [Piece] {
        status.wire.map { [Piece(text: "wire  \($0)")] } ?? []
    }

    static func sparkline(_ rates: [Double]) -> String {
        let shown = rates.suffix(sparklineLength)
        let highest = max(1, shown.max() ?? 0)
        return String(shown.map { bars[min(bars.count - 1, Int(max(0, $0) / highest * Double(bars.count)))] })
    }

    private static func seconds(_ seconds: Double) -> String { "\(Int(seconds)) s" }

    private static func render(_ pieces: [Piece], width: Int, colour: Bool) -> String {
        var room = max(1, width)
        let length = pieces.reduce(0) { $0 + $1.text.count }
        var line = ""
        for piece in pieces where room > 0 {
            var text = piece.text
            if length > width, text.count >= room { text = text.prefix(room - 1) + "…" }
            room -= text.count
            if colour, let code = piece.code { line += "\u{1B}[\(code)m\(text)\u{1B}[0m" } else { line += text }
        }
        return line
    }
}
