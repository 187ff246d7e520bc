import History

/// What a history exercised: the counts that a reader of a green verdict asks for first.
public struct Exercise: Sendable, Hashable {
    /// Client operations of one kind, by how they ended.
    public struct Outcomes: Sendable, Hashable {
        public var ok = 0
        public var fail = 0
        public var info = 0
        public var total: Int { ok + fail + info }

        mutating func add(_ other: Outcomes) {
            ok += other.ok
            fail += other.fail
            info += other.info
        }
    }

    public var gets = Outcomes()
    public var puts = Outcomes()
    public var deletes = Outcomes()
    public var kills = 0
    public var pauses = 0
    public var partitions = 0
    /// Nanoseconds during which some network partition was in force.
    public var timeCut: Int64 = 0
    /// Acknowledged puts during which a node that is a home of their key in the end was affected by a fault.
    public var acknowledgedWhileHomeAffected = 0
    /// Reads that returned two or more versions.
    public var siblingReads = 0
    /// Reads invoked after `phase final` and completed `ok`.
    public var finalReads = 0
    /// Nanoseconds from `phase heal` to the first `converged` after it; nil when there is none.
    public var convergence: Int64?
    /// Nanoseconds from the first event to the last.
    public var span: Int64 = 0

    public var operations: Int { gets.total + puts.total + deletes.total }
    public var okOperations: Int { gets.ok + puts.ok + deletes.ok }

    /// Counts what `history` exercised. The history must have passed ``History/validate(file:)``.
    public init(_ history: History) { self.init(Subject(history: history)) }

    init(_ subject: Subject, end: Int64? = nil) {
        let history = subject.history
        if let first = history.events.first, let last = history.events.last { span = last.time - first.time }
        countOperations(subject)
        countFaults(history, end: end)
        countHandoffs(subject)
        if subject.healStart >= 0 {
            let heal = Int(subject.healStart)
            convergence = history.events[heal...].first { $0.function == .converged }.map {
                $0.time - history.events[heal].time
            }
        }
    }

    /// Adds what a part of the same history exercised with its keys.
    mutating func add(keysOf part: Exercise) {
        gets.add(part.gets)
        puts.add(part.puts)
        deletes.add(part.deletes)
        acknowledgedWhileHomeAffected += part.acknowledgedWhileHomeAffected
        siblingReads += part.siblingReads
        finalReads += part.finalReads
    }

    private mutating func countOperations(_ subject: Subject) {
        let history = subject.history
        for index in history.events.indices {
            let event = history.events[index]
            guard event.process.isClient, event.type == .invoke else { continue }
            let completion = subject.partner[index]
            let ended = completion < 0 ? EventType.info : history.events[Int(completion)].type
            switch event.function {
            case .get: Self.count(ended, in: &gets)
            case .put: Self.count(ended, in: &puts)
            case .delete: Self.count(ended, in: &deletes)
            default: continue
            }
            guard event.function == .get, ended == .ok else { continue }
            if history.events[Int(completion)].list.count > 1 { siblingReads += 1 }
            if index > subject.finalStart { finalReads += 1 }
        }
    }

    private static func count(_ type: EventType, in outcomes: inout Outcomes) {
        switch type {
        case .ok: outcomes.ok += 1
        case .fail: outcomes.fail += 1
        case .info, .invoke: outcomes.info += 1
        }
    }

    /// - Parameter end: the time of the history's last event, where `history` does not have it.
    private mutating func countFaults(_ history: History, end: Int64? = nil) {
        var cutSince: Int64?
        for event in history.events where event.process == .nemesis {
            switch event.function {
            case .kill: kills += 1
            case .pause: pauses += 1
            case .partition:
                partitions += 1
                cutSince = cutSince ?? event.time
            case .heal:
                if let since = cutSince { timeCut += event.time - since }
                cutSince = nil
            default: continue
            }
        }
        if let since = cutSince, let last = end ?? history.events.last?.time { timeCut += last - since }
    }

    private mutating func countHandoffs(_ subject: Subject) {
        let affected = AffectedNodes(subject)
        guard !affected.isEmpty else { return }
        var homes: [UInt32: [UInt32]] = [:]
        for index in subject.history.events.indices {
            let event = subject.history.events[index]
            guard subject.isFinalHome(event, at: Int32(index)) else { continue }
            if homes[event.key]?.contains(event.node) != true { homes[event.key, default: []].append(event.node) }
        }
        for write in subject.writes.writes where write.isAcked && !write.isDelete {
            let missed = homes[write.key]?.contains {
                affected.stretch(of: $0, from: write.invocation, to: write.completion) != nil
            }
            if missed == true { acknowledgedWhileHomeAffected += 1 }
        }
    }
}
