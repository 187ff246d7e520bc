import Foundation

/// The outcome of a measurement, as a table and as JSON.
public struct BenchReport: Sendable, Hashable, Codable {
    public var machine: Machine
    /// What was measured, in a sentence.
    public var subject: String
    /// Milliseconds from the start of all nodes until each served; nil where the nodes are not ours.
    public var startMilliseconds: Double?
    /// Megabytes of memory a node, before any load and at the end.
    public var idleMegabytes: Double?
    public var finalMegabytes: Double?
    public var rows: [BenchMeasure] = []

    init(machine: Machine, subject: String) {
        self.machine = machine
        self.subject = subject
    }

    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Plain numbers and text, none of them infinite: there is nothing that cannot be encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// The lines above the table.
    public var heading: String {
        var lines = ["machine: \(machine.text)", "store:   \(subject)"]
        if let startMilliseconds {
            lines.append(String(format: "start:   %.0f ms until all nodes served", startMilliseconds))
        }
        if let idleMegabytes { lines.append(String(format: "memory:  %.1f MB a node, idle", idleMegabytes)) }
        return lines.joined(separator: "\n")
    }

    /// The names of the columns.
    public static let header =
        "clients mix      fault     ops/s   p50 ms   p99 ms p99.9 ms   max ms  errors  CPU µs/op: nodes   load"

    /// A row of the table.
    public static func line(_ row: BenchMeasure) -> String {
        let nodes = row.nodeMicroseconds.map { String(format: "%.0f", $0) } ?? "-"
        return [
            right("\(row.connections)", 7), left(row.mix, 8), left(row.fault?.rawValue ?? "-", 6),
            right(String(format: "%.0f", row.operationsPerSecond), 8), right(milliseconds(row.p50), 8),
            right(milliseconds(row.p99), 8), right(milliseconds(row.p999), 8), right(milliseconds(row.max), 8),
            right("\(row.errors)", 7), right(nodes, 17), right(String(format: "%.0f", row.loadMicroseconds), 6),
        ].joined(separator: " ")
    }

    private static func milliseconds(_ value: Double) -> String { String(format: value < 100 ? "%.2f" : "%.0f", value) }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - text.count)) + text
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: Swift.max(0, width - text.count))
    }
}
