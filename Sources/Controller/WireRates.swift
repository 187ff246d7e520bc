import Foundation
import Wire

/// What passes the network while a run goes on: published for `dyno wire --live`, and as words for the display.
public struct WireRates {
    /// How many kinds of message the display names.
    private static let mostKinds = 4

    /// A file that is always whole: it is replaced, never written into. Gone when the run has ended.
    private let file: URL
    private var before: WireReport?
    private var time = ContinuousClock.now

    public init(file: String) { self.file = URL(fileURLWithPath: file) }

    /// Publishes the counts so far.
    ///
    /// - Returns: what passed a second since the last time, in words; nil the first time.
    public mutating func publish(_ report: WireReport) -> String? {
        // Whoever watches does without when the disk is full; the run itself keeps its counts in memory.
        try? JSONEncoder().encode(report).write(to: file, options: .atomic)
        let now = ContinuousClock.now
        defer { (before, time) = (report, now) }
        guard let before else { return nil }
        return Self.words(from: before, to: report, seconds: (now - time) / .seconds(1))
    }

    public func end() { try? FileManager.default.removeItem(at: file) }

    /// Messages and bytes a second between two reports, the most frequent kinds first.
    public static func words(from before: WireReport, to after: WireReport, seconds: Double) -> String? {
        guard seconds > 0 else { return nil }
        let known = Dictionary(before.kinds.map { ($0.name, $0) }) { first, _ in first }
        let rates = after.kinds.map { kind in
            (name: kind.name, rate: Double(kind.messages - (known[kind.name]?.messages ?? 0)) / seconds)
        }
        let bytes = Double(Self.bytes(after) - Self.bytes(before)) / seconds
        let most = rates.filter { $0.rate >= 1 }.sorted { ($1.rate, $0.name) < ($0.rate, $1.name) }.prefix(mostKinds)
        let kinds = most.map { "\($0.name) \(Int($0.rate))/s" }
        return ([String(format: "%.2f MB/s", max(0, bytes) / 1e6)] + kinds).joined(separator: "  ")
    }

    /// Bytes delivered between nodes, clients left out.
    private static func bytes(_ report: WireReport) -> Int {
        report.links.filter { $0.from != "clients" && $0.to != "clients" }.reduce(0) { $0 + $1.bytes.reduce(0, +) }
    }
}
