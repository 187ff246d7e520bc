import Checkers
import History
import Report

/// What a gate knows of a run: decided anew from its history, never from what the run once said of itself.
public struct RunFacts: Sendable {
    /// Where it lies, as the user named it.
    public var path: String
    public var workload: String?
    public var seed: UInt64?
    /// The fault that was planted in its nodes, if one was.
    public var flaw: String?
    /// Which executables made it; nil when it does not tell.
    public var build: String?
    public var verdict: Verdict
    public var exercise: Exercise
    public var record: RunRecord
    public var load: LoadFigures
    /// Faults of the history that no witness proves, in words.
    public var unwitnessed: [String]
    public var truncation: String?

    /// - Parameters:
    ///   - history: one that passed ``History/validate(file:)``.
    ///   - checkers: which must decide, beside those that the history itself names.
    public init(_ history: History, path: String, checkers: [CheckerName]) {
        self.path = path
        record = RunRecord(history)
        workload = record.workload ?? history.header.name
        seed = record.seed
        flaw = record.flaw
        build = record.build
        exercise = Exercise(history)
        load = LoadFigures(history)
        truncation = history.truncation?.reason
        unwitnessed = Self.unwitnessed(history, record.witnesses)
        verdict = RunCheck.verdict(on: history, checkers: [], maxAnomalies: .max)
        let missing = checkers.filter { verdict[$0] == nil }
        if !missing.isEmpty {
            let more = check(history, checkers: missing, maxAnomalies: .max)
            verdict.checkers += more.checkers
            verdict.validity = verdict.validity.worse(more.validity)
        }
    }

    /// Histories tell times less exactly than witnesses do, in nanoseconds: a fault may seem to begin before it was called for.
    private static let resolution: Int64 = 1_000_000

    /// Every begin of a fault that lies in the interval of no proven witness.
    private static func unwitnessed(_ history: History, _ witnesses: [RunRecord.Witness]) -> [String] {
        let proven = witnesses.filter(\.proven)
        var found: [String] = []
        for event in history.events where event.process == .nemesis {
            let name: String
            switch event.function {
            case .kill: name = "kill"
            case .pause: name = "pause"
            case .wipe: name = "wipe"
            case .partition: name = "partition"
            case .other where history.string(event.name) == "fault": name = history.string(event.value)
            default: continue
            }
            let isSeen = proven.contains {
                $0.begin - $0.effectNs - resolution <= event.time && event.time <= $0.end
            }
            if !isSeen { found.append("\(name) at \(Figures.seconds(event.time))") }
        }
        return found
    }
}

/// Figures as a reader of a decision sees them.
enum Figures {
    /// `4.812 s`
    static func seconds(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 >= 500_000 ? 1 : 0)
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}
