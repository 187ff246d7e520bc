/// A ``WireReport`` as a person reads it: links, seconds, kinds of message, acknowledgements, and how far to trust it all.
public enum WireText {
    /// - Parameters:
    ///   - from: the first second shown.
    ///   - to: the second after the last one shown.
    public static func text(of report: WireReport, from: Int = 0, to: Int = .max) -> String {
        let steps = steps(report, from, to)
        var lines = links(report, steps)
        lines += [""] + seconds(report, steps)
        lines += [""] + kinds(report, steps)
        lines += [""] + acknowledgements(report)
        return lines.joined(separator: "\n")
    }

    /// What passed between two reports of a capture that goes on, a second: a row a link, and a row a kind of message.
    ///
    /// - Parameter seconds: between the two.
    public static func live(from before: WireReport, to after: WireReport, seconds: Double) -> String {
        func rate(_ now: Int, _ then: Int) -> String {
            "\(Int((Double(max(0, now - then)) / max(0.001, seconds)).rounded()))"
        }
        func total(_ series: [Int]) -> Int { series.reduce(0, +) }
        var rows = [["link", "sent/s", "delivered/s", "bytes/s", "messages/s"]]
        for link in after.links where link.sent.contains(where: { $0 > 0 }) {
            let old = before.links.first { $0.from == link.from && $0.to == link.to }
            let messages = link.messages.map { group, count in
                (group: group, new: count.messages - (old?.messages[group]?.messages ?? 0))
            }
            let words = messages.filter { $0.new > 0 }.sorted { ($1.new, $0.group) < ($0.new, $1.group) }
                .map { "\($0.group) \(rate($0.new, 0))" }.joined(separator: ", ")
            rows.append([
                "\(link.from) → \(link.to)", rate(total(link.sent), total(old?.sent ?? [])),
                rate(total(link.delivered), total(old?.delivered ?? [])),
                rate(total(link.bytes), total(old?.bytes ?? [])),
                words,
            ])
        }
        var kinds = [["message", "serves", "delivered/s", "bytes/s", "in all"]]
        for kind in after.kinds {
            let old = before.kinds.first { $0.name == kind.name }
            kinds.append([
                kind.name, kind.group, rate(kind.messages, old?.messages ?? 0), rate(kind.bytes, old?.bytes ?? 0),
                "\(kind.messages)",
            ])
        }
        let lines = table(rows, leftColumns: [0, 4]) + [""] + table(kinds, leftColumns: [0, 1])
        return lines.joined(separator: "\n")
    }

    /// The series' places that lie between two seconds.
    private static func steps(_ report: WireReport, _ from: Int, _ to: Int) -> Range<Int> {
        let longest = max(report.links.map(\.sent.count).max() ?? 0, report.kinds.map(\.seconds.count).max() ?? 0)
        let first = min(longest, max(0, from) / report.step)
        let last = to >= longest * report.step ? longest : (max(0, to) + report.step - 1) / report.step
        return first..<max(first, min(longest, last))
    }

    private static func sum(_ series: [Int], _ steps: Range<Int>) -> Int {
        series[min(series.count, steps.lowerBound)..<min(series.count, steps.upperBound)].reduce(0, +)
    }

    private static func links(_ report: WireReport, _ steps: Range<Int>) -> [String] {
        var rows = [["link", "sent", "delivered", "stopped", "bytes", "messages"]]
        for link in report.links {
            let (sent, delivered) = (sum(link.sent, steps), sum(link.delivered, steps))
            let messages = link.messages.sorted { $0.value.messages > $1.value.messages }
                .map { "\($0.key) \($0.value.messages)" }.joined(separator: ", ")
            rows.append([
                "\(link.from) → \(link.to)", "\(sent)", "\(delivered)", "\(max(0, sent - delivered))",
                "\(sum(link.bytes, steps))", messages,
            ])
        }
        return table(rows, leftColumns: [0, 5])
    }

    private static func seconds(_ report: WireReport, _ steps: Range<Int>) -> [String] {
        let groups = ["client", "replication", "forwarding", "handoff", "exchange", "listing", "gossip"]
        var rows = [["second", "sent", "delivered", "stopped", "bytes"] + groups]
        let between = report.links.filter { $0.from != "clients" && $0.to != "clients" }
        for step in steps {
            let one = step..<(step + 1)
            let sent = between.reduce(0) { $0 + sum($1.sent, one) }
            let delivered = between.reduce(0) { $0 + sum($1.delivered, one) }
            let bytes = between.reduce(0) { $0 + sum($1.bytes, one) }
            let messages = groups.map { group in
                "\(report.kinds.filter { $0.group == group }.reduce(0) { $0 + sum($1.seconds, one) })"
            }
            rows.append(
                ["\(step * report.step)", "\(sent)", "\(delivered)", "\(max(0, sent - delivered))", "\(bytes)"]
                    + messages)
        }
        return ["Packets between nodes, and messages delivered, by second:"] + table(rows, leftColumns: [])
    }

    private static func kinds(_ report: WireReport, _ steps: Range<Int>) -> [String] {
        var rows = [["message", "serves", "delivered", "bytes in all"]]
        for kind in report.kinds {
            rows.append([kind.name, kind.group, "\(sum(kind.seconds, steps))", "\(kind.bytes)"])
        }
        return table(rows, leftColumns: [0, 1])
    }

    private static func acknowledgements(_ report: WireReport) -> [String] {
        let exchange = report.total(of: "exchange")
        let perObject = report.objectsRepaired > 0 ? ", \(exchange.bytes / report.objectsRepaired) bytes an object" : ""
        var lines = [
            "acknowledged  \(report.judged) writes judged: \(report.belowW) before W copies were there"
                + (report.unjudged > 0 ? "; \(report.unjudged) not judged" : ""),
            "hints         \(report.total(kind: "handoff").messages) delivered, \(report.hintsAcknowledged) confirmed durable",
            "exchange      \(exchange.bytes) bytes in \(exchange.messages) messages for \(report.objectsRepaired) objects that differed"
                + perObject,
            "capture       \(report.packets) packets read, \(report.dropped) lost; \(report.gaps) gaps in streams (\(report.gapBytes) bytes), "
                + "\(report.begunBefore) streams older than the capture",
        ]
        if report.waiting > 0 { lines.append("              \(report.waiting) acknowledgements not decided yet") }
        return lines
    }

    /// Columns aligned: text to the left, numbers to the right.
    private static func table(_ rows: [[String]], leftColumns: Set<Int>) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return leftColumns.contains(column) ? row[column] + padding : padding + row[column]
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }
}
