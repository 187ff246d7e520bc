import Checkers
import Dynamo
import Foundation

/// The bench's own certificate, as `calibration.json` has it.
public struct CalibrationReport: Codable, Sendable, Hashable {
    /// How runs were made.
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// In virtual time.
        case simulated
        /// Real processes, a real network, real disks.
        case processes
    }

    /// One flaw in one mode.
    public struct Row: Codable, Sendable, Hashable {
        public var flaw: String
        public var found: Bool
        /// Runs made, and runs in which it was found.
        public var seeds: Int
        public var foundSeeds: Int
        public var checker: String
        /// The one found most often; when none was, those that were looked for.
        public var anomaly: String
        public var workload: String
        public var mode: Mode
        /// Of the run that found it first: client operations and seconds of the load until it was proven; nil: not
        /// found.
        public var operations: Int?
        public var seconds: Double?
        /// A seed that finds it; nil: none did.
        public var seed: UInt64?
    }

    /// Runs of the store without a flaw.
    public struct Sound: Codable, Sendable, Hashable {
        public var runs = 0
        public var falseAlarms = 0
        /// Of the runs, those with real processes.
        public var processRuns = 0
        /// A line for each run that raised an alarm.
        public var alarms: [String] = []
        public init() {}
    }

    /// See ``BuildIdentity``.
    public var build: String
    /// RFC 3339, UTC.
    public var started: String
    public var finished: String
    public var flaws: [Row]
    /// Flaws that real processes do not show, and why.
    public var simulatedOnly: [String: String]
    public var sound: Sound

    public init(build: String, started: Date) {
        self.build = build
        self.started = Self.text(of: started)
        finished = self.started
        flaws = []
        simulatedOnly = [:]
        sound = Sound()
    }

    /// Every flaw that was tried was found in each mode that was tried, and the sound store raised no alarm.
    public var isGreen: Bool { !flaws.isEmpty && flaws.allSatisfy(\.found) && sound.falseAlarms == 0 }

    /// Adds what some runs say of a flaw.
    public mutating func add(
        _ flaw: Flaw, _ mode: Mode, finds: [(seed: UInt64, find: Find?)]
    ) {
        let exposure = flaw.exposure
        let found = finds.compactMap { entry in entry.find.map { (entry.seed, $0) } }
        let counts = Dictionary(grouping: found, by: { $0.1.anomaly }).mapValues(\.count)
        let most = exposure.anomalies.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) }
        let looked = exposure.anomalies.map(\.name).joined(separator: ", ")
        let first = found.first
        flaws.append(
            Row(
                flaw: flaw.rawValue, found: first != nil, seeds: finds.count, foundSeeds: found.count,
                checker: exposure.checker.rawValue, anomaly: first == nil ? looked : most?.name ?? looked,
                workload: exposure.workload, mode: mode, operations: first?.1.operations,
                seconds: first.map { ($0.1.seconds * 100).rounded() / 100 }, seed: first?.0))
    }

    /// Adds a run of the sound store.
    public mutating func addSound(_ mode: Mode, workload: String, seed: UInt64, alarms: [String]) {
        sound.runs += 1
        if mode == .processes { sound.processRuns += 1 }
        guard let first = alarms.first else { return }
        sound.falseAlarms += 1
        sound.alarms.append("\(workload), seed \(seed), \(mode.rawValue): \(first)")
    }

    public mutating func finish(at date: Date) { finished = Self.text(of: date) }

    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private static func text(of date: Date) -> String { date.ISO8601Format() }
}
