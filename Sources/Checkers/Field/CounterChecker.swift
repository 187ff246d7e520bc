import History

/// A counter: each `read` must lie between what was added for certain before it and what can have been added by its
/// end (page *Counter*).
enum CounterChecker {
    /// What may be in the counter of a key.
    private struct Sums {
        var certainAdded: Int64 = 0
        var possibleAdded: Int64 = 0
        var certainTaken: Int64 = 0
        var possibleTaken: Int64 = 0
        /// Lower bounds of reads in flight, by the event that began them.
        var lower: Int64 { certainAdded &+ possibleTaken }
        var upper: Int64 { possibleAdded &+ certainTaken }
    }

    /// A read in flight: the least and the most that it may return so far.
    private struct Pending {
        var lower: Int64
        var upper: Int64

        mutating func widen(to sums: Sums) {
            lower = min(lower, sums.lower)
            upper = max(upper, sums.upper)
        }
    }

    /// What the reads of some counters gave.
    struct Tally {
        fileprivate var reads = 0
        fileprivate var wasTold = false
        /// By the event that ended the read.
        fileprivate var found: AnomalyList
    }

    static func survey(_ subject: Subject, limit: Int) -> Tally {
        var sums: [UInt32: Sums] = [:]
        var pending: [Int32: Pending] = [:]
        var inFlight: [UInt32: Set<Int32>] = [:]
        var tally = Tally(found: AnomalyList(limit: limit))
        for index in subject.history.events.indices {
            let event = subject.history.events[index]
            guard event.process.isClient, event.function == .other else { continue }
            let isBeginning = event.type == .invoke
            let invocation = isBeginning ? Int32(index) : subject.partner[index]
            guard invocation >= 0 else { continue }
            let name = subject.foreignName(Int32(index))
            let key = subject.event(invocation).key
            if name == "add", let amount = subject.value(invocation)?.integer {
                let outcome = subject.outcome(ofInvocation: Int(invocation))
                guard outcome != .failed, isBeginning || event.type == .ok else { continue }
                count(amount, isBeginning, in: &sums[key, default: Sums()])
                // What a read in flight may return grows; what it must return stays as it was when it began.
                let now = sums[key, default: Sums()]
                for read in inFlight[key] ?? [] { pending[read]?.widen(to: now) }
            } else if name == "read" {
                if isBeginning {
                    let now = sums[key, default: Sums()]
                    pending[invocation] = Pending(lower: now.lower, upper: now.upper)
                    inFlight[key, default: []].insert(invocation)
                    continue
                }
                inFlight[key]?.remove(invocation)
                guard let bounds = pending.removeValue(forKey: invocation), event.type == .ok,
                    let seen = subject.value(Int32(index))?.integer
                else { continue }
                tally.reads += 1
                if sums[key] != nil { tally.wasTold = true }
                guard seen < bounds.lower || seen > bounds.upper else { continue }
                tally.found.place = subject.place(Int32(index))
                tally.found.report { anomaly(seen, bounds, invocation, Int32(index), subject) }
            }
        }
        return tally
    }

    private static func count(_ amount: Int64, _ isBeginning: Bool, in sums: inout Sums) {
        switch (amount >= 0, isBeginning) {
        case (true, true): sums.possibleAdded &+= amount
        case (true, false): sums.certainAdded &+= amount
        case (false, true): sums.possibleTaken &+= amount
        case (false, false): sums.certainTaken &+= amount
        }
    }

    private static func anomaly(
        _ seen: Int64, _ bounds: Pending, _ invocation: Int32, _ completion: Int32, _ subject: Subject
    ) -> Anomaly {
        let key = subject.event(invocation).key
        let name = key == Interner.none ? nil : subject.history.string(key)
        let process = subject.event(completion).process.rawValue
        return Anomaly(
            type: .counterOutOfBounds, key: name, value: "\(seen)", ops: subject.places([invocation, completion]),
            message: "process \(process) read \(seen)\(name.map { " from \($0)" } ?? "") at event "
                + "\(subject.place(completion)); from \(bounds.lower) to \(bounds.upper) was possible")
    }
}

extension CounterChecker.Tally {
    mutating func merge(_ other: Self) {
        reads += other.reads
        wasTold = wasTold || other.wasTold
        found.merge(other.found)
    }

    func conclude() -> CheckerResult {
        var result = CheckerResult(validity: .unknown, found)
        result.figures = [Figure("reads", reads)]
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if wasTold {
            result.validity = .valid
        } else {
            result.reason = "No read of a counter followed an add to it."
        }
        return result
    }
}
