/// Packets by link and time: a row for each direction, grouped by who sends, a column for each slice of time.
struct LinkPicture {
    struct Row {
        var from: String
        var to: String
        /// Packets by slice.
        var sent: [Int]
        var delivered: [Int]
    }

    /// Where columns begin, how wide all of them are, and how high a row and the gap between two groups are.
    private static let left = 130.0, width = 610.0, rowHeight = 17.0, gap = 7.0

    let rows: [Row]
    /// Of all columns together.
    let seconds: Int
    /// The most packets in a cell.
    let most: Int

    init(rows: [Row], seconds: Int) {
        self.rows = rows
        self.seconds = seconds
        most = max(1, rows.flatMap(\.delivered).max() ?? 1)
    }

    var svg: HTML {
        var body: [String] = []
        var y = 0.0
        for (number, row) in rows.enumerated() {
            if number > 0, rows[number - 1].from != row.from { y += Self.gap }
            body += line(row, at: y)
            y += Self.rowHeight
        }
        body += axis(at: y + 17)
        let head =
            "<svg class=\"plot links\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 \(Coordinate.text(y + 24))\" "
            + "role=\"img\" aria-label=\"Packets by link and time\">"
        return HTML(markup: ([head] + body + ["</svg>"]).joined(separator: "\n"))
    }

    private func line(_ row: Row, at y: Double) -> [String] {
        let name = Markup.escape(Visible.short("\(row.from) → \(row.to)", 18))
        var parts = ["<text class=\"tick end\" x=\"122\" y=\"\(Coordinate.text(y + 12))\">\(name)</text>"]
        let cell = Self.width / Double(max(1, row.sent.count))
        for column in row.sent.indices where row.sent[column] > 0 || row.delivered[column] > 0 {
            let share = (Double(row.delivered[column]) / Double(most)).squareRoot()
            // What was sent and did not arrive, beyond what one slice hands to the next.
            let isStopped = row.sent[column] > 4 && row.delivered[column] * 2 < row.sent[column]
            let opacity = isStopped ? "" : " fill-opacity=\"\(Coordinate.text(max(0.1, share)))\""
            parts.append(
                "<rect class=\"\(isStopped ? "stopped" : "flow")\" x=\"\(Coordinate.text(Self.left + Double(column) * cell))\" "
                    + "y=\"\(Coordinate.text(y + 1))\" width=\"\(Coordinate.text(cell))\" height=\"15\"\(opacity)/>")
        }
        return parts
    }

    private func axis(at y: Double) -> [String] {
        [0.0, 0.25, 0.5, 0.75, 1].map { share in
            let anchor = share == 0 ? "" : share == 1 ? " end" : " mid"
            return "<text class=\"tick\(anchor)\" x=\"\(Coordinate.text(Self.left + Self.width * share))\" "
                + "y=\"\(Coordinate.text(y))\">\(ChartSVG.number((Double(seconds) * share).rounded())) s</text>"
        }
    }
}

/// What a run is called where its history lies.
enum RunName {
    /// The name of the run's directory; nil for a history that lies in none of its own.
    static func of(path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count >= 2, parts.last == "history.dyno" else { return nil }
        return Visible.short(String(parts[parts.count - 2]), 60)
    }
}
