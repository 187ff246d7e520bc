import History

/// Ids that clients `generate`: none may be given out twice (page *UniqueIDs*).
enum UniqueIDsChecker {
    static func check(_ subject: Subject, limit: Int) -> CheckerResult {
        var first: [String: Int32] = [:]
        var repeated: [(id: String, events: [Int32])] = []
        var position: [String: Int] = [:]
        var generated = 0
        subject.forEachOperation { operation in
            guard operation.outcome == .acked, subject.foreignName(operation.invocation) == "generate",
                let id = subject.value(operation.completion)?.json
            else { return }
            generated += 1
            guard let earlier = first[id] else {
                first[id] = operation.completion
                return
            }
            if let known = position[id] {
                repeated[known].events.append(operation.completion)
            } else {
                position[id] = repeated.count
                repeated.append((id, [earlier, operation.completion]))
            }
        }
        var result = CheckerResult(validity: repeated.isEmpty ? .valid : .invalid, anomalyCount: repeated.count)
        result.anomalies = repeated.prefix(limit).map { id, events in
            Anomaly(
                type: .duplicateID, value: id, ops: events.map(Int.init).sorted(),
                message: "the id \(id) was generated \(events.count) times")
        }
        result.figures = [Figure("generated", generated)]
        if generated < 2 { (result.validity, result.reason) = (.unknown, "Fewer than two ids were generated.") }
        return result
    }
}
