import Checkers
import History

/// What a run exercised, as a person reads it.
public enum ExerciseText {
    public static func text(of history: History) -> String {
        let exercise = Exercise(history)
        let record = RunRecord(history)
        var lines = ["exercised"]
        lines.append(
            "  operations    \(exercise.operations): gets \(text(exercise.gets)), puts \(text(exercise.puts)), deletes \(text(exercise.deletes))"
        )
        lines.append(
            "  faults        \(exercise.kills) kills, \(exercise.pauses) pauses, \(exercise.partitions) network partitions "
                + "(\(Seconds.text(exercise.timeCut)) cut)")
        for witness in record.witnesses { lines.append("    \(text(witness))") }
        lines.append(
            "  writes        \(exercise.acknowledgedWhileHomeAffected) acknowledged while a home was down or cut off")
        if let counters = record.counters {
            lines.append(
                "  repairs       hints \(counters.hintsStored) stored, \(counters.hintsDelivered) delivered; "
                    + "\(counters.keysRepaired) keys by Merkle exchange, \(counters.readRepairs) read repairs")
            lines.append("  wire          \(counters.packets) packets, \(counters.bytes) bytes between nodes")
        }
        if let wire = record.wire { lines.append("  acknowledged  \(text(wire))") }
        lines.append("  siblings      \(exercise.siblingReads) reads returned several versions")
        let convergence = exercise.convergence.map { "\(Seconds.text($0)) after the heal" } ?? "never seen"
        lines.append("  convergence   \(convergence); \(exercise.finalReads) final reads")
        return lines.joined(separator: "\n")
    }

    private static func text(_ outcomes: Exercise.Outcomes) -> String {
        "\(outcomes.ok) ok / \(outcomes.fail) fail / \(outcomes.info) info"
    }

    private static func text(_ wire: RunRecord.Wire) -> String {
        let missing = wire.unjudged == 0 ? "" : ", \(wire.unjudged) not judged"
        let lost = wire.dropped == 0 && wire.gaps == 0 ? "" : "; \(wire.dropped) packets lost, \(wire.gaps) gaps"
        return "\(wire.judged) writes judged on the wire, \(wire.belowW) before W copies\(missing)\(lost)"
    }

    private static func text(_ witness: RunRecord.Witness) -> String {
        let how = witness.drawn.map { " (\($0))" } ?? ""
        return "\(Seconds.text(witness.begin)) to \(Seconds.text(witness.end)) \(witness.fault) \(witness.whom)\(how): "
            + (witness.proven ? "witnessed: " : "NOT PROVEN: ") + witness.sentence
    }
}
