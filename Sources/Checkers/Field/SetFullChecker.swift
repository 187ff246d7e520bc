import History
import Notation

/// Elements that clients `add` to a set, and the whole set as `read` returns it (page *SetFull*).
struct SetFullChecker {
    private let subject: Subject
    private var elements: [String: Int] = [:]
    private var stories: [Story] = []
    private var tally: Tally

    /// What the elements of some sets gave.
    struct Tally {
        fileprivate var stale = Distribution()
        fileprivate var counts = (attempts: 0, acknowledged: 0, neverRead: 0, reads: 0)
        fileprivate var hasReadAfterAcknowledgement = false
        /// What single reads show, by the read; behind all of that what became of elements, by the operation that first named
        /// them.
        fileprivate var found: AnomalyList
    }

    /// What is known of an element of a key.
    private struct Story {
        var key: UInt32
        var name: String
        /// The invocation of the operation that first named it.
        var origin: Int32
        var addition: ClientOperation?
        /// The event from which every read must show it: its acknowledgement, or the end of the first read with it.
        var known: Int32 = Int32.max
        /// The last read with it, and the last begun after it was known that lacks it, by the reads' invocations.
        var lastPresent: Int32 = -1
        var lastAbsent: Int32 = -1
        /// The completion of the latter.
        var absentCompletion: Int32 = -1
    }

    private struct Read {
        var invocation: Int32
        var completion: Int32
        var elements: [Int]
    }

    private init(_ subject: Subject, _ limit: Int) {
        self.subject = subject
        tally = Tally(found: AnomalyList(limit: limit))
    }

    static func survey(_ subject: Subject, limit: Int) -> Tally {
        var checker = SetFullChecker(subject, limit)
        let reads = checker.collect()
        checker.judge(reads)
        checker.tell()
        return checker.tally
    }

    private mutating func element(_ datum: Datum, _ key: UInt32, of operation: ClientOperation) -> Int {
        let name = datum.json
        let identity = "\(key)/\(name)"
        if let known = elements[identity] { return known }
        elements[identity] = stories.count
        stories.append(Story(key: key, name: name, origin: operation.invocation))
        return stories.count - 1
    }

    /// Gathers additions and reads, by key.
    private mutating func collect() -> [UInt32: [Read]] {
        var reads: [UInt32: [Read]] = [:]
        var operations: [ClientOperation] = []
        subject.forEachOperation { operations.append($0) }
        for operation in operations {
            let key = subject.event(operation.invocation).key
            switch subject.foreignName(operation.invocation) {
            case "add":
                guard let datum = subject.value(operation.invocation) else { continue }
                add(operation, element(datum, key, of: operation))
            case "read":
                guard operation.outcome == .acked, let content = subject.value(operation.completion)?.elements else {
                    continue
                }
                tally.counts.reads += 1
                reads[key, default: []].append(read(operation, content, key))
            default: continue
            }
        }
        return reads
    }

    private mutating func add(_ operation: ClientOperation, _ number: Int) {
        tally.counts.attempts += 1
        if let first = stories[number].addition, first.outcome != .failed || operation.outcome == .failed { return }
        stories[number].addition = operation
        guard operation.outcome == .acked else { return }
        tally.counts.acknowledged += 1
        stories[number].known = min(stories[number].known, operation.completion)
    }

    private mutating func read(_ operation: ClientOperation, _ content: [Datum], _ key: UInt32) -> Read {
        var seen: Set<Int> = []
        tally.found.place = subject.place(operation.invocation)
        for datum in content {
            let number = element(datum, key, of: operation)
            guard seen.insert(number).inserted else {
                report(.duplicatedElement, number, [operation.invocation, operation.completion]) {
                    "\($0) is there more than once in one read"
                }
                continue
            }
            stories[number].known = min(stories[number].known, operation.completion)
            stories[number].lastPresent = max(stories[number].lastPresent, operation.invocation)
        }
        return Read(invocation: operation.invocation, completion: operation.completion, elements: seen.sorted())
    }

    /// Looks for what each read lacks: whatever was known before it began.
    private mutating func judge(_ reads: [UInt32: [Read]]) {
        var ofKey: [UInt32: [Int]] = [:]
        for number in stories.indices { ofKey[stories[number].key, default: []].append(number) }
        for (key, all) in reads.sorted(by: { $0.key < $1.key }) {
            let numbers = (ofKey[key] ?? []).sorted { (stories[$0].known, $0) < (stories[$1].known, $1) }
            for read in all {
                let present = Set(read.elements)
                for number in numbers {
                    guard stories[number].known < read.invocation else { break }
                    tally.hasReadAfterAcknowledgement = true
                    if present.contains(number) { continue }
                    miss(number, read)
                }
            }
        }
    }

    private mutating func miss(_ number: Int, _ read: Read) {
        guard read.invocation > stories[number].lastAbsent else { return }
        stories[number].lastAbsent = read.invocation
        stories[number].absentCompletion = read.completion
    }

    private mutating func tell() {
        for number in stories.indices {
            let story = stories[number]
            tally.found.place = Int(Int32.max) + 1 + subject.place(story.origin)
            guard let addition = story.addition, addition.outcome != .failed else {
                report(.phantomElement, number, [story.lastPresent, subject.partner[safely: story.lastPresent]]) {
                    "\($0) was read, and nobody added it"
                }
                continue
            }
            if story.lastPresent < 0, story.lastAbsent < 0 { tally.counts.neverRead += 1 }
            guard story.lastAbsent >= 0 else { continue }
            if story.lastAbsent > story.lastPresent {
                let events = [addition.invocation, story.known, story.lastAbsent, story.absentCompletion]
                let late = Narrator.seconds(subject.span(story.known, story.lastAbsent))
                let known = subject.place(story.known)
                report(.lostElement, number, events) {
                    "\($0) was in the set for certain (event \(known)), and the last read that could show it, begun "
                        + "\(late) later, does not"
                }
            } else {
                tally.stale.add(subject.span(story.known, story.lastAbsent))
            }
        }
    }

    private mutating func report(_ type: AnomalyType, _ number: Int, _ events: [Int32], _ sentence: (String) -> String)
    {
        let (subject, story) = (subject, stories[number])
        tally.found.report {
            let key = story.key == Interner.none ? nil : subject.history.string(story.key)
            let label = key.map { "element \(story.name) of \($0)" } ?? "element \(story.name)"
            return Anomaly(
                type: type, key: key, value: story.name, ops: subject.places(events), message: sentence(label))
        }
    }
}

extension SetFullChecker.Tally {
    mutating func merge(_ other: Self) {
        stale.merge(other.stale)
        counts.attempts += other.counts.attempts
        counts.acknowledged += other.counts.acknowledged
        counts.neverRead += other.counts.neverRead
        counts.reads += other.counts.reads
        hasReadAfterAcknowledgement = hasReadAfterAcknowledgement || other.hasReadAfterAcknowledgement
        found.merge(other.found)
    }

    func conclude() -> CheckerResult {
        var (result, stale) = (CheckerResult(validity: .unknown, found), stale)
        result.figures = [
            Figure("attempts", counts.attempts), Figure("acknowledged", counts.acknowledged),
            Figure("reads", counts.reads), Figure("never_read", counts.neverRead), Figure("stale", stale.count),
        ]
        if let worst = stale.quantile(1), let median = stale.quantile(0.5) {
            result.figures += [
                Figure("stale_ms_p50", nanoseconds: median), Figure("stale_ms_max", nanoseconds: worst),
            ]
        }
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if hasReadAfterAcknowledgement {
            result.validity = .valid
        } else {
            result.reason = "No read began after an element was in the set for certain."
        }
        return result
    }
}

extension ContiguousArray<Int32> {
    /// The element, or -1 where there is none.
    subscript(safely index: Int32) -> Int32 { indices.contains(Int(index)) ? self[Int(index)] : -1 }
}
