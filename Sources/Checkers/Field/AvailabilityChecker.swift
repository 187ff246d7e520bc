import History

/// Whether the store took every write that a healthy node was asked for, and how long it took (page *Availability*).
struct AvailabilityChecker {
    private let subject: Subject
    private let affected: AffectedNodes
    private var tally: Tally
    private var nodes: Set<UInt32> = []

    /// What some of the operations gave.
    struct Tally {
        fileprivate let serviceLevel: Int64?
        fileprivate let limit: Int
        fileprivate var latencies = Distribution()
        fileprivate var attempts = 0
        fileprivate var successes = 0
        fileprivate var healthyWrites = 0
        fileprivate var writesUnderFault = 0
        /// Of the operations that took longer than all before them, in the order of invocation, the events and how long they
        /// took: whatever the service level, the first operation beyond it is one of these.
        fileprivate var slowest: [(invocation: Int, completion: Int, span: Int64)] = []
        /// By the event that began the write.
        fileprivate var found: AnomalyList
    }

    static func survey(_ subject: Subject, _ options: CheckOptions, limit: Int) -> Tally {
        var checker = AvailabilityChecker(subject, options, limit)
        subject.forEachOperation { checker.count($0) }
        return checker.tally
    }

    private init(_ subject: Subject, _ options: CheckOptions, _ limit: Int) {
        self.subject = subject
        tally = Tally(serviceLevel: options.serviceLevel, limit: limit, found: AnomalyList(limit: limit))
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
        tally.attempts += 1
        if operation.outcome == .acked {
            tally.successes += 1
            let span = subject.span(operation.invocation, operation.completion)
            tally.latencies.add(span)
            if tally.serviceLevel != nil, span > tally.slowest.last?.span ?? Int64.min {
                tally.slowest.append((subject.place(operation.invocation), subject.place(operation.completion), span))
            }
        }
        let event = subject.event(operation.invocation)
        guard event.function.isWrite || subject.isForeignWrite(operation.invocation) else { return }
        let end = operation.completion < 0 ? Int32(subject.history.events.count) : operation.completion
        let isUnderFault = nodes.contains { affected.stretch(of: $0, from: operation.invocation, to: end) != nil }
        if isUnderFault { tally.writesUnderFault += 1 }
        // Whom a write asked that was itself cut off or down can say nothing of the others.
        guard event.node != Interner.none, affected.stretch(of: event.node, from: operation.invocation, to: end) == nil
        else { return }
        tally.healthyWrites += 1
        guard operation.outcome != .acked else { return }
        tally.found.place = subject.place(operation.invocation)
        tally.found.report { [subject] in AvailabilityChecker.refusal(operation, event, subject) }
    }

    private static func refusal(_ operation: ClientOperation, _ event: Event, _ subject: Subject) -> Anomaly {
        let node = subject.history.string(event.node)
        let key = event.key == Interner.none ? nil : subject.history.string(event.key)
        let value = event.value == Interner.none ? nil : subject.history.string(event.value)
        let fate =
            operation.completion < 0
            ? "never answered" : operation.outcome == .failed ? "refused" : "answered with an unknown outcome"
        return Anomaly(
            type: .refusedWrite, key: key, value: value, node: node,
            ops: subject.places([operation.invocation, operation.completion]),
            message: "process \(event.process.rawValue) asked \(node), which nothing was wrong with, to write"
                + "\(key.map { " \($0)" } ?? ""), and was \(fate)")
    }
}

extension AvailabilityChecker.Tally {
    mutating func merge(_ other: Self) {
        latencies.merge(other.latencies)
        attempts += other.attempts
        successes += other.successes
        healthyWrites += other.healthyWrites
        writesUnderFault += other.writesUnderFault
        found.merge(other.found)
        let all = (slowest + other.slowest).sorted { $0.invocation < $1.invocation }
        slowest = []
        for operation in all where operation.span > slowest.last?.span ?? Int64.min { slowest.append(operation) }
    }

    func conclude() -> CheckerResult {
        var (result, latencies) = (CheckerResult(validity: .valid, found), latencies)
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
        judgeLatency(&result, &latencies)
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

    private func judgeLatency(_ result: inout CheckerResult, _ latencies: inout Distribution) {
        guard let level = serviceLevel, let reached = latencies.quantile(0.999), reached > level else { return }
        result.anomalyCount += 1
        let first = slowest.first { $0.span >= reached }
        let events = first.map { [$0.invocation, $0.completion] } ?? []
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
