import Checkers
import History
import Workload

/// Decides on a history as a run does: the checkers, and beside them whether the run exercised what its workload demands.
///
/// The same function decides at the end of `dyno run` and in `dyno check`, on the same file.
public enum RunCheck {
    /// - Parameter checkers: those to run; empty: those that the history names, else the default ones.
    public static func verdict(
        on history: History, checkers: [CheckerName], maxAnomalies: Int = 1000, options: CheckOptions = CheckOptions()
    ) -> Verdict {
        let record = RunRecord(history)
        let verdict = check(
            history, checkers: chosen(checkers, record), maxAnomalies: maxAnomalies, options: options)
        return judge(verdict, checkers, record) { Exercise(history) }
    }

    /// Decides on the history in a file without holding it in memory as a whole, where the checkers allow that: the same
    /// verdict as on the history in memory, whatever the resources.
    ///
    /// Throws when the file cannot be read, or its events are not a history.
    public static func verdict(
        file: String, checkers: [CheckerName], maxAnomalies: Int = 1000, resources: CheckResources,
        options: CheckOptions = CheckOptions()
    ) throws(HistoryError) -> Verdict {
        let intake = try HistoryIntake(path: file, memory: resources.memory / 8, directory: resources.directory)
        if let verdict = try boundedVerdict(intake, checkers, maxAnomalies, resources, options) { return verdict }
        // Malformed, which is told best of the whole; or it shows what its witness saw on the wire, which wants the whole.
        let history = if let whole = intake.whole { whole } else { try HistoryFile.read(path: file) }
        try history.validate(file: file)
        return verdict(on: history, checkers: checkers, maxAnomalies: maxAnomalies, options: options)
    }

    /// Checkers of the contract take the history apart by keys, the others take it in groups of keys. Nil when it is malformed, or
    /// wanted as a whole.
    private static func boundedVerdict(
        _ intake: HistoryIntake, _ checkers: [CheckerName], _ limit: Int, _ resources: CheckResources,
        _ options: CheckOptions
    ) throws(HistoryError) -> Verdict? {
        guard var taken = try takeApart(intake, checkers, limit, resources) else { return nil }
        if !taken.others.isEmpty {
            let check = GroupedCheck(
                intake.source, checkers: taken.others, maxAnomalies: limit, options: options,
                settings: GroupSettings(memory: resources.memory, directory: resources.directory))
            guard let results = try check.results() else { return nil }
            taken.results += results
        }
        let verdict = Verdict(taken.results, events: taken.events, truncation: taken.truncation)
        return judge(verdict, checkers, taken.record) { taken.exercise ?? Exercise(History()) }
    }

    /// What a history that was taken apart gave.
    private struct TakenApart {
        /// What the history says of its run.
        var record: RunRecord
        var events: Int
        var truncation: Truncation?
        /// Of the chosen checkers of the contract.
        var results: [(name: CheckerName, result: CheckerResult)] = []
        var exercise: Exercise?
        /// The other checkers that are chosen.
        var others: [CheckerName]
    }

    /// Takes a history apart and runs the chosen checkers of the contract on it. On return the parts are gone.
    private static func takeApart(
        _ intake: HistoryIntake, _ checkers: [CheckerName], _ limit: Int, _ resources: CheckResources
    ) throws(HistoryError) -> TakenApart? {
        let partition = try intake.partition(resources.partitioning)
        if partition.isMalformed || partition.record.showsEarlyAcknowledgement { return nil }
        let record = RunRecord(partition.record)
        let chosen = chosen(checkers, record)
        let own = chosen.filter(CheckerName.partitionable.contains)
        var taken = TakenApart(
            record: record, events: partition.eventCount, truncation: partition.truncation,
            others: chosen.filter { !CheckerName.partitionable.contains($0) })
        let countsExercise = demands(record) && checkers.isEmpty
        if own.isEmpty, !countsExercise { return taken }
        let check = try PartitionedCheck(
            partition, checkers: own, maxAnomalies: limit, threads: resources.threads, countsExercise: countsExercise)
        guard let verdict = try check.verdict() else { return nil }
        (taken.results, taken.exercise) = (verdict.checkers, check.exercise)
        return taken
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
        if let wire = record.wire, wire.dropped > 0 {
            reasons.append(
                "the capture lost \(wire.dropped) of \(wire.dropped + wire.packets) packets, and proves nothing of them"
            )
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

    public static func count(_ requirement: Requirement, _ exercise: Exercise, _ record: RunRecord) -> Int {
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
        case .acknowledgementsJudged: record.wire?.judged ?? 0
        case .faultsWitnessed: record.witnesses.count(where: \.proven)
        }
    }
}
