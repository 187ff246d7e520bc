import History

/// *durability* and *convergence*, read out.
extension Oracle {
    func durability() -> OracleResult {
        var result = OracleResult()
        for event in events.indices where isFinal(event) {
            if events[event].function == .hints, (events[event].number ?? 0) > 0 {
                result.report("undelivered-hint", node: events[event].node ?? "")
            }
        }
        for home in finalHomes {
            for write in writes(of: home.key) where write.function == .put && write.isAcked {
                guard let completion = write.completion, completion < home.index else { continue }
                let affected = isAffected(home.node, from: write.invocation, to: completion)
                if affected { result.exercised = true }
                if covers(home.ids, seenAt: home.index, write) { continue }
                result.report(
                    affected ? "missed-handoff" : "under-replicated", home.key, write.value, node: home.node)
            }
        }
        return result
    }

    /// Whether the node is affected at some instant between two events.
    private func isAffected(_ node: String, from first: Int, to last: Int) -> Bool {
        (first..<last).contains { isAffected(node, after: $0) }
    }

    /// Whether the node is affected at the instant right after an event.
    private func isAffected(_ node: String, after index: Int) -> Bool {
        var isDown = false, isPaused = false
        var groups: [[String]] = []
        for event in events[...index] where event.process == .nemesis {
            var names: [String] = []
            if case .ids(let list) = event.list { names = list }
            let isNamed = names.contains(node)
            switch event.function {
            case .kill, .wipe: if isNamed { isDown = true }
            case .pause: if isNamed { isPaused = true }
            case .resume: if isNamed { isPaused = false }
            case .restart: if isNamed { (isDown, isPaused) = (false, false) }
            case .partition: if case .groups(let list) = event.list { groups = list }
            case .heal: groups = []
            default: break
            }
        }
        let isCut = groups.contains { $0.contains(node) } && groups.contains { !$0.contains(node) && !$0.isEmpty }
        return isDown || isPaused || isCut
    }

    func convergence() -> OracleResult {
        var result = OracleResult()
        result.exercised = !finalReplicas.isEmpty
        for one in finalHomes {
            for two in finalHomes where one.key == two.key && alive(one) != alive(two) {
                result.report("diverged", one.key)
            }
        }
        checkRoots(&result)
        checkLess(&result)
        checkConverged(&result)
        return result
    }

    private func alive(_ replica: Replica) -> Set<String> {
        Set(replica.versions.filter { !$0.tombstone }.compactMap(\.id).filter { writes[$0]?.function != .delete })
    }

    private func checkRoots(_ result: inout OracleResult) {
        let roots = events.indices.filter { isFinal($0) && events[$0].function == .root }.map { events[$0] }
        for range in Set(roots.compactMap(\.value)) {
            let named = roots.filter { $0.value == range }
            if Set(named.map(\.hash)).count > 1 {
                result.report("root-mismatch", range)
                continue
            }
            let nodes = Set(named.compactMap(\.node))
            guard nodes.count > 1 else { continue }
            let homes = finalHomes.filter { $0.range == range && nodes.contains($0.node) }
            for one in homes {
                for two in homes where one.key == two.key && alive(one) != alive(two) {
                    result.report("dishonest-root", range)
                }
            }
        }
    }

    private func checkLess(_ result: inout OracleResult) {
        guard let final else { return }
        for replica in replicas where replica.index < final {
            let isWiped = events.indices.contains {
                guard $0 > replica.index, events[$0].function == .wipe, case .ids(let nodes) = events[$0].list else {
                    return false
                }
                return nodes.contains(replica.node)
            }
            let homes = finalHomes.filter { $0.key == replica.key }
            guard !isWiped, let last = homes.last else { continue }
            let union = homes.flatMap(\.ids)
            for id in replica.ids {
                guard let write = writes[id], write.key == replica.key, write.function == .put, write.isPossible else {
                    continue
                }
                if covers(union, seenAt: last.index, write) { continue }
                result.report("converged-to-less", replica.key, id, node: replica.node)
            }
        }
    }

    private func checkConverged(_ result: inout OracleResult) {
        let heal = events.firstIndex { $0.function == .phase && $0.process == .controller && $0.value == "heal" }
        guard let heal else { return }
        let isInTime = events.indices.contains { index in
            guard index > heal, events[index].function == .converged else { return false }
            guard let limit = header.convergeWithin else { return true }
            return events[index].time - events[heal].time <= limit
        }
        if !isInTime { result.report("not-converged") }
    }
}
