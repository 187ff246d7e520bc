import History

/// How far reads are behind the acknowledged writes: in versions and in time (page *Staleness*).
struct StalenessChecker {
    private let subject: Subject
    private var coverage: Coverage
    private var tally: Tally

    /// What the reads of some keys gave.
    struct Tally {
        fileprivate let options: CheckOptions
        fileprivate var behind = Distribution()
        fileprivate var age = Distribution()
        fileprivate var curve = [(reads: Int, fresh: Int)](
            repeating: (0, 0), count: StalenessChecker.bounds.count + 1)
        /// By the first event of their key, and there by their read.
        fileprivate var found: AnomalyList
    }

    /// Of each key so many acknowledged writes are looked back at.
    private static let lookBack = 32
    /// Upper bounds of the time between a write's acknowledgement and a read, in milliseconds.
    fileprivate static let bounds: [Int64] = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]

    static func survey(_ subject: Subject, _ options: CheckOptions, limit: Int) -> Tally {
        var checker = StalenessChecker(subject, options, limit)
        checker.checkKeys { _, _ in }
        return checker.tally
    }

    /// Tells of each read that could miss something how many acknowledged writes it misses, and how many nanoseconds before
    /// it the oldest of them was acknowledged.
    static func forEachRead(_ subject: Subject, _ body: (Int, Int64) -> Void) {
        var checker = StalenessChecker(subject, CheckOptions(), 0)
        checker.checkKeys(body)
    }

    private mutating func checkKeys(_ body: (Int, Int64) -> Void) {
        for position in subject.keyEvents.keys.indices {
            check(key: subject.keyEvents.events(at: position), body)
        }
    }

    private init(_ subject: Subject, _ options: CheckOptions, _ limit: Int) {
        self.subject = subject
        tally = Tally(options: options, found: AnomalyList(limit: limit))
        coverage = Coverage(subject: subject)
    }

    private mutating func check(key events: ContiguousArray<Int32>.SubSequence, _ body: (Int, Int64) -> Void) {
        coverage.begin(key: events)
        tally.found.place = events.first.map(subject.place) ?? 0
        var acknowledged = ContiguousArray<Int32>()
        for index in events {
            let event = subject.event(index)
            guard event.type == .ok, event.process.isClient else { continue }
            if event.function == .put {
                let write = subject.completedWrite(event, at: index)
                if write >= 0 { acknowledged.append(write) }
            } else if subject.isOkGet(event), subject.partner[Int(index)] >= 0 {
                judge(index, acknowledged, body)
            }
        }
    }

    private mutating func judge(
        _ index: Int32, _ acknowledged: ContiguousArray<Int32>, _ body: (Int, Int64) -> Void
    ) {
        let invocation = subject.partner[Int(index)]
        coverage.load(index)
        var looked = 0
        var missed: [Int32] = []
        for write in acknowledged.reversed() where subject.writes.writes[Int(write)].completion < invocation {
            let isMissed = !coverage.covers(write)
            if looked == 0 { note(write, invocation, isMissed) }
            if isMissed { missed.append(write) }
            looked += 1
            if looked == StalenessChecker.lookBack { break }
        }
        guard looked > 0 else { return }
        tally.behind.add(Int64(missed.count))
        let oldest = missed.last.map { subject.writes.writes[Int($0)] }
        let time = oldest.map { subject.span($0.completion, invocation) } ?? 0
        tally.age.add(time)
        body(missed.count, time)
        guard let oldest else { return }
        let isFar = tally.options.mostVersionsBehind.map { missed.count > $0 } ?? false
        let isOld = tally.options.longestStaleness.map { time > $0 } ?? false
        if isFar || isOld { report(index, oldest, missed.count, time) }
    }

    /// A point of the curve: whether the newest write was visible so long after its acknowledgement.
    private mutating func note(_ write: Int32, _ invocation: Int32, _ isMissed: Bool) {
        let milliseconds = subject.span(subject.writes.writes[Int(write)].completion, invocation) / 1_000_000
        let bucket = StalenessChecker.bounds.firstIndex { milliseconds < $0 } ?? StalenessChecker.bounds.count
        tally.curve[bucket].reads += 1
        if !isMissed { tally.curve[bucket].fresh += 1 }
    }

    private mutating func report(_ index: Int32, _ oldest: Write, _ count: Int, _ time: Int64) {
        tally.found.report { [subject] in
            let event = subject.event(index)
            let key = subject.history.string(event.key)
            let id = subject.history.string(oldest.id)
            let events = [oldest.invocation, oldest.completion, subject.partner[Int(index)], index]
            return Anomaly(
                type: .staleRead, key: key, value: id, ops: subject.places(events),
                message:
                    "process \(event.process.rawValue)'s get of \(key) at event \(subject.place(index)) misses \(count) "
                    + "acknowledged writes, the oldest, \(id), acknowledged \(Figure("", nanoseconds: time).text) ms "
                    + "before it began")
        }
    }
}

extension StalenessChecker.Tally {
    mutating func merge(_ other: Self) {
        behind.merge(other.behind)
        age.merge(other.age)
        for bucket in curve.indices {
            curve[bucket].reads += other.curve[bucket].reads
            curve[bucket].fresh += other.curve[bucket].fresh
        }
        found.merge(other.found)
    }

    func conclude() -> CheckerResult {
        var (behind, age) = (behind, age)
        var result = CheckerResult(validity: .valid, found)
        result.figures = [Figure("reads", behind.count)]
        for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)] {
            guard let versions = behind.quantile(share), let time = age.quantile(share) else { continue }
            result.figures.append(Figure("versions_behind_\(name)", Int(versions)))
            result.figures.append(Figure("behind_ms_\(name)", nanoseconds: time))
        }
        for (bucket, point) in curve.enumerated() where point.reads > 0 {
            let isLast = bucket == StalenessChecker.bounds.count
            let name = isLast ? "later" : "within_\(StalenessChecker.bounds[bucket])ms"
            let share = Double(point.fresh) / Double(point.reads) * 100
            result.figures.append(Figure("visible_\(name)_percent", share))
        }
        if behind.count == 0 {
            (result.validity, result.reason) = (.unknown, "No get began after a put of its key was acknowledged.")
        } else if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if options.mostVersionsBehind == nil, options.longestStaleness == nil {
            let reason =
                "No bound was given (--max-versions-behind, --max-staleness): the figures are for you to judge."
            (result.validity, result.reason) = (.unknown, reason)
        }
        return result
    }
}
