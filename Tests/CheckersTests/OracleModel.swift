import Checkers
import History

/// What the oracle says of one checker: anomalies as `type|key|value|other|node`, and whether it is unknown without.
struct OracleResult: Equatable {
    var anomalies: Set<String> = []
    var exercised = false

    var validity: Validity {
        if !anomalies.isEmpty { return .invalid }
        return exercised ? .valid : .unknown
    }

    mutating func report(
        _ type: String, _ key: String = "", _ value: String = "", other: String = "", node: String = ""
    ) {
        anomalies.insert("\(type)|\(key)|\(value)|\(other)|\(node)")
    }
}

/// The rules of SEMANTICS read out slowly: strings, sets and loops over loops, for small histories only.
///
/// It shares nothing with the checkers, not even the interned history: it takes the events as they were drafted.
struct Oracle {
    struct Operation {
        var process: Process
        var function: Function
        var key: String
        var value: String
        var seen: [String]
        var invocation: Int
        var completion: Int?
        var outcome: EventType
        var versions: [VersionDraft]

        var isWrite: Bool { function == .put || function == .delete }
        var isAcked: Bool { outcome == .ok }
        var isPossible: Bool { outcome == .ok || outcome == .info }
    }

    struct Replica {
        var index: Int
        var node: String
        var key: String
        var isHome: Bool
        var range: String?
        var versions: [VersionDraft]
        var ids: [String] { versions.compactMap(\.id) }
    }

    let header: Header
    let events: [EventDraft]
    var operations: [Operation] = []
    var writes: [String: Operation] = [:]
    var replicas: [Replica] = []
    /// For each id all ids that are ≺ it.
    var past: [String: Set<String>] = [:]
    var final: Int?

    init(header: Header, events: [EventDraft]) {
        self.header = header
        self.events = events
        final = events.firstIndex { $0.process == .controller && $0.function == .phase && $0.value == "final" }
        pair()
        for operation in operations where operation.isWrite { writes[operation.value] = operation }
        for id in writes.keys { past[id] = everythingSeen(by: id) }
        for (index, event) in events.enumerated() where event.function == .replica {
            replicas.append(
                Replica(
                    index: index, node: event.node ?? "", key: event.key ?? "", isHome: event.home == true,
                    range: event.value, versions: versions(event)))
        }
    }

    private mutating func pair() {
        for (index, event) in events.enumerated() where event.process.isClient && event.type == .invoke {
            var seen: [String] = []
            if case .ids(let ids) = event.list { seen = ids }
            var operation = Operation(
                process: event.process, function: event.function, key: event.key ?? "", value: event.value ?? "",
                seen: seen, invocation: index, completion: nil, outcome: .info, versions: [])
            if let next = events.indices.first(where: { $0 > index && events[$0].process == event.process }) {
                operation.completion = next
                operation.outcome = events[next].type
                operation.versions = versions(events[next])
            }
            operations.append(operation)
        }
    }

    private func versions(_ event: EventDraft) -> [VersionDraft] {
        if case .versions(let versions) = event.list { return versions }
        return []
    }

    private func everythingSeen(by id: String) -> Set<String> {
        var result: Set<String> = []
        var changed = true
        while changed {
            changed = false
            for reached in result.union([id]) {
                for parent in writes[reached]?.seen ?? [] where result.insert(parent).inserted { changed = true }
            }
        }
        return result
    }

    func precedes(_ a: String, _ b: String) -> Bool { past[b]?.contains(a) ?? false }

    func writes(of key: String) -> [Operation] {
        operations.filter { $0.isWrite && $0.key == key }
    }

    var keys: Set<String> { Set(operations.map(\.key)).union(replicas.map(\.key)) }

    /// Whether the ids, seen at that event, cover the write.
    func covers(_ ids: [String], seenAt: Int, _ write: Operation) -> Bool {
        let known = ids.filter { writes[$0]?.key == write.key }
        if known.contains(where: { write.value == $0 || precedes(write.value, $0) }) { return true }
        if write.function == .delete { return true }
        return writes(of: write.key).contains { delete in
            delete.function == .delete && delete.isPossible && delete.invocation < seenAt
                && precedes(write.value, delete.value)
                && (delete.isAcked || !known.contains { precedes($0, delete.value) })
        }
    }

    func hasPossibleDeleteAfter(_ write: Operation) -> Bool {
        writes(of: write.key).contains {
            $0.function == .delete && $0.isPossible && precedes(write.value, $0.value)
        }
    }

    func isFinal(_ index: Int) -> Bool { final.map { index > $0 } ?? false }
    var finalReplicas: [Replica] { replicas.filter { isFinal($0.index) } }
    var finalHomes: [Replica] { finalReplicas.filter(\.isHome) }
}
