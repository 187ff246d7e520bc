import History
import Nemesis
import Workload

/// Reads every node's own content, and writes into the history what the checkers need of it.
struct Observers: Sendable {
    let store: any Store
    let links: [NodeLink]

    /// What every node stores now, by node; nil for a store that shows nothing.
    ///
    /// Throws when a node does not answer: an incomplete picture is worse than none.
    func observe() async throws -> [(node: String, observation: NodeObservation)]? {
        var all: [(String, NodeObservation)] = []
        for link in links {
            guard let observation = try await store.observe(link) else { return nil }
            all.append((link.node, observation))
        }
        return all
    }

    /// Writes `replica` events, and with `final` also `hints` and `root` events.
    static func record(_ all: [(node: String, observation: NodeObservation)], final: Bool, into sink: any EventSink) {
        for (node, observation) in all {
            for replica in observation.replicas { sink.record(draft(replica, of: node)) }
            guard final else { continue }
            var hints = EventDraft(0, .inspector, .ok, .hints)
            hints.node = node
            hints.number = Int64(observation.hints)
            sink.record(hints)
            for root in observation.roots {
                var draft = EventDraft(0, .inspector, .ok, .root)
                draft.node = node
                draft.value = root.range
                draft.hash = root.hash
                sink.record(draft)
            }
        }
    }

    private static func draft(_ replica: NodeObservation.Replica, of node: String) -> EventDraft {
        var draft = EventDraft(0, .inspector, .ok, .replica)
        draft.node = node
        draft.key = replica.key
        draft.home = replica.home
        draft.value = replica.range
        draft.list = .versions(replica.versions)
        return draft
    }

    /// How many Merkle ranges have homes that report different roots now, of the nodes that answer; nil when none does.
    func rootsDiffering(running: (String) -> Bool) async -> Int? {
        let asked = links.filter { running($0.node) }
        let answers = await NodePoll.all(asked, within: NodePoll.underLoad) { [store] in try await store.roots($0) }
        guard !answers.isEmpty else { return nil }
        var known: [String: String] = [:]
        var differing: Set<String> = []
        for root in answers.values.joined()
        where known.updateValue(root.hash, forKey: root.range).map({ $0 != root.hash }) ?? false {
            differing.insert(root.range)
        }
        return differing.count
    }

    /// How far the replicas are from agreement.
    struct Disagreement: Sendable {
        var hints = 0
        var keys = 0
        var roots = 0

        /// Nil when they agree.
        var reason: String? {
            if hints > 0 { return "\(hints) hints wait" }
            if keys > 0 { return "\(keys) keys differ between their homes" }
            if roots > 0 { return "\(roots) Merkle roots differ" }
            return nil
        }
    }

    /// Whether all homes of every key hold the same versions, no hint waits and all Merkle roots agree.
    static func disagreement(_ all: [(node: String, observation: NodeObservation)]) -> Disagreement {
        var hints = 0
        var contents: [String: Set<VersionDraft>] = [:]
        var roots: [String: String] = [:]
        var differing: Set<String> = []
        var differingRanges: Set<String> = []
        var holders: [String: Int] = [:]
        for (_, observation) in all {
            hints += observation.hints
            for replica in observation.replicas where replica.home {
                holders[replica.key, default: 0] += 1
                let content = Set(replica.versions)
                if let known = contents[replica.key], known != content { differing.insert(replica.key) }
                contents[replica.key] = content
            }
            for root in observation.roots {
                if let known = roots[root.range], known != root.hash { differingRanges.insert(root.range) }
                roots[root.range] = root.hash
            }
        }
        let most = holders.values.max() ?? 0
        for (key, count) in holders where count < most { differing.insert(key) }
        return Disagreement(hints: hints, keys: differing.count, roots: differingRanges.count)
    }
}
