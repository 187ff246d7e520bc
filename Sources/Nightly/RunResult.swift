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
}
