import History

/// What a checker hands over: its anomalies, and why it would be unknown had it found none.
struct CheckerFindings {
    var log: AnomalyLog
    /// One sentence; nil when the history exercised what the checker checks.
    var unknown: String?
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
    var verdict = Verdict(validity: validity, events: history.events.count, checkers: results)
    if checkers.isEmpty {
        verdict.validity = .unknown
        verdict.reason = "No checker was chosen."
    }
    if let truncation = history.truncation, verdict.validity != .invalid {
        verdict.validity = .unknown
        verdict.reason = "The history is not complete: \(truncation.reason)"
    }
    return verdict
}

private func run(_ name: CheckerName, _ subject: Subject, limit: Int) -> CheckerFindings {
    switch name {
    case .siblings: SiblingsChecker.check(subject, limit: limit)
    case .causality: CausalityChecker.check(subject, limit: limit)
    case .durability: AcknowledgementRule.adding(to: DurabilityChecker.check(subject, limit: limit), subject)
    case .convergence: ConvergenceChecker.check(subject, limit: limit)
    case .session: SessionChecker.check(subject, limit: limit)
    }
}

private func conclude(_ findings: CheckerFindings, _ narrator: inout Narrator) -> CheckerResult {
    if findings.log.count > 0 {
        let anomalies = findings.log.listed.map { narrator.tell($0) }
        return CheckerResult(validity: .invalid, anomalyCount: findings.log.count, anomalies: anomalies)
    }
    if let reason = findings.unknown { return CheckerResult(validity: .unknown, reason: reason) }
    return CheckerResult(validity: .valid)
}
