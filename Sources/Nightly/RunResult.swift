import Checkers
import Gate
import History
import Report

/// What became of a run of a night, decided anew from its history.
public struct RunResult: Sendable, Hashable {
    public enum Status: String, Sendable { case valid, invalid, unknown, broken }

    public var status: Status
    public var signature: Signature?
    /// The types of all anomalies found.
    public var anomalies: Set<String> = []
    /// By when the load had shown all that proves an anomaly of the type, by type: of the first one.
    public var evidence: [String: Reducer.Evidence] = [:]
    public var operations = 0
    public var convergence: Int64?
    public var p999: Int64?
    public var reason: String?

    init(status: Status, reason: String? = nil) {
        self.status = status
        self.reason = reason
    }

    /// - Parameters:
    ///   - exitStatus: of the process that made the run.
    ///   - path: its directory.
    ///   - workload: the name that its signature bears.
    public static func read(exitStatus: Int32, path: String, workload: String) -> RunResult {
        let file = "\(path)/history.dyno"
        let history: History
        do {
            history = try HistoryFile.read(path: file)
            try history.validate(file: file)
        } catch {
            return RunResult(status: .broken, reason: "exit status \(exitStatus); \(error)")
        }
        let verdict = RunCheck.verdict(on: history, checkers: [])
        var result = RunResult(status: .valid)
        let exercise = Exercise(history)
        result.operations = exercise.operations
        result.convergence = exercise.convergence
        result.p999 = LoadFigures(history).p999
        result.anomalies = Set(verdict.checkers.flatMap(\.result.anomalies).map(\.type.name))
        result.evidence = evidence(of: verdict, in: history)
        switch verdict.validity {
        case .valid: result.status = .valid
        case .invalid:
            result.status = .invalid
            result.signature = Signature(of: verdict, on: history, workload: workload)
        case .unknown:
            result.status = .unknown
            let reasons = verdict.checkers.compactMap { entry in
                entry.result.reason.map { "\(entry.name.rawValue): \($0)" }
            }
            result.reason = ([verdict.reason, verdict.exercise?.reason].compactMap { $0 } + reasons).first
        }
        // A run that failed after its history was whole is no green one.
        if ![0, 1, 2].contains(exitStatus), result.status != .invalid {
            result.status = .broken
            result.reason = "exit status \(exitStatus)"
        }
        return result
    }

    private static func evidence(of verdict: Verdict, in history: History) -> [String: Reducer.Evidence] {
        let phases = history.events.indices.filter { history.events[$0].function == .phase }
        guard let load = phases.first else { return [:] }
        let heal = phases.dropFirst().first ?? history.events.count
        // The last event of the load among those that prove it: what a final read shows was done before.
        var last: [String: Int] = [:]
        for anomaly in verdict.checkers.flatMap(\.result.anomalies) {
            let event = anomaly.ops.last { $0 < heal } ?? heal - 1
            last[anomaly.type.name] = min(last[anomaly.type.name] ?? .max, event)
        }
        return last.mapValues { event in
            let begun = history.events[...event].count { $0.process.isClient && $0.type == .invoke }
            let time = history.events[event].time - history.events[load].time
            return Reducer.Evidence(milliseconds: Int(max(0, time) / 1_000_000), operations: begun)
        }
    }
}
