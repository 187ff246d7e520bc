import History
import Notation

/// Elements that clients `add` to a set, and the whole set as `read` returns it (page *SetFull*).
struct SetFullChecker {
    private let subject: Subject
    private var result = CheckerResult(validity: .unknown)
    private let limit: Int
    private var elements: [String: Int] = [:]
    private var stories: [Story] = []
    private var stale = Distribution()
    private var counts = (attempts: 0, acknowledged: 0, neverRead: 0, reads: 0)
    private var hasReadAfterAcknowledgement = false

    /// What is known of an element of a key.
    private struct Story {
        var key: UInt32
        var name: String
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
        self.limit = limit
    }

    static func check(_ subject: Subject, limit: Int) -> CheckerResult {
        var checker = SetFullChecker(subject, limit)
        let reads = checker.collect()
        checker.judge(reads)
        return checker.conclude()
    }

    private mutating func element(_ datum: Datum, _ key: UInt32) -> Int {
        let name = datum.json
        let identity = "\(key)/\(name)"
        if let known = elements[identity] { return known }
        elements[identity] = stories.count
        stories.append(Story(key: key, name: name))
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
                add(operation, element(datum, key))
            case "read":
                guard operation.outcome == .acked, let content = subject.value(operation.completion)?.elements else {
                    continue
                }
                counts.reads += 1
                reads[key, default: []].append(read(operation, content, key))
            default: continue
            }
        }
        return reads
    }

    private mutating func add(_ operation: ClientOperation, _ number: Int) {
        counts.attempts += 1
        if let first = stories[number].addition, first.outcome != .failed || operation.outcome == .failed { return }
        stories[number].addition = operation
        guard operation.outcome == .acked else { return }
        counts.acknowledged += 1
        stories[number].known = min(stories[number].known, operation.completion)
    }

    private mutating func read(_ operation: ClientOperation, _ content: [Datum], _ key: UInt32) -> Read {
        var seen: Set<Int> = []
        for datum in content {
            let number = element(datum, key)
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
                    hasReadAfterAcknowledgement = true
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

    private mutating func conclude() -> CheckerResult {
        for number in stories.indices {
            let story = stories[number]
            guard let addition = story.addition, addition.outcome != .failed else {
                report(.phantomElement, number, [story.lastPresent, subject.partner[safely: story.lastPresent]]) {
                    "\($0) was read, and nobody added it"
                }
                continue
            }
            if story.lastPresent < 0, story.lastAbsent < 0 { counts.neverRead += 1 }
            guard story.lastAbsent >= 0 else { continue }
            if story.lastAbsent > story.lastPresent {
                let events = [addition.invocation, story.known, story.lastAbsent, story.absentCompletion]
                let late = Narrator.seconds(subject.span(story.known, story.lastAbsent))
                report(.lostElement, number, events) {
                    "\($0) was in the set for certain (event \(story.known)), and the last read that could show it, begun "
                        + "\(late) later, does not"
                }
            } else {
                stale.add(subject.span(story.known, story.lastAbsent))
            }
        }
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

    private mutating func report(_ type: AnomalyType, _ number: Int, _ events: [Int32], _ sentence: (String) -> String)
    {
        result.anomalyCount += 1
        guard result.anomalies.count < limit else { return }
        let story = stories[number]
        let key = story.key == Interner.none ? nil : subject.history.string(story.key)
        let label = key.map { "element \(story.name) of \($0)" } ?? "element \(story.name)"
        result.anomalies.append(
            Anomaly(
                type: type, key: key, value: story.name, ops: Set(events.filter { $0 >= 0 }).map(Int.init).sorted(),
                message: sentence(label)))
    }
}

extension ContiguousArray<Int32> {
    /// The element, or -1 where there is none.
    subscript(safely index: Int32) -> Int32 { indices.contains(Int(index)) ? self[Int(index)] : -1 }
}
