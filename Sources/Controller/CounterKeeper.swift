import Nemesis
import Synchronization

/// Adds up what the nodes count about themselves over a run: a node that restarts counts from zero again, and what it had
/// counted before must not be lost.
final class CounterKeeper: Sendable {
    private struct State {
        var earlier: [String: StoreCounters] = [:]
        var latest: [String: StoreCounters] = [:]
    }

    private let store: any Store
    private let links: [NodeLink]
    private let state = Mutex(State())

    init(store: any Store, links: [NodeLink]) {
        self.store = store
        self.links = links
    }

    /// Asks every node that answers within `limit`.
    func sample(within limit: Duration = .seconds(5)) async {
        let answers = await NodePoll.all(links, within: limit) { [store] in try await store.counters($0) }
        state.withLock { state in
            for (node, now) in answers {
                let before = state.latest[node] ?? StoreCounters()
                // A counter that went back began anew with the process.
                if now.hintsStored < before.hintsStored || now.hintsDelivered < before.hintsDelivered
                    || now.keysRepaired < before.keysRepaired || now.readRepairs < before.readRepairs
                {
                    state.earlier[node, default: StoreCounters()].add(before)
                }
                state.latest[node] = now
            }
        }
    }

    /// Sums over all nodes and all their starts; `hintsWaiting` is of the latest sample.
    var totals: StoreCounters {
        state.withLock { state in
            var sum = StoreCounters()
            for counters in state.earlier.values { sum.add(counters) }
            for counters in state.latest.values {
                sum.add(counters)
                sum.hintsWaiting += counters.hintsWaiting
            }
            return sum
        }
    }
}

extension StoreCounters {
    /// Adds the running totals of `other`; what waits is no total.
    mutating func add(_ other: StoreCounters) {
        hintsStored += other.hintsStored
        hintsDelivered += other.hintsDelivered
        keysRepaired += other.keysRepaired
        readRepairs += other.readRepairs
    }
}
