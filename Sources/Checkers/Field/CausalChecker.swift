import History

/// Causal consistency over all keys: whatever is in a client's past is in what it reads (page *Causal*).
///
/// A write is in the past of a process when the process made it, read it, or read a write in whose past it is.
struct CausalChecker {
    private let subject: Subject
    private let memory: Int
    /// By the first event of their key, and there by their get.
    private var found: AnomalyList
    private var reported: Set<String> = []
    private var exercised = false

    /// Client processes, numbered; by event.
    private var session: ContiguousArray<Int32>
    private var sessionCount = 0
    /// For each session the numbers of its writes that may have happened, in their order.
    private var writesOf: [[Int32]] = []
    /// By write: its place among those of its session; -1 for one that failed.
    private var place: ContiguousArray<Int32>
    /// By write: the past of its session when it began.
    private var pastOf: [[Int32]]
    /// By the place of the write's key among the keys of the history.
    private var lessons: [ContiguousArray<Lesson>]
    private var lessonCount = 0
    /// The place of each string that is a key.
    private var placeOfKey: ContiguousArray<Int32>

    /// From the event `source` on, every get of the write's key by the session must cover the write.
    private struct Lesson {
        var session: Int32
        var write: Int32
        var source: Int32
        var kind: AnomalyType
    }

    static func check(_ subject: Subject, _ options: CheckOptions, limit: Int) -> CheckerResult {
        var checker = CausalChecker(subject, options, limit)
        if let needed = checker.learn() {
            return CheckerResult(validity: .unknown, reason: whyTooMuch(needed, options.memory))
        }
        checker.judge()
        var result = CheckerResult(validity: .valid, checker.found)
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if !checker.exercised {
            result.validity = .unknown
            result.reason = "No process read a key after a write of it was in its past."
        }
        return result
    }

    /// Says that pasts would need so many bytes or more.
    static func whyTooMuch(_ needed: Int, _ memory: Int) -> String {
        "What is in the pasts of the clients needs more than \(needed >> 20) MB of memory together, and --memory gives "
            + "\(memory >> 20) MB."
    }

    private init(_ subject: Subject, _ options: CheckOptions, _ limit: Int) {
        self.subject = subject
        memory = options.memory
        found = AnomalyList(limit: limit)
        session = ContiguousArray(repeating: -1, count: subject.history.events.count)
        place = ContiguousArray(repeating: -1, count: subject.writes.count)
        pastOf = Array(repeating: [], count: subject.writes.count)
        var known: [Process: Int32] = [:]
        for index in subject.history.events.indices where subject.history.events[index].process.isClient {
            let process = subject.history.events[index].process
            let number = known[process] ?? Int32(known.count)
            known[process] = number
            session[index] = number
        }
        lessons = Array(repeating: [], count: subject.keyEvents.keys.count)
        placeOfKey = ContiguousArray(repeating: -1, count: subject.history.strings.count)
        for (place, key) in subject.keyEvents.keys.enumerated() { placeOfKey[Int(key)] = Int32(place) }
        sessionCount = known.count
        writesOf = Array(repeating: [], count: sessionCount)
    }

    /// Follows all sessions through the history and writes down what each learns; when that takes more memory than there is,
    /// how much it took so far.
    private mutating func learn() -> Int? {
        let pasts = sessionCount * subject.writes.count * MemoryLayout<Int32>.stride
        if pasts > memory { return pasts }
        var past = [[Int32]](repeating: [Int32](repeating: 0, count: sessionCount), count: sessionCount)
        for index in subject.history.events.indices where session[index] >= 0 {
            let event = subject.history.events[index]
            let reader = Int(session[index])
            if event.type == .invoke, event.function.isWrite {
                begin(event, reader, past[reader])
            } else if event.type == .ok, event.function.isWrite {
                let write = subject.completedWrite(event, at: Int32(index))
                guard write >= 0, place[Int(write)] >= 0 else { continue }
                raise(&past[reader], reader, reader, place[Int(write)] + 1, Int32(index), .readYourWrites)
            } else if subject.isOkGet(event) {
                read(event, Int32(index), reader, &past[reader])
            }
            let needed = pasts + lessonCount * 2 * MemoryLayout<Lesson>.stride
            if needed > memory { return needed }
        }
        return nil
    }

    private mutating func begin(_ event: Event, _ writer: Int, _ past: [Int32]) {
        let write = subject.writes.number(ofID: event.value, key: event.key)
        guard write >= 0, subject.writes.writes[Int(write)].outcome.isPossible else { return }
        place[Int(write)] = Int32(writesOf[writer].count)
        writesOf[writer].append(write)
        pastOf[Int(write)] = past
    }

    private mutating func read(_ event: Event, _ index: Int32, _ reader: Int, _ past: inout [Int32]) {
        for version in subject.history.versions(of: event) {
            let write = subject.writes.number(ofID: version.id, key: event.key)
            guard write >= 0, place[Int(write)] >= 0 else { continue }
            let invocation = subject.writes.writes[Int(write)].invocation
            let writer = Int(session[Int(invocation)])
            let inherited = pastOf[Int(write)]
            for other in inherited.indices where inherited[other] > past[other] {
                raise(
                    &past, reader, other, inherited[other], index,
                    other == writer ? .monotonicWrites : .writesFollowReads)
            }
            // Only the version itself is new: what its writer wrote before was acknowledged (a process that does not know how a
            // write ended writes no more), and so is in the past that the version brought along.
            raise(&past, reader, writer, place[Int(write)] + 1, index, .monotonicReads)
        }
    }

    /// The writes of `writer` up to `count` are in the past of `reader` from here on.
    private mutating func raise(
        _ past: inout [Int32], _ reader: Int, _ writer: Int, _ count: Int32, _ source: Int32,
        _ kind: AnomalyType
    ) {
        guard count > past[writer] else { return }
        for position in past[writer]..<count {
            let write = writesOf[writer][Int(position)]
            let place = placeOfKey[Int(subject.writes.writes[Int(write)].key)]
            lessonCount += 1
            lessons[Int(place)].append(
                Lesson(
                    session: Int32(reader), write: write, source: source,
                    kind: reader == writer ? .readYourWrites : kind))
        }
        past[writer] = count
    }

    // MARK: Judging, key by key

    private mutating func judge() {
        var coverage = Coverage(subject: subject)
        for position in subject.keyEvents.keys.indices where !lessons[position].isEmpty {
            let learned = lessons[position]
            lessons[position] = []
            judge(subject.keyEvents.events(at: position), learned, &coverage)
        }
    }

    private mutating func judge(
        _ events: ContiguousArray<Int32>.SubSequence, _ learned: ContiguousArray<Lesson>, _ coverage: inout Coverage
    ) {
        coverage.begin(key: events)
        found.place = events.first.map(subject.place) ?? 0
        var frontiers: [Int32: CoverageFrontier] = [:]
        var kinds: [UInt64: AnomalyType] = [:]
        var next = 0
        var losses = ContiguousArray<CoverageFrontier.Loss>()
        for index in events {
            let event = subject.event(index)
            let invocation = subject.partner[Int(index)]
            guard subject.isOkGet(event), invocation >= 0 else { continue }
            let reader = session[Int(index)]
            // A process has one operation in flight: what it learned before this event, it learned before the get.
            while next < learned.count, learned[next].source < index {
                let lesson = learned[next]
                next += 1
                if subject.writes.writes[Int(lesson.write)].isDelete { continue }
                frontiers[lesson.session, default: CoverageFrontier()].add(lesson.write, source: lesson.source)
                kinds[UInt64(lesson.session) << 32 | UInt64(lesson.write)] = lesson.kind
            }
            guard var frontier = frontiers.removeValue(forKey: reader) else { continue }
            exercised = true
            coverage.load(index)
            losses.removeAll(keepingCapacity: true)
            frontier.check(&coverage, subject, settled: index, losses: &losses)
            frontiers[reader] = frontier
            for loss in losses {
                report(kinds[UInt64(reader) << 32 | UInt64(loss.write)] ?? .monotonicReads, loss, index, event)
            }
        }
    }

    private mutating func report(_ kind: AnomalyType, _ loss: CoverageFrontier.Loss, _ index: Int32, _ event: Event) {
        let write = subject.writes.writes[Int(loss.write)]
        let (key, id) = (subject.history.string(event.key), subject.history.string(write.id))
        guard reported.insert("\(kind.rawValue) \(id)").inserted else { return }
        let (process, source) = (event.process.rawValue, subject.place(loss.source))
        let how =
            switch kind {
            case .readYourWrites: "which it wrote itself"
            case .monotonicReads: "which it had read"
            case .monotonicWrites: "whose writer wrote it before what the process had read at event \(source)"
            default: "which was in the past of what the process had read at event \(source)"
            }
        let events = [write.invocation, write.completion, loss.source, subject.partner[Int(index)], index]
        found.report { [subject] in
            Anomaly(
                type: kind, key: key, value: id, ops: subject.places(events),
                message: "process \(process)'s get of \(key) at event \(subject.place(index)) misses \(id), \(how)")
        }
    }
}
