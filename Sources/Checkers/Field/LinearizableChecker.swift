import History
import Linearizability

/// Whether each object behaved as if its operations had happened one after the other (page *Linearizable*).
enum LinearizableChecker {
    /// What some of the objects gave.
    struct Tally {
        /// The first event at which the operations were found to be none of the model's, and what is to be said of it.
        fileprivate var fault: ModelFault?
        fileprivate var hasAnswers = false
        /// By the first event of the object.
        fileprivate var found: AnomalyList
        /// Objects that were not decided: how many, and of the first of them its place and why.
        fileprivate var undecided = 0
        fileprivate var whyUndecided: (place: Int, sentence: String)?
    }

    /// - Parameter functions: what clients did in the whole history.
    static func survey(
        _ subject: Subject, _ options: CheckOptions, _ functions: ClientFunctions, limit: Int
    ) -> Tally {
        var tally = Tally(found: AnomalyList(limit: limit))
        guard let model = options.model ?? guess(functions.linearizableNames) else {
            tally.fault = ModelFault(reason: "The operations do not tell what they are operations of: give --model")
            return tally
        }
        let given: LinearizableOperations
        do throws(ModelFault) {
            given = try LinearizableOperations(
                subject, model: model, initialValue: options.initialValue, functions: functions)
        } catch {
            tally.fault = error
            return tally
        }
        tally.hasAnswers = given.hasAnswers
        let check = LinearizabilityCheck(
            given.operations, given.specification, shrinksProofs: options.shrinksProofs)
        let budget = Budget(bytes: options.memory, isTimeUp: options.isTimeUp)
        for group in 0..<check.groupCount {
            tally.found.place = subject.place(given.origins[group])
            switch check.decide(group: group, budget) {
            case .linearizable: continue
            case .notLinearizable(let proof): tally.found.report { anomaly(proof, given, group, subject) }
            case .unknown(let exhaustion):
                tally.undecided += 1
                if tally.undecided == 1 {
                    tally.whyUndecided = (tally.found.place, sentence(exhaustion, given.names[group]))
                }
            }
        }
        return tally
    }

    /// The model whose operations these are; nil when several have them, or none.
    private static func guess(_ names: Set<String>) -> LinearizableModel? {
        if names.isEmpty { return nil }
        if names.isSubset(of: ["acquire", "release"]) { return .mutex }
        if names == ["txn"] { return .multiRegister }
        if names.isSubset(of: ["read", "write", "get"]) { return .register }
        if names.isSubset(of: ["read", "write", "cas"]) { return .casRegister }
        if names.isSubset(of: ["read", "write", "append"]) { return .kv }
        if !names.isDisjoint(with: ["remove", "contains"]), names.isSubset(of: ["add", "remove", "contains", "read"]) {
            return .set
        }
        return nil
    }

    private static func sentence(_ exhaustion: Exhaustion, _ name: String?) -> String {
        let object = name.map { "of \($0)" } ?? "of the history"
        switch exhaustion {
        case .memory: return "The operations \(object) were not decided within the memory given (--memory)."
        case .time: return "The operations \(object) were not decided within the time given (--timeout)."
        case .concurrency(let count): return "\(count) operations \(object) are in flight together: too many to decide."
        }
    }

    private static func anomaly(
        _ proof: Proof, _ given: LinearizableOperations, _ group: Int, _ subject: Subject
    ) -> Anomaly {
        let operations = proof.operations.map { given.events[Int($0)] }
        let events = operations.flatMap { [$0.invocation, $0.completion] }
        let stuck = given.events[Int(proof.stuck)]
        let process = subject.history.spelling(of: subject.event(stuck.invocation))
        let name = subject.foreignName(stuck.invocation) ?? subject.event(stuck.invocation).function.spelling
        let object = given.names[group].map { " of \($0)" } ?? ""
        let event = subject.place(max(stuck.invocation, stuck.completion))
        let what = "process \(process)'s \(name)\(object) (event \(event))"
        let before =
            proof.ordered == 1
            ? "the operation that ended before it" : "the \(proof.ordered) operations that ended before"
        let shown =
            operations.count == 1
            ? "that operation alone shows" : "the \(operations.count) operations listed show"
        return Anomaly(
            type: .nonlinearizable, key: given.names[group], ops: subject.places(events),
            message:
                "no order of the operations explains \(what): \(before) can be put into an order, and \(shown) that "
                + "this one cannot follow")
    }
}

extension LinearizableChecker.Tally {
    mutating func merge(_ other: Self) {
        if let fault = other.fault, fault.place < self.fault?.place ?? Int.max { self.fault = fault }
        hasAnswers = hasAnswers || other.hasAnswers
        found.merge(other.found)
        undecided += other.undecided
        if let why = other.whyUndecided, why.place < whyUndecided?.place ?? Int.max { whyUndecided = why }
    }

    func conclude() -> CheckerResult {
        if let fault { return CheckerResult(validity: .unknown, reason: fault.reason + ".") }
        var result = CheckerResult(validity: hasAnswers ? .valid : .unknown, found)
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if let whyUndecided {
            let others = undecided > 1 ? " So it was with \(undecided - 1) more." : ""
            result.validity = .unknown
            result.reason = whyUndecided.sentence + others
        } else if !hasAnswers {
            result.reason = "No operation was answered in a way that could be wrong."
        }
        return result
    }
}

extension History {
    /// A client process as a person writes it.
    fileprivate func spelling(of event: Event) -> String { "\(event.process.rawValue)" }
}
