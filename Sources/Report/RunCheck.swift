import Checkers
import History
import Workload

/// Decides on a history as a run does: the checkers, and beside them whether the run exercised what its workload demands.
///
/// The same function decides at the end of `dyno run` and in `dyno check`, on the same file.
public enum RunCheck {
    /// - Parameter checkers: those to run; empty: those that the history names, else the default ones.
    public static func verdict(on history: History, checkers: [CheckerName], maxAnomalies: Int = 1000) -> Verdict {
        let record = RunRecord(history)
        let verdict = check(history, checkers: chosen(checkers, record), maxAnomalies: maxAnomalies)
        return judge(verdict, checkers, record) { Exercise(history) }
    }

    /// Decides on the history in a file without holding it in memory as a whole, where the checkers allow that: the same
    /// verdict as on the history in memory, whatever the resources.
    ///
    /// Throws when the file cannot be read, or its events are not a history.
    public static func verdict(
        file: String, checkers: [CheckerName], maxAnomalies: Int = 1000, resources: CheckResources
    ) throws(HistoryError) -> Verdict {
        let partition = try HistoryPartition.read(path: file, settings: resources.partitioning)
        let record = RunRecord(partition.record)
        let chosen = chosen(checkers, record)
        if chosen.allSatisfy(CheckerName.partitionable.contains) {
            let check = try PartitionedCheck(
                partition, checkers: chosen, maxAnomalies: maxAnomalies, threads: resources.threads,
                countsExercise: demands(record) && checkers.isEmpty)
            if let verdict = try check.verdict() {
                return judge(verdict, checkers, record) { check.exercise ?? Exercise(History()) }
            }
        }
        // Malformed, which is told best of the whole; or a checker wants the whole.
        let history = try HistoryFile.read(path: file)
        try history.validate(file: file)
        return verdict(on: history, checkers: checkers, maxAnomalies: maxAnomalies)
    }

    private static func chosen(_ checkers: [CheckerName], _ record: RunRecord) -> [CheckerName] {
        let named = record.checkers.compactMap(CheckerName.init(rawValue:))
        return !checkers.isEmpty ? checkers : !named.isEmpty ? named : CheckerName.defaults
    }

    private static func demands(_ record: RunRecord) -> Bool { !record.require.isEmpty || !record.witnesses.isEmpty }

    /// Adds what the run demanded of itself to a verdict.
    private static func judge(
        _ verdict: Verdict, _ checkers: [CheckerName], _ record: RunRecord, _ exercise: () -> Exercise
    ) -> Verdict {
        // A history that demands nothing and witnessed nothing is judged by the contract alone.
        guard demands(record), checkers.isEmpty else { return verdict }
        let exercise = Self.exercise(exercise(), record)
        var verdict = verdict
        verdict.exercise = exercise
        verdict.validity = verdict.validity.worse(exercise.validity)
        return verdict
    }

    /// Unknown when a floor of the workload was not reached or a fault was not witnessed; never invalid.
    static func exercise(_ exercise: Exercise, _ record: RunRecord) -> CheckerResult {
        var reasons: [String] = []
        for witness in record.witnesses where !witness.proven {
            let at = Seconds.text(witness.begin)
            reasons.append("the \(witness.fault) of \(witness.whom) at \(at) is not proven: \(witness.sentence)")
        }
        for (name, minimum) in record.require.sorted(by: { $0.key < $1.key }) {
            guard let requirement = Requirement(rawValue: name) else {
                reasons.append("the workload requires \"\(name)\", which this version cannot count")
                continue
            }
            let count = Self.count(requirement, exercise, record)
            if count < minimum {
                reasons.append("\(name): \(count), and the workload requires \(minimum) (\(requirement.meaning))")
            }
        }
        guard !reasons.isEmpty else { return CheckerResult(validity: .valid) }
        return CheckerResult(validity: .unknown, reason: reasons.joined(separator: "; "))
    }

    static func count(_ requirement: Requirement, _ exercise: Exercise, _ record: RunRecord) -> Int {
        switch requirement {
        case .operations: exercise.operations
        case .okOperations: exercise.okOperations
        case .kills: exercise.kills
        case .pauses: exercise.pauses
        case .partitions: exercise.partitions
        case .hintsStored: record.counters?.hintsStored ?? 0
        case .hintsDelivered: record.counters?.hintsDelivered ?? 0
        case .acknowledgedWhileHomeDown: exercise.acknowledgedWhileHomeAffected
        case .keysRepaired: record.counters?.keysRepaired ?? 0
        case .siblingsSeen: exercise.siblingReads
        case .finalReads: exercise.finalReads
        case .faultsWitnessed: record.witnesses.count(where: \.proven)
        }
    }
}
