import History

/// *causality*, read out.
extension Oracle {
    /// What is known of the writes of one key.
    private struct Known {
        var dots: [String: Set<DotDraft>] = [:]
        var clocks: [String: [[String: UInt64]]] = [:]

        mutating func learn(_ id: String, _ version: VersionDraft) {
            if let dot = version.dot { dots[id, default: []].insert(dot) }
            guard let clock = version.clock else { return }
            clocks[id, default: []].append(Dictionary(clock.map { ($0.actor, $0.counter) }) { max($0, $1) })
        }

        func isIn(_ dot: DotDraft, _ clock: [String: UInt64]) -> Bool {
            clock[dot.actor].map { $0 >= dot.counter } ?? false
        }

        /// Whether a known dot of `a` is in a known clock of `b`.
        func claims(_ b: String, _ a: String) -> Bool {
            (clocks[b] ?? []).contains { clock in (dots[a] ?? []).contains { isIn($0, clock) } }
        }
    }

    func causality() -> OracleResult {
        var result = OracleResult()
        for key in keys {
            let known = known(key)
            if !known.dots.isEmpty || !known.clocks.isEmpty { result.exercised = true }
            let writes = writes(of: key)
            for b in writes {
                checkSeen(b, known, &result)
                checkCounter(b, writes, known, &result)
                for a in writes where a.value != b.value { checkPair(a, b, known, &result) }
            }
        }
        return result
    }

    private func known(_ key: String) -> Known {
        var known = Known()
        for operation in operations where operation.key == key {
            for version in operation.versions {
                if operation.isWrite {
                    known.learn(operation.value, version)
                } else if let id = version.id, writes[id]?.key == key {
                    known.learn(id, version)
                }
            }
        }
        for replica in replicas where replica.key == key {
            for version in replica.versions {
                if let id = version.id, writes[id]?.key == key { known.learn(id, version) }
            }
        }
        return known
    }

    private func checkSeen(_ b: Operation, _ known: Known, _ result: inout OracleResult) {
        guard let clocks = known.clocks[b.value] else { return }
        for a in b.seen {
            if known.dots[a] != nil, !known.claims(b.value, a) {
                result.report("missed-dominance", b.key, b.value, other: a)
            }
            guard let others = known.clocks[a] else { continue }
            let isOrdered = clocks.contains { clock in
                others.contains { other in other.allSatisfy { clock[$0.key, default: 0] >= $0.value } }
            }
            if !isOrdered { result.report("clock-regression", b.key, b.value, other: a) }
        }
    }

    private func checkPair(_ a: Operation, _ b: Operation, _ known: Known, _ result: inout OracleResult) {
        let isBefore = Array(a.value.utf8).lexicographicallyPrecedes(Array(b.value.utf8))
        if isBefore, !(known.dots[a.value] ?? []).isDisjoint(with: known.dots[b.value] ?? []) {
            let isReuse = hasPossibleDeleteAfter(a) || hasPossibleDeleteAfter(b)
            result.report(isReuse ? "dot-reused-after-delete" : "duplicate-dot", a.key, a.value, other: b.value)
        }
        if a.function == .put, known.claims(b.value, a.value), !precedes(a.value, b.value), !hasPossibleDeleteAfter(a) {
            result.report("false-dominance", b.key, b.value, other: a.value)
        }
    }

    private func checkCounter(_ b: Operation, _ writes: [Operation], _ known: Known, _ result: inout OracleResult) {
        guard b.isAcked, let dots = known.dots[b.value], dots.count == 1, let dot = dots.first else { return }
        var best: (write: Operation, counter: UInt64)?
        for a in writes {
            guard a.isAcked, let completion = a.completion, completion < b.invocation,
                let others = known.dots[a.value], others.count == 1, let other = others.first,
                other.actor == dot.actor, other.counter > dot.counter
            else { continue }
            if let best, best.counter > other.counter { continue }
            if let best, best.counter == other.counter, best.write.value < a.value { continue }
            best = (a, other.counter)
        }
        guard let best else { return }
        let isRestart = hasPossibleDeleteAfter(best.write)
        result.report(
            isRestart ? "counter-restart-after-delete" : "counter-regression", b.key, b.value, other: best.write.value)
    }
}
