import Checkers
import Dynamo
import History
import Report
import Workload

/// A planted flaw as a checker found it.
public struct Find: Sendable, Hashable {
    public var checker: CheckerName
    public var anomaly: AnomalyType
    /// The checker's sentence.
    public var message: String
    /// Client operations begun, and seconds of the load gone, until the last of the events that prove it.
    public var operations: Int
    public var seconds: Double

    public init(checker: CheckerName, anomaly: AnomalyType, message: String, operations: Int, seconds: Double) {
        self.checker = checker
        self.anomaly = anomaly
        self.message = message
        self.operations = operations
        self.seconds = seconds
    }
}

/// What one run says about a flaw, or about the sound store.
public enum Trial {
    /// The find that a history gives for an exposure: of all anomalies that prove it the one that was there first.
    public static func find(_ exposure: Exposure, in history: History) -> Find? {
        let verdict = check(history, checkers: [exposure.checker])
        let proofs = verdict[exposure.checker]?.anomalies.filter { exposure.anomalies.contains($0.type) } ?? []
        guard let first = proofs.min(by: { ($0.ops.last ?? .max) < ($1.ops.last ?? .max) }) else { return nil }
        let last = first.ops.last ?? history.events.count - 1
        let begin = history.events.first { $0.function == .phase }?.time ?? 0
        let operations = history.events[...last].count { $0.process.isClient && $0.type == .invoke }
        return Find(
            checker: exposure.checker, anomaly: first.type, message: first.message, operations: operations,
            seconds: Double(history.events[last].time - begin) / 1e9)
    }

    /// Every anomaly in a history of the sound store, in one sentence each; none: no false alarm.
    ///
    /// The checkers are those that the workload asks for. What a history does not exercise is no alarm.
    public static func alarms(in history: History) -> [String] {
        RunCheck.verdict(on: history, checkers: []).checkers.flatMap { name, result in
            result.anomalies.map { "\(name.rawValue): \($0.type.name): \($0.message)" }
        }
    }
}

extension Workload {
    /// The same workload with a fraction of its load: the faults and their times stay, and each key is used as often.
    ///
    /// - Parameter factor: by which the number of operations, their rate and the number of keys are divided.
    public func thinned(by factor: Int) -> Workload {
        guard factor > 1 else { return self }
        var thin = self
        thin.rate = max(1, (rate ?? 2_000) / factor)
        if case .operations(let count) = length { thin.length = .operations(max(1, count / factor)) }
        thin.keys.count = max(min(keys.count, 5), keys.count / factor)
        // The floors are those of the whole load.
        thin.require = []
        return thin
    }
}
