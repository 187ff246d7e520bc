import History

/// What every home replica holds in the end, against what was acknowledged (SEMANTICS section 3, *durability*).
struct DurabilityChecker {
    private let subject: Subject
    private let affected: AffectedNodes
    private var log: AnomalyLog
    private var coverage: Coverage
    private var losses = ContiguousArray<CoverageFrontier.Loss>()
    private var sawFinalReplica = false
    private var sawPutWhileHomeAffected = false

    /// The homes of the key at hand, each with what it must hold; slots are used again for the next key.
    private var homes: ContiguousArray<Home> = []
    private var homeCount = 0
    private var acked = UncheckedArray<Int32>()

    private struct Home {
        var node: UInt32
        var frontier = CoverageFrontier()
        /// How many of the acked puts are in the frontier.
        var taken = 0
    }

    init(subject: Subject, limit: Int) {
        self.subject = subject
        affected = AffectedNodes(subject)
        log = AnomalyLog(limit: limit)
        coverage = Coverage(subject: subject)
    }

    static func survey(_ subject: Subject, limit: Int) -> Survey {
        var checker = DurabilityChecker(subject: subject, limit: limit)
        if subject.reportsCommon { checker.checkHints() }
        for position in subject.keyEvents.keys.indices {
            checker.check(key: subject.keyEvents.events(at: position))
        }
        return Survey(
            log: checker.log,
            exercised: (checker.sawFinalReplica ? Exercised.subject : []).union(
                checker.sawPutWhileHomeAffected ? .situation : []))
    }

    static func whyUnknown(_ exercised: Exercised) -> String? {
        if !exercised.contains(.subject) { return "No replica was observed after phase final." }
        if exercised.contains(.situation) { return nil }
        return "No put was acknowledged while a home replica of its key, observed afterwards, was affected by a fault."
    }

    private mutating func checkHints() {
        for index in Int(subject.finalStart)..<max(Int(subject.finalStart), subject.history.events.count) {
            let event = subject.history.events[index]
            guard event.function == .hints, event.process == .inspector, event.number > 0 else { continue }
            log.report(Finding(type: .undeliveredHint, node: event.node, observer: Int32(index)))
        }
    }

    private mutating func check(key events: ContiguousArray<Int32>.SubSequence) {
        coverage.begin(key: events)
        homeCount = 0
        acked.removeAll()
        for index in events {
            let event = subject.event(index)
            if event.function == .put, event.type == .ok, event.process.isClient {
                let write = subject.completedWrite(event, at: index)
                if write >= 0 { acked.append(write) }
            } else if event.function == .replica, event.process == .inspector, index > subject.finalStart {
                sawFinalReplica = true
                if event.home == 2 { checkHome(event, at: index) }
            }
        }
    }

    private mutating func checkHome(_ event: Event, at index: Int32) {
        let position = home(of: event.node)
        for place in homes[position].taken..<acked.count {
            let write = acked[place]
            homes[position].frontier.add(write, source: subject.writes.writes[Int(write)].completion)
            noteFault(during: write, of: event.node)
        }
        homes[position].taken = acked.count
        coverage.load(index)
        losses.removeAll(keepingCapacity: true)
        homes[position].frontier.check(&coverage, subject, settled: index, losses: &losses)
        for loss in losses { report(loss.write, event, at: index) }
    }

    /// The place of a home in ``homes``; a key has few, so they are searched one by one.
    private mutating func home(of node: UInt32) -> Int {
        for position in 0..<homeCount where homes[position].node == node { return position }
        if homeCount == homes.count { homes.append(Home(node: node)) }
        homes[homeCount].node = node
        homes[homeCount].frontier.removeAll()
        homes[homeCount].taken = 0
        homeCount += 1
        return homeCount - 1
    }

    private mutating func noteFault(during write: Int32, of node: UInt32) {
        guard !sawPutWhileHomeAffected, !affected.isEmpty else { return }
        let write = subject.writes.writes[Int(write)]
        sawPutWhileHomeAffected = affected.stretch(of: node, from: write.invocation, to: write.completion) != nil
    }

    private mutating func report(_ number: Int32, _ event: Event, at index: Int32) {
        let write = subject.writes.writes[Int(number)]
        let stretch = affected.stretch(of: event.node, from: write.invocation, to: write.completion)
        log.report(
            Finding(
                type: stretch == nil ? .underReplicated : .missedHandoff, key: write.key, value: write.id,
                node: event.node, observer: index, witness: stretch?.start ?? -1))
    }
}
