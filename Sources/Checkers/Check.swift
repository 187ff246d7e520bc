import History

/// What a checker hands over: its anomalies, and why it would be unknown had it found none.
struct CheckerFindings {
    var log: AnomalyLog
    /// One sentence; nil when the history exercised what the checker checks.
    var unknown: String?
}

/// What a checker found in a history, or in a part of one.
struct Survey {
    var log: AnomalyLog
    var exercised: Exercised
}

/// What of a checker's subject occurred. What occurred in a part of a history occurred in the whole.
struct Exercised: OptionSet {
    let rawValue: UInt8
    /// What the checker looks at.
    static let subject = Exercised(rawValue: 1)
    /// The situation in which it is put to the test.
    static let situation = Exercised(rawValue: 2)
}

/// Decides on a history (SEMANTICS sections 3 and 4): a pure function, the same verdict for the same events.
///
/// The history must have passed ``History/validate(file:)``; of one that has not, the verdict means nothing.
///
/// - Parameters:
///   - history: what happened. When it is known to be cut short (``History/truncation``) the whole is never `valid`.
///   - checkers: which checkers to run; they run, and appear, in the order of ``CheckerName/allCases``.
///   - maxAnomalies: at most so many anomalies are listed for each checker; all are counted.
public func check(
    _ history: History, checkers: [CheckerName] = CheckerName.defaults, maxAnomalies: Int = 1000
) -> Verdict {
    let subject = Subject(history: history)
    var narrator = Narrator(subject: subject)
    var results: [(name: CheckerName, result: CheckerResult)] = []
    var validity = Validity.valid
    for name in CheckerName.allCases where checkers.contains(name) {
        let result = conclude(run(name, subject, limit: maxAnomalies), &narrator)
        validity = validity.worse(result.validity)
        results.append((name, result))
    }
    return Verdict(
        validity: validity, events: history.events.count, checkers: results, truncation: history.truncation)
}

private func run(_ name: CheckerName, _ subject: Subject, limit: Int) -> CheckerFindings {
    let survey = survey(name, subject, limit: limit)
    return CheckerFindings(log: survey.log, unknown: whyUnknown(name, survey.exercised))
}

/// What a checker that takes key after key finds.
func survey(_ name: CheckerName, _ subject: Subject, limit: Int) -> Survey {
    switch name {
    case .siblings: SiblingsChecker.survey(subject, limit: limit)
    case .causality: CausalityChecker.survey(subject, limit: limit)
    case .durability: DurabilityChecker.survey(subject, limit: limit)
    case .convergence: ConvergenceChecker.survey(subject, limit: limit)
    case .session: SessionChecker.survey(subject, limit: limit)
    }
}

/// Why a checker that found nothing is unknown; nil when it is not.
func whyUnknown(_ name: CheckerName, _ exercised: Exercised) -> String? {
    switch name {
    case .siblings: SiblingsChecker.whyUnknown(exercised)
    case .causality: CausalityChecker.whyUnknown(exercised)
    case .durability: DurabilityChecker.whyUnknown(exercised)
    case .convergence: ConvergenceChecker.whyUnknown(exercised)
    case .session: SessionChecker.whyUnknown(exercised)
    }
}

func conclude(_ findings: CheckerFindings, _ narrator: inout Narrator) -> CheckerResult {
    if findings.log.count > 0 {
        let anomalies = findings.log.listed.map { narrator.tell($0) }
        return CheckerResult(validity: .invalid, anomalyCount: findings.log.count, anomalies: anomalies)
    }
    if let reason = findings.unknown { return CheckerResult(validity: .unknown, reason: reason) }
    return CheckerResult(validity: .valid)
}
