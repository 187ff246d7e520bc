import History

/// *siblings* and *session*, read out.
extension Oracle {
    func siblings() -> OracleResult {
        var result = OracleResult()
        let gets = operations.filter { $0.function == .get && $0.outcome == .ok }
        result.exercised = gets.contains { isFinal($0.invocation) }
        for get in gets {
            guard let completion = get.completion else { continue }
            let ids = get.versions.compactMap(\.id)
            for id in ids {
                if writes[id] == nil {
                    result.report("phantom-value", get.key, id)
                } else if let write = writes[id], write.key != get.key {
                    result.report("wrong-key", get.key, id)
                } else if let write = writes[id], write.invocation > completion {
                    result.report("future-read", get.key, id)
                } else if writes[id]?.outcome == .fail {
                    result.report("failed-write-visible", get.key, id)
                }
            }
            let versions = ids.filter { writes[$0]?.key == get.key }
            for a in versions {
                for b in versions where precedes(a, b) { result.report("stale-sibling", get.key, a, other: b) }
            }
            if isFinal(get.invocation) { checkFinal(get, versions, completion, &result) }
        }
        return result
    }

    private func checkFinal(_ get: Operation, _ versions: [String], _ completion: Int, _ result: inout OracleResult) {
        for write in writes(of: get.key) {
            guard write.isAcked, let acked = write.completion, acked < get.invocation else { continue }
            if write.function == .put, !covers(versions, seenAt: completion, write) {
                result.report("lost-write", get.key, write.value)
            }
            guard write.function == .delete else { continue }
            for version in versions where writes[version]?.function == .put && precedes(version, write.value) {
                result.report("resurrection", get.key, version, other: write.value)
            }
        }
    }

    func session() -> OracleResult {
        var result = OracleResult()
        let done = operations.filter { $0.outcome == .ok }
        for get in done where get.function == .get {
            guard let completion = get.completion else { continue }
            let earlier = done.filter {
                $0.process == get.process && $0.key == get.key && $0.invocation < get.invocation
            }
            if !earlier.isEmpty { result.exercised = true }
            let ids = get.versions.compactMap(\.id)
            for operation in earlier {
                if operation.function == .put, !covers(ids, seenAt: completion, operation) {
                    result.report("read-your-writes", get.key, operation.value)
                }
                guard operation.function == .get else { continue }
                for id in operation.versions.compactMap(\.id) {
                    guard let write = writes[id], write.key == get.key else { continue }
                    if !covers(ids, seenAt: completion, write) { result.report("monotonic-reads", get.key, id) }
                }
            }
        }
        return result
    }
}
