import History

/// Each client process against its own past, key by key (SEMANTICS section 3, *session*).
struct SessionChecker {
    private let subject: Subject
    private var log: AnomalyLog
    private var coverage: Coverage
    private var losses = ContiguousArray<CoverageFrontier.Loss>()
    private var exercised = false

    /// Client processes numbered from 0, by event.
    private let processNumber: ContiguousArray<Int32>
    /// What each process did to the key at hand; a process that has not touched it yet has an older `key`.
    private var sessions: ContiguousArray<Session>
    private var position = 0

    private struct Session {
        var key = -1
        var written = CoverageFrontier()
        var read = CoverageFrontier()
        /// Whether the process wrote or read the key before.
        var touched = false
    }

    init(subject: Subject, limit: Int) {
        self.subject = subject
        log = AnomalyLog(limit: limit)
        coverage = Coverage(subject: subject)
        let (numbers, count) = SessionChecker.numberProcesses(subject.history)
        processNumber = numbers
        sessions = ContiguousArray(repeating: Session(), count: count)
    }

    static func survey(_ subject: Subject, limit: Int) -> Survey {
        var checker = SessionChecker(subject: subject, limit: limit)
        for position in subject.keyEvents.keys.indices {
            checker.position = position
            checker.check(key: subject.keyEvents.events(at: position))
        }
        return Survey(log: checker.log, exercised: checker.exercised ? .subject : [])
    }

    static func whyUnknown(_ exercised: Exercised) -> String? {
        exercised.contains(.subject) ? nil : "No process read a key that it had written or read before."
    }

    private static func numberProcesses(_ history: History) -> (ContiguousArray<Int32>, Int) {
        var numbers = ContiguousArray<Int32>(repeating: -1, count: history.events.count)
        var known: [Process: Int32] = [:]
        for index in history.events.indices where history.events[index].process.isClient {
            let process = history.events[index].process
            if let number = known[process] {
                numbers[index] = number
            } else {
                numbers[index] = Int32(known.count)
                known[process] = numbers[index]
            }
        }
        return (numbers, known.count)
    }

    private mutating func check(key events: ContiguousArray<Int32>.SubSequence) {
        coverage.begin(key: events)
        for index in events {
            let event = subject.event(index)
            guard event.type == .ok, event.process.isClient else { continue }
            let process = Int(processNumber[Int(index)])
            if sessions[process].key != position { begin(process) }
            switch event.function {
            case .get:
                checkRead(event, at: index, process)
            case .put:
                let write = subject.completedWrite(event, at: index)
                if write >= 0 { sessions[process].written.add(write, source: index) }
            case .delete:
                break
            default:
                continue
            }
            sessions[process].touched = true
        }
    }

    private mutating func begin(_ process: Int) {
        sessions[process].key = position
        sessions[process].written.removeAll()
        sessions[process].read.removeAll()
        sessions[process].touched = false
    }

    private mutating func checkRead(_ event: Event, at index: Int32, _ process: Int) {
        if sessions[process].touched { exercised = true }
        coverage.load(index)
        losses.removeAll(keepingCapacity: true)
        sessions[process].written.check(&coverage, subject, settled: index, losses: &losses)
        for loss in losses { report(.readYourWrites, loss, event, at: index) }
        losses.removeAll(keepingCapacity: true)
        sessions[process].read.check(&coverage, subject, settled: index, remember: index, losses: &losses)
        for loss in losses { report(.monotonicReads, loss, event, at: index) }
    }

    private mutating func report(
        _ type: AnomalyType, _ loss: CoverageFrontier.Loss, _ event: Event, at index: Int32
    ) {
        log.report(
            Finding(
                type: type, key: event.key, value: subject.writes.writes[Int(loss.write)].id, observer: index,
                witness: loss.source))
    }
}
