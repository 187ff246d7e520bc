import History

/// Whether the store took every write that a healthy node was asked for, and how long it took (page *Availability*).
struct AvailabilityChecker {
    private let subject: Subject
    private let affected: AffectedNodes
    private let limit: Int
    private var result = CheckerResult(validity: .valid)
    private var latencies = Distribution()
    private var attempts = 0
    private var successes = 0
    private var healthyWrites = 0
    private var writesUnderFault = 0
    private var nodes: Set<UInt32> = []

    static func check(_ subject: Subject, _ options: CheckOptions, limit: Int) -> CheckerResult {
        var checker = AvailabilityChecker(subject, limit)
        subject.forEachOperation { checker.count($0) }
        return checker.conclude(options)
    }

    private init(_ subject: Subject, _ limit: Int) {
        self.subject = subject
        self.limit = limit
        affected = AffectedNodes(history: subject.history)
        for event in subject.history.events where event.process == .nemesis {
            guard
                event.function == .kill || event.function == .pause || event.function == .wipe
                    || event.function == .partition
            else { continue }
            nodes.formUnion(subject.history.ids(of: event).filter { $0 != Interner.none })
        }
    }

    private mutating func count(_ operation: ClientOperation) {
        attempts += 1
        if operation.outcome == .acked {
            successes += 1
            latencies.add(subject.span(operation.invocation, operation.completion))
        }
        let event = subject.event(operation.invocation)
        guard event.function.isWrite || subject.isForeignWrite(operation.invocation) else { return }
        let end = operation.completion < 0 ? Int32(subject.history.events.count) : operation.completion
        let isUnderFault = nodes.contains { affected.stretch(of: $0, from: operation.invocation, to: end) != nil }
        if isUnderFault { writesUnderFault += 1 }
        // Whom a write asked that was itself cut off or down can say nothing of the others.
        guard event.node != Interner.none, affected.stretch(of: event.node, from: operation.invocation, to: end) == nil
        else { return }
        healthyWrites += 1
        guard operation.outcome != .acked else { return }
        result.anomalyCount += 1
        guard result.anomalies.count < limit else { return }
        result.anomalies.append(refusal(operation, event))
    }

    private func refusal(_ operation: ClientOperation, _ event: Event) -> Anomaly {
        let node = subject.history.string(event.node)
        let key = event.key == Interner.none ? nil : subject.history.string(event.key)
        let value = event.value == Interner.none ? nil : subject.history.string(event.value)
        let fate =
            operation.completion < 0
            ? "never answered" : operation.outcome == .failed ? "refused" : "answered with an unknown outcome"
        return Anomaly(
            type: .refusedWrite, key: key, value: value, node: node,
            ops: [operation.invocation, operation.completion].filter { $0 >= 0 }.map(Int.init),
            message: "process \(event.process.rawValue) asked \(node), which nothing was wrong with, to write"
                + "\(key.map { " \($0)" } ?? ""), and was \(fate)")
    }

    private mutating func conclude(_ options: CheckOptions) -> CheckerResult {
        let share = attempts == 0 ? 0 : Double(successes) / Double(attempts) * 100
        result.figures = [
            Figure("operations", attempts), Figure("succeeded_percent", share),
            Figure("writes_to_healthy_nodes", healthyWrites), Figure("writes_under_fault", writesUnderFault),
        ]
        for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)] {
            if let value = latencies.quantile(share) {
                result.figures.append(Figure("latency_ms_\(name)", nanoseconds: value))
            }
        }
        judgeLatency(options)
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if writesUnderFault == 0 {
            result.validity = .unknown
            result.reason = "No write was made while a node was down, paused or cut off."
        } else if healthyWrites == 0 {
            result.validity = .unknown
            result.reason = "No write names a healthy node that it asked."
        }
        return result
    }

    private mutating func judgeLatency(_ options: CheckOptions) {
        guard let level = options.serviceLevel, let reached = latencies.quantile(0.999), reached > level else { return }
        result.anomalyCount += 1
        var events: [Int] = []
        subject.forEachOperation { operation in
            guard events.isEmpty, operation.outcome == .acked,
                subject.span(operation.invocation, operation.completion) >= reached
            else { return }
            events = [Int(operation.invocation), Int(operation.completion)]
        }
        guard result.anomalies.count < limit else { return }
        result.anomalies.append(
            Anomaly(
                type: .serviceLevelMissed, ops: events,
                message: "one in a thousand operations took \(Figure("", nanoseconds: reached).text) ms or longer; the "
                    + "service level is \(Figure("", nanoseconds: level).text) ms"))
    }
}

extension Subject {
    /// Whether an operation that the contract has no name for changes something.
    func isForeignWrite(_ invocation: Int32) -> Bool {
        switch foreignName(invocation) {
        case "write", "cas", "add", "append", "remove": true
        default: false
        }
    }
}
