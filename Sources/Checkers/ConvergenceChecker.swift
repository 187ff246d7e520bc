import History

/// The replicas against each other, once the faults are over (SEMANTICS section 3, *convergence*).
struct ConvergenceChecker {
    private let subject: Subject
    private var log: AnomalyLog
    private var coverage: Coverage
    private var contents = ReplicaContents()
    private var sawFinalReplica = false
    /// For a node, the last event that wiped it.
    private var lastWipe: [UInt32: Int32] = [:]
    private var ranges: [UInt32: RootRange] = [:]
    /// Of the key at hand: its final home events.
    private var homeEvents = ContiguousArray<Int32>()

    /// The final `root` events of one range.
    private struct RootRange {
        /// The first of them.
        var first: Int32
        var nodes: [UInt32]
        var agree = true
    }

    init(subject: Subject, limit: Int) {
        self.subject = subject
        log = AnomalyLog(limit: limit)
        coverage = Coverage(subject: subject)
    }

    static func survey(_ subject: Subject, limit: Int) -> Survey {
        var checker = ConvergenceChecker(subject: subject, limit: limit)
        if subject.reportsCommon { checker.checkConverged() }
        checker.collect()
        for position in subject.keyEvents.keys.indices {
            checker.check(key: subject.keyEvents.events(at: position))
        }
        return Survey(log: checker.log, exercised: checker.sawFinalReplica ? .subject : [])
    }

    static func whyUnknown(_ exercised: Exercised) -> String? {
        exercised.contains(.subject) ? nil : "No replica was observed after phase final."
    }

    private mutating func checkConverged() {
        guard subject.healStart >= 0 else { return }
        let healed = subject.event(subject.healStart)
        var late: Int32 = -1
        for index in (subject.healStart + 1)..<max(subject.healStart + 1, Int32(subject.history.events.count)) {
            let event = subject.event(index)
            guard event.function == .converged, event.process == .controller else { continue }
            guard let limit = subject.history.header.convergeWithin, event.time - healed.time > limit else { return }
            if late < 0 { late = index }
        }
        log.report(Finding(type: .notConverged, observer: subject.healStart, witness: late))
    }

    /// Gathers what is not of one key: wipes, and roots, which are compared on the way.
    private mutating func collect() {
        for index in subject.common {
            let event = subject.event(index)
            if event.function == .wipe, event.process == .nemesis {
                for node in subject.history.ids(of: event) { lastWipe[node] = index }
            } else if event.function == .root, event.process == .inspector, index > subject.finalStart {
                compareRoot(event, at: index)
            }
        }
    }

    private mutating func compareRoot(_ event: Event, at index: Int32) {
        guard var range = ranges[event.value] else {
            ranges[event.value] = RootRange(first: index, nodes: [event.node])
            return
        }
        if !range.nodes.contains(event.node) { range.nodes.append(event.node) }
        if subject.event(range.first).hash != event.hash {
            range.agree = false
            guard subject.reportsCommon else {
                ranges[event.value] = range
                return
            }
            log.report(Finding(type: .rootMismatch, key: event.value, observer: index, witness: range.first))
        }
        ranges[event.value] = range
    }
}

extension ConvergenceChecker {
    private mutating func check(key events: ContiguousArray<Int32>.SubSequence) {
        homeEvents.removeAll(keepingCapacity: true)
        for index in events.reversed() {
            guard index > subject.finalStart else { break }
            let event = subject.event(index)
            guard event.function == .replica, event.process == .inspector else { continue }
            sawFinalReplica = true
            if event.home == 2 { homeEvents.append(index) }
        }
        guard let last = homeEvents.first else { return }
        homeEvents.reverse()
        checkDiverged()
        checkRoots()
        coverage.begin(key: events)
        coverage.clear(seenAt: last)
        for index in homeEvents { coverage.add(index) }
        checkConvergedToLess(events)
    }

    private mutating func checkDiverged() {
        for index in homeEvents.dropFirst() where contents.differ(homeEvents[0], index, subject) {
            let key = subject.event(index).key
            log.report(Finding(type: .diverged, key: key, observer: index, witness: homeEvents[0]))
            return
        }
    }

    /// Roots that agree promise that the replicas do.
    private mutating func checkRoots() {
        // For each range that an event named so far, the first of them: it stands for all that equal it.
        var named: [(range: UInt32, first: Int32)] = []
        for index in homeEvents {
            let event = subject.event(index)
            guard event.value != Interner.none, let range = ranges[event.value], range.agree, range.nodes.count > 1,
                range.nodes.contains(event.node)
            else { continue }
            guard let earlier = named.first(where: { $0.range == event.value }) else {
                named.append((event.value, index))
                continue
            }
            if contents.differ(earlier.first, index, subject) {
                log.report(Finding(type: .dishonestRoot, key: event.value, observer: index, witness: earlier.first))
            }
        }
    }

    /// Every put that a replica was seen to hold under load must be covered by what the homes hold in the end.
    private mutating func checkConvergedToLess(_ events: ContiguousArray<Int32>.SubSequence) {
        guard subject.hasEarlyReplicas else { return }
        coverage.spread(downTo: 0)
        for index in events {
            guard index < subject.finalStart else { break }
            let event = subject.event(index)
            guard event.function == .replica, event.process == .inspector else { continue }
            if let wipe = lastWipe[event.node], wipe > index { continue }
            for position in event.list.range {
                let id = subject.history.versions[position].id
                let number = subject.writes.number(ofID: id, key: event.key)
                guard number >= 0 else { continue }
                let write = subject.writes.writes[Int(number)]
                if write.isDelete || !write.outcome.isPossible || coverage.covers(number) { continue }
                log.report(
                    Finding(
                        type: .convergedToLess, key: event.key, value: id, node: event.node, observer: index,
                        witness: homeEvents.last ?? -1))
            }
        }
    }
}
