import History
import Linearizability

/// Whether each object behaved as if its operations had happened one after the other (page *Linearizable*).
enum LinearizableChecker {
    static func check(_ subject: Subject, _ options: CheckOptions, limit: Int) -> CheckerResult {
        guard let model = options.model ?? guess(subject) else {
            return CheckerResult(
                validity: .unknown, reason: "The operations do not tell what they are operations of: give --model.")
        }
        let given: LinearizableOperations
        do throws(ModelFault) {
            given = try LinearizableOperations(subject, model: model, initialValue: options.initialValue)
        } catch {
            return CheckerResult(validity: .unknown, reason: error.reason + ".")
        }
        let check = LinearizabilityCheck(
            given.operations, given.specification, shrinksProofs: options.shrinksProofs)
        let budget = Budget(bytes: options.memory, isTimeUp: options.isTimeUp)
        var result = CheckerResult(validity: given.hasAnswers ? .valid : .unknown)
        if !given.hasAnswers { result.reason = "No operation was answered in a way that could be wrong." }
        var unknowns: [String] = []
        for group in 0..<check.groupCount {
            switch check.decide(group: group, budget) {
            case .linearizable: continue
            case .notLinearizable(let proof):
                result.anomalyCount += 1
                guard result.anomalies.count < limit else { continue }
                result.anomalies.append(anomaly(proof, given, group, subject))
            case .unknown(let exhaustion): unknowns.append(sentence(exhaustion, given.names[group]))
            }
        }
        if result.anomalyCount > 0 {
            result.validity = .invalid
            result.reason = nil
        } else if let first = unknowns.first {
            let others = unknowns.count > 1 ? " So it was with \(unknowns.count - 1) more." : ""
            result.validity = .unknown
            result.reason = first + others
        }
        return result
    }

    /// The model whose operations these are; nil when several have them, or none.
    private static func guess(_ subject: Subject) -> LinearizableModel? {
        var names: Set<String> = []
        subject.forEachOperation { operation in
            names.insert(subject.foreignName(operation.invocation) ?? "get")
        }
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
        let events = operations.flatMap { [$0.invocation, $0.completion] }.filter { $0 >= 0 }
        let stuck = given.events[Int(proof.stuck)]
        let process = subject.history.spelling(of: subject.event(stuck.invocation))
        let name = subject.foreignName(stuck.invocation) ?? subject.event(stuck.invocation).function.spelling
        let object = given.names[group].map { " of \($0)" } ?? ""
        let what = "process \(process)'s \(name)\(object) (event \(max(stuck.invocation, stuck.completion)))"
        let before =
            proof.ordered == 1
            ? "the operation that ended before it" : "the \(proof.ordered) operations that ended before"
        let shown =
            operations.count == 1
            ? "that operation alone shows" : "the \(operations.count) operations listed show"
        return Anomaly(
            type: .nonlinearizable, key: given.names[group], ops: Set(events).map(Int.init).sorted(),
            message:
                "no order of the operations explains \(what): \(before) can be put into an order, and \(shown) that "
                + "this one cannot follow")
    }
}

extension History {
    /// A client process as a person writes it.
    fileprivate func spelling(of event: Event) -> String { "\(event.process.rawValue)" }
}
