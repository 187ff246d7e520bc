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
        // What clients say to each other is nobody's business here.
        let links = wire.links.filter { $0.from != $0.to && $0.sent.contains { $0 > 0 } }
            .sorted { ($0.from.count, $0.from, $0.to.count, $0.to) < ($1.from.count, $1.from, $1.to.count, $1.to) }
        let length = links.map { max($0.sent.count, $0.delivered.count) }.max() ?? 0
        guard length > 0 else { return "" }
        let width = max(1, (length + Self.maximumColumns - 1) / Self.maximumColumns)
        let rows = links.prefix(Self.maximumLinks).map { link in
            LinkPicture.Row(
                from: link.from, to: link.to, sent: Self.sums(link.sent, width, length),
                delivered: Self.sums(link.delivered, width, length))
        }
        let picture = LinkPicture(rows: rows, seconds: length * wire.step)
        let rest = links.count > rows.count ? " Only \(rows.count) of \(links.count) links are shown." : ""
        let slice = wire.step * width
        return """
            <h3>Packets on every link</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Packets on every link"><div class="broad">\(picture.svg)</div></div>
            <ul class="legend"><li><span class="key little"></span>few packets</li><li><span class="key flow"></span>\
            many (at most \(Self.grouped(picture.most)))</li><li><span class="key stopped"></span>sent, and most of them stopped</li></ul>
            <p class="note">Each cell is \(slice) s of one direction; where it is empty, nothing was sent.\(rest)</p>
            """
    }

    private static func sums(_ series: [Int], _ width: Int, _ length: Int) -> [Int] {
        stride(from: 0, to: length, by: width).map { start in
            start < series.count ? series[start..<min(series.count, start + width)].reduce(0, &+) : 0
        }
    }
}
