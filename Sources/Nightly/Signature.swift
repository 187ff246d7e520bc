import Checkers
import Foundation
import History

/// What failures of the same cause have in common: the kind of anomaly, the workload, and the kinds of fault in force.
///
/// Which faults happen to be in force at an anomaly is chance where several overlap: runs are told apart by their ``family``,
/// and the faults become part of it only when a reduced run has shown which of them are needed.
public struct Signature: Sendable, Hashable, LosslessStringConvertible {
    public var anomaly: String
    public var workload: String
    /// The kinds of fault in force at the anomaly, ascending.
    public var faults: [String]

    public init(anomaly: String, workload: String, faults: [String]) {
        self.anomaly = anomaly
        self.workload = workload
        self.faults = faults.sorted()
    }

    /// `missed-handoff in handoff during kill`
    public var description: String {
        "\(anomaly) in \(workload)" + (faults.isEmpty ? "" : " during \(faults.joined(separator: "+"))")
    }

    /// As ``description`` spells it.
    public init?(_ description: String) {
        let halves = description.components(separatedBy: " during ")
        let words = halves[0].components(separatedBy: " in ")
        guard words.count == 2, halves.count <= 2 else { return nil }
        let faults = halves.count == 2 ? halves[1].components(separatedBy: "+") : []
        self.init(anomaly: words[0], workload: words[1], faults: faults)
    }

    /// The same without the faults.
    public var family: Signature { Signature(anomaly: anomaly, workload: workload, faults: []) }

    /// Of a history and what was decided on it; nil when it shows no anomaly.
    ///
    /// A bug shows in many ways: one run has one signature, that of the anomaly that stands nearest to a cause, with the
    /// faults that most of the anomalies of that kind have in common.
    public init?(of verdict: Verdict, on history: History, workload: String) {
        let all = verdict.checkers.flatMap(\.result.anomalies)
        guard let nearest = all.map({ Self.distance(of: $0.type) }).min() else { return nil }
        let same = all.filter { Self.distance(of: $0.type) == nearest }
        let timeline = FaultTimeline(history)
        var counts: [[String]: Int] = [:]
        for anomaly in same { counts[timeline.kinds(during: anomaly.ops), default: 0] += 1 }
        let most = counts.max { ($0.value, $1.key.joined()) < ($1.value, $0.key.joined()) }
        self.init(anomaly: same[0].type.name, workload: workload, faults: most?.key ?? [])
    }

    /// From cause to consequence: how a store's state went wrong stands before what clients saw of it.
    private static let fromCause: [AnomalyType] = [
        .duplicateDot, .dotReusedAfterDelete, .counterRestartAfterDelete, .counterRegression, .falseDominance,
        .missedDominance, .clockRegression, .phantomValue, .wrongKey, .futureRead, .failedWriteVisible, .staleSibling,
        .missedHandoff, .underReplicated, .undeliveredHint, .dishonestRoot, .rootMismatch, .convergedToLess,
        .resurrection, .lostWrite, .diverged, .notConverged,
    ]

    private static func distance(of type: AnomalyType) -> Int {
        fromCause.firstIndex(of: type) ?? fromCause.count + Int(type.rawValue)
    }
}

/// When which kinds of fault were in force, as the history tells.
struct FaultTimeline {
    private struct Interval {
        var kind: String
        var begin: Int
        var end: Int
    }

    private let intervals: [Interval]

    init(_ history: History) {
        var open: [String: Int] = [:]
        var intervals: [Interval] = []
        func close(_ kind: String, at index: Int) {
            guard let begin = open.removeValue(forKey: kind) else { return }
            intervals.append(Interval(kind: kind, begin: begin, end: index))
        }
        for (index, event) in history.events.enumerated() where event.process == .nemesis {
            switch event.function {
            case .kill, .wipe: open["kill"] = open["kill"] ?? index
            case .restart: close("kill", at: index)
            case .pause: open["pause"] = open["pause"] ?? index
            case .resume: close("pause", at: index)
            case .partition: open["partition"] = open["partition"] ?? index
            case .heal: close("partition", at: index)
            case .other:
                let kind = String(history.string(event.value).prefix { $0 != " " })
                if history.string(event.name) == "fault" { open[kind] = open[kind] ?? index }
                if history.string(event.name) == "fault-end" { close(kind, at: index) }
            default: continue
            }
        }
        for kind in open.keys.sorted() { close(kind, at: history.events.count) }
        self.intervals = intervals
    }

    /// The kinds in force at any of the events, ascending.
    func kinds(during ops: [Int]) -> [String] {
        var kinds: Set<String> = []
        for interval in intervals where ops.contains(where: { interval.begin <= $0 && $0 <= interval.end }) {
            kinds.insert(interval.kind)
        }
        return kinds.sorted()
    }
}
