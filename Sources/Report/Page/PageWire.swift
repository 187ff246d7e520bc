import Foundation

/// What went between the nodes, as the capture saw it.
extension ReportPage {
    /// Rows of the picture, at most, and columns.
    private static let maximumLinks = 60
    private static let maximumColumns = 100

    /// Messages over time, by what they serve.
    func wireCharts() -> [Chart] {
        guard let wire else { return [] }
        let groups = wire.groups.filter { $0.messages.contains { $0 > 0 } }.prefix(6)
        let length = groups.map(\.messages.count).max() ?? 0
        guard length > 0 else { return [] }
        var chart = Chart(
            id: "messages", title: "Messages between the nodes", yLabel: "messages/s",
            x: (0..<length).map { Double($0 * wire.step) }, lines: [])
        chart.lines = groups.map { group in
            .init(
                name: Visible.short(group.name, 40),
                values: (0..<length).map { place in
                    place < group.messages.count ? Double(group.messages[place]) / Double(wire.step) : 0
                })
        }
        chart.note = "Read out of the captured packets, by what they serve."
        return [withFaults(chart)]
    }

    /// A row for each direction between two places, a column for each slice of time.
    func links() -> HTML {
        guard let wire else { return "" }
        let links = wire.links.filter { $0.sent.contains { $0 > 0 } }
            .sorted { ($0.from.count, $0.from, $0.to.count, $0.to) < ($1.from.count, $1.from, $1.to.count, $1.to) }
        let length = links.map { max($0.sent.count, $0.delivered.count) }.max() ?? 0
        guard length > 0 else { return "" }
        let width = max(1, (length + Self.maximumColumns - 1) / Self.maximumColumns)
        let rows = links.prefix(Self.maximumLinks).map { link in
            (
                name: "\(link.from) → \(link.to)", sent: Self.sums(link.sent, width, length),
                delivered: Self.sums(link.delivered, width, length)
            )
        }
        let most = max(1, rows.flatMap(\.delivered).max() ?? 1)
        let columns = rows.first?.sent.count ?? 0
        let cell = 620.0 / Double(max(1, columns)), height = 15.0
        var parts = [
            "<svg class=\"plot links\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 \(Coordinate.text(height * Double(rows.count) + 26))\" "
                + "role=\"img\" aria-label=\"Packets by link and time\">"
        ]
        for (number, row) in rows.enumerated() {
            let y = Double(number) * height
            parts.append(
                "<text class=\"tick end\" x=\"122\" y=\"\(Coordinate.text(y + 11))\">\(Markup.escape(Visible.short(row.name, 18)))</text>"
            )
            for column in 0..<columns where row.sent[column] > 0 || row.delivered[column] > 0 {
                let share = (Double(row.delivered[column]) / Double(most)).squareRoot()
                // What was sent and did not arrive, beyond what one slice hands to the next.
                let isStopped = row.sent[column] > 4 && row.delivered[column] * 2 < row.sent[column]
                let fill = isStopped ? "stopped" : "flow"
                let opacity = isStopped ? "" : " fill-opacity=\"\(Coordinate.text(max(0.1, share)))\""
                parts.append(
                    "<rect class=\"\(fill)\" x=\"\(Coordinate.text(130 + Double(column) * cell))\" y=\"\(Coordinate.text(y + 1))\" "
                        + "width=\"\(Coordinate.text(cell))\" height=\"13\"\(opacity)/>")
            }
        }
        let last = Double(length * wire.step)
        for share in [0.0, 0.25, 0.5, 0.75, 1] {
            parts.append(
                "<text class=\"tick mid\" x=\"\(Coordinate.text(130 + 620 * share))\" "
                    + "y=\"\(Coordinate.text(height * Double(rows.count) + 18))\">\(ChartSVG.number((last * share).rounded())) s</text>"
            )
        }
        parts.append("</svg>")
        let rest = links.count > rows.count ? " Only \(rows.count) of \(links.count) links are shown." : ""
        let slice = wire.step * width
        return """
            <h3>Packets on every link</h3><div class="scroll"><div class="broad">\(HTML(markup: parts.joined(separator: "\n")))</div></div>
            <p class="note">Each cell is \(slice) s of one direction: the darker, the more packets were delivered (at most \(Self.grouped(most))). \
            Red: packets were sent, and most of them stopped.\(rest)</p>
            """
    }

    private static func sums(_ series: [Int], _ width: Int, _ length: Int) -> [Int] {
        stride(from: 0, to: length, by: width).map { start in
            start < series.count ? series[start..<min(series.count, start + width)].reduce(0, &+) : 0
        }
    }
}
