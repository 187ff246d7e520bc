import History

/// The faults that a run carried out, as a schedule file that carries them out again.
public enum ScheduleText {
    /// Why a history has no schedule.
    public struct Missing: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    /// A schedule: one line a fault, in the order of their begins, with the times counted from the begin of the load and, as a
    /// comment, how the targets had been found and what witnessed it.
    ///
    /// Throws ``Missing`` for a history that does not tell: a foreign one, or a run that was cut short.
    public static func text(of history: History) throws(Missing) -> String {
        let load = history.events.first { event in
            event.process == .controller && event.function == .phase && history.string(event.value) == "load"
        }
        guard let load else {
            throw Missing(description: "the history has no load phase, so no fault has a time in it")
        }
        let isWhole = history.events.contains { $0.process == .controller && history.string($0.name) == "counters" }
        guard isWhole else {
            throw Missing(description: "the run was cut short before it wrote down what its faults were")
        }
        let record = RunRecord(history)
        var lines = ["# The faults that a run carried out: dyno run WORKLOAD --schedule THIS-FILE does the same again."]
        if let workload = record.workload { lines.append("workload: \(workload)") }
        if let seed = record.seed { lines.append("seed: \(seed)") }
        let nodes = history.header.nodes ?? []
        if !nodes.isEmpty { lines.append("nodes: [\(nodes.joined(separator: ", "))]") }
        let faults = record.witnesses.sorted { $0.begin < $1.begin }.compactMap { line($0, since: load.time) }
        lines.append(faults.isEmpty ? "faults: []" : "faults:")
        return (lines + faults).joined(separator: "\n") + "\n"
    }

    /// Nil for what was not done by the nemesis.
    private static func line(_ witness: RunRecord.Witness, since load: Int64) -> String? {
        guard let fault = witness.line else { return nil }
        let at = milliseconds(max(0, (witness.call ?? witness.begin) - load))
        // A fault that its run's end cut short still lasts as long as a schedule can say.
        let length = max(10, milliseconds(witness.end - witness.begin))
        let isLasting = !["join", "leave", "replace"].contains(witness.fault)
        let times = "at: \(at)ms" + (isLasting ? ", for: \(length)ms" : "")
        let drawn = witness.drawn.map { "\($0); " } ?? ""
        return "  - { \(fault), \(times) }  # \(drawn)\(witness.proven ? "witnessed" : "NOT PROVEN")"
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int64 { (nanoseconds + 500_000) / 1_000_000 }
}
