import History

/// What deciding on a history may take of the machine. No verdict depends on it.
public struct CheckResources: Sendable {
    /// How many threads work at a time.
    public var threads: Int
    /// What the history may take in memory before parts of it go to a temporary file, in bytes.
    public var memory: Int
    /// Where the temporary file goes.
    public var directory: String

    public init(threads: Int = 1, memory: Int = 3 << 30, directory: String = "/tmp") {
        self.threads = threads
        self.memory = memory
        self.directory = directory
    }

    /// A quarter of the memory is for what is being looked at, the rest for what waits for it.
    package var partitioning: PartitionSettings {
        var settings = PartitionSettings()
        settings.threads = threads
        settings.memory = memory / 4 * 3
        settings.directory = directory
        return settings
    }
}

extension CheckerName {
    /// The checkers that judge each key by its own events and by those that concern every key, so that a history can be
    /// taken apart for them.
    package static let partitionable: Set<CheckerName> = [.siblings, .causality, .durability, .convergence, .session]
}

/// Decides on a history that was taken apart (see ``HistoryPartition``): the same verdict, to the byte, as
/// ``check(_:checkers:maxAnomalies:)`` on the whole.
///
/// Every part is surveyed, several at a time; then the findings are put into the order in which the whole history would
/// have given them, and the parts of those that are listed are looked at once more, to tell of them.
package struct PartitionedCheck {
    private let partition: HistoryPartition
    private let checkers: [CheckerName]
    private let limit: Int
    private let threads: Int
    private let countsExercise: Bool
    private var surveys: [PartSurvey] = []
    /// The writes of other keys that reads of a part returned, by part.
    private var strangers: [Int: [StrangerWrite]] = [:]
    private(set) var isMalformed = false

    /// What a part gave.
    private struct PartSurvey {
        /// nil: the events that concern every key.
        var number: Int?
        var findings: [[PlacedFinding]] = []
        var counts: [Int] = []
        var exercised: [Exercised] = []
        var dishonestRanges: [[String]] = []
        var exercise: Exercise?
        var strangers: [UInt64] = []
        var isMalformed = false
    }

    /// A finding and the key under which it was found, by its place among the keys of the whole history; -1: of no key.
    private struct PlacedFinding {
        var finding: Finding
        var key: Int
        var part: Int?
        /// The range of a `dishonest-root`.
        var range: String?
    }

    /// - Parameters:
    ///   - checkers: only such as are in ``CheckerName/partitionable``.
    ///   - countsExercise: whether ``exercise`` is wanted.
    package init(
        _ partition: HistoryPartition, checkers: [CheckerName], maxAnomalies: Int, threads: Int,
        countsExercise: Bool = false
    ) throws(HistoryError) {
        self.partition = partition
        self.checkers = CheckerName.allCases.filter { checkers.contains($0) }
        limit = maxAnomalies
        self.threads = threads
        self.countsExercise = countsExercise
        isMalformed = partition.isMalformed
        if isMalformed { return }
        surveys = try survey([nil] + (0..<partition.partCount).filter { !partition.isEmpty(part: $0) })
        isMalformed = surveys.contains { $0.isMalformed }
        if !isMalformed { try surveyWithStrangers() }
    }

    /// The verdict; nil when the history is malformed, which ``History/validate(file:)`` then tells of.
    package func verdict() throws(HistoryError) -> Verdict? {
        if isMalformed { return nil }
        var results: [(name: CheckerName, result: CheckerResult)] = []
        var validity = Validity.valid
        for (place, name) in checkers.enumerated() {
            let result = try conclude(place, name)
            validity = validity.worse(result.validity)
            results.append((name, result))
        }
        return Verdict(
            validity: validity, events: partition.eventCount, checkers: results, truncation: partition.truncation)
    }

    /// What the history exercised, as ``Exercise/init(_:)`` of the whole would count it; nil when it was not asked for.
    package var exercise: Exercise? {
        guard var whole = surveys.first(where: { $0.number == nil })?.exercise else { return nil }
        for part in surveys where part.number != nil {
            if let exercise = part.exercise { whole.add(keysOf: exercise) }
        }
        whole.span = partition.lastTime - partition.firstTime
        return whole
    }
}

/// Surveying.
extension PartitionedCheck {
    private func survey(_ parts: [Int?]) throws(HistoryError) -> [PartSurvey] {
        var results = [PartSurvey](repeating: PartSurvey(), count: parts.count)
        var failure: HistoryError?
        results.withUnsafeMutableBufferPointer { results in
            // Each call writes to a place of its own.
            nonisolated(unsafe) let results = results
            do throws(HistoryError) {
                try Parallel.forEach(
                    parts.count, threads: threads,
                    makeState: { () throws(HistoryError) in try PartDecoder(partition) }
                ) { (place, decoder) throws(HistoryError) in
                    results[place] = try survey(part: parts[place], &decoder)
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return results
    }

    private func survey(part number: Int?, _ decoder: inout PartDecoder) throws(HistoryError) -> PartSurvey {
        try decoder.decode(number, strangers: number.flatMap { strangers[$0] } ?? [])
        let subject = number == nil ? Subject(history: decoder.part.history) : Subject(part: decoder.part)
        var result = PartSurvey(number: number)
        result.isMalformed = !subject.writes.seesOnlyEarlier && !subject.history.hasSoundSeen
        if result.isMalformed { return result }
        result.strangers = subject.strangers().map { decoder.part.code(of: $0) }
        if countsExercise { result.exercise = Exercise(subject, end: partition.lastTime) }
        for name in checkers {
            let survey = Checkers.survey(name, subject, limit: limit)
            result.counts.append(survey.log.count)
            result.exercised.append(survey.exercised)
            result.dishonestRanges.append(survey.log.dishonestRanges.map { subject.history.string($0) })
            result.findings.append(survey.log.listed.map { place($0, number, subject, decoder.part) })
        }
        return result
    }

    private func place(_ finding: Finding, _ number: Int?, _ subject: Subject, _ part: HistoryPart) -> PlacedFinding {
        guard number != nil else { return PlacedFinding(finding: finding, key: -1) }
        let isOfRange = finding.type == .dishonestRoot
        let key = isOfRange ? subject.event(finding.observer).key : finding.key
        return PlacedFinding(
            finding: finding, key: Int(part.keyNumbers[Int(key)]), part: number,
            range: isOfRange ? subject.history.string(finding.key) : nil)
    }

    /// Where versions came up that no write of their part wrote, another part may have: surveys those parts again, with
    /// such writes among their events.
    private mutating func surveyWithStrangers() throws(HistoryError) {
        let wanted = Set(surveys.flatMap { $0.strangers })
        if wanted.isEmpty { return }
        var found: [UInt64: StrangerWrite] = [:]
        var decoder = try PartDecoder(partition)
        for case let part? in surveys.map(\.number) {
            try decoder.decode(part)
            for (code, write) in decoder.part.writes(of: wanted) { found[code] = write }
        }
        for place in surveys.indices {
            guard let number = surveys[place].number else { continue }
            let writes = surveys[place].strangers.compactMap { found[$0] }
            guard !writes.isEmpty else { continue }
            strangers[number] = writes
            var again = try survey(part: number, &decoder)
            again.exercise = surveys[place].exercise
            again.exercised = surveys[place].exercised
            surveys[place] = again
        }
    }
}

/// Putting together.
extension PartitionedCheck {
    private func conclude(_ place: Int, _ name: CheckerName) throws(HistoryError) -> CheckerResult {
        var ranges: Set<String> = []
        var doubled = 0
        for range in surveys.flatMap({ $0.dishonestRanges[place] }) where !ranges.insert(range).inserted {
            doubled += 1
        }
        let count = surveys.reduce(-doubled) { $0 + $1.counts[place] }
        if count > 0 {
            return CheckerResult(validity: .invalid, anomalyCount: count, anomalies: try tell(listed(place)))
        }
        let exercised = surveys.reduce(into: Exercised()) { $0.formUnion($1.exercised[place]) }
        if let reason = whyUnknown(name, exercised) { return CheckerResult(validity: .unknown, reason: reason) }
        return CheckerResult(validity: .valid)
    }

    /// The findings that the verdict lists: those of no key, then key after key, each in the order of its part.
    private func listed(_ place: Int) -> [PlacedFinding] {
        let all = surveys.flatMap { $0.findings[place] }
        let sorted = all.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
        var ranges: Set<String> = []
        var listed: [PlacedFinding] = []
        for (_, finding) in sorted where listed.count < limit {
            if let range = finding.range, !ranges.insert(range).inserted { continue }
            listed.append(finding)
        }
        return listed
    }

    private func tell(_ findings: [PlacedFinding]) throws(HistoryError) -> [Anomaly] {
        var places: [Int: [Int]] = [:]
        for (place, finding) in findings.enumerated() { places[finding.part ?? -1, default: []].append(place) }
        var anomalies = [Anomaly?](repeating: nil, count: findings.count)
        var decoder = try PartDecoder(partition)
        for (part, places) in places.sorted(by: { $0.key < $1.key }) {
            try decoder.decode(part < 0 ? nil : part, strangers: strangers[part] ?? [])
            let subject = part < 0 ? Subject(history: decoder.part.history) : Subject(part: decoder.part)
            var narrator = Narrator(subject: subject)
            for place in places {
                var anomaly = narrator.tell(findings[place].finding)
                anomaly.ops = anomaly.ops.map { Int(decoder.part.indexes[$0]) }
                anomalies[place] = anomaly
            }
        }
        return anomalies.compactMap { $0 }
    }
}

extension Subject {
    /// The ids of versions in reads and replicas that no write here wrote, each once.
    func strangers() -> [UInt32] {
        var found: [UInt32] = []
        var isKnown: Set<UInt32> = []
        for version in history.versions where version.id != Interner.none {
            if writes.numberOfID[Int(version.id)] < 0, isKnown.insert(version.id).inserted { found.append(version.id) }
        }
        return found
    }
}

extension Verdict {
    /// The verdict on a history that is known to be cut short, when `truncation` is given, is never valid.
    init(
        validity: Validity, events: Int, checkers: [(name: CheckerName, result: CheckerResult)],
        truncation: Truncation?
    ) {
        self.init(validity: validity, events: events, checkers: checkers)
        if checkers.isEmpty {
            self.validity = .unknown
            reason = "No checker was chosen."
        }
        if let truncation {
            if self.validity != .invalid { self.validity = .unknown }
            reason = "The history is not complete: \(truncation.reason)"
        }
    }
}
