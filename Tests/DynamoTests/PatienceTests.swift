import Causality
import Dynamo
import Simulation
import Testing

/// Where nobody else is left to be asked, a node that is only slow is waited for.
struct PatienceTests {
    /// All nodes have been killed and started again, and are slow at first: `{r_val_unsatisfied,2,1}` would be the answer
    /// after a quarter of a second, though every home is there and the client is ready to wait for two.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func afterADeathOfAllRequestsWaitForSlowHomes(seed: UInt64) throws {
        var bench = try Bench(nodes: 3, seed: seed)
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        for node in bench.order { bench.cluster.crash(node) }
        for node in bench.order { try bench.cluster.restart(node) }
        bench.cluster.run(for: 100_000_000)
        let slow = bench.order.dropFirst()
        for node in slow { bench.cluster.pause(node) }
        let read = bench.cluster.get(GetRequest(key: bench.key), at: bench.order[0])
        let write = bench.cluster.put(
            PutRequest(key: bench.key, context: VersionVector(), content: Content(value: Array("b".utf8))),
            at: bench.order[0])
        bench.cluster.run(for: 600_000_000)
        #expect(!bench.cluster.notes.contains { if case .quorumFailed = $0.note { true } else { false } })
        for node in slow { bench.cluster.resume(node) }
        bench.cluster.run(for: 500_000_000)
        let replies = Dictionary(uniqueKeysWithValues: bench.cluster.takeReplies().map { ($0.request, $0.reply) })
        #expect(replies[try #require(read)]?.siblings?.values.contains("a") == true)
        #expect(replies[try #require(write)]?.dot != nil)
        bench.cluster.run(for: 3_000_000_000)
        for node in bench.order { #expect(bench.stored(node) == ["a", "b"]) }
        #expect(bench.cluster.members.allSatisfy { bench.cluster.replica($0)?.openRequests == 0 })
        #expect(bench.cluster.members.allSatisfy { (try? bench.cluster.replica($0)?.hintCounts) == [:] })
    }

    /// All nodes have been killed, and the first that is back is asked before the others are: `{w_val_unsatisfied,2,1}` or
    /// `{insufficient_vnodes,…}` would be the answer, though all that it takes is to wait for a moment.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func whoStartsFirstWaitsForTheOthers(seed: UInt64) throws {
        var bench = try Bench(nodes: 3, seed: seed) { $0.network.refusedPerCent = 100 }
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        for node in bench.order { bench.cluster.crash(node) }
        try bench.cluster.restart(bench.order[0])
        bench.cluster.run(for: 50_000_000)
        let suspected = bench.cluster.replica(bench.order[0])?.peerStates.filter { $0.suspected }.count
        #expect(suspected == 2)
        let read = bench.cluster.get(GetRequest(key: bench.key), at: bench.order[0])
        let write = bench.cluster.put(
            PutRequest(key: bench.key, context: VersionVector(), content: Content(value: Array("b".utf8))),
            at: bench.order[0])
        bench.cluster.run(for: 600_000_000)
        #expect(bench.cluster.takeReplies().isEmpty)
        for node in bench.order.dropFirst() { try bench.cluster.restart(node) }
        bench.cluster.run(for: 500_000_000)
        let replies = Dictionary(uniqueKeysWithValues: bench.cluster.takeReplies().map { ($0.request, $0.reply) })
        #expect(replies[try #require(read)]?.siblings?.values.contains("a") == true)
        #expect(replies[try #require(write)]?.dot != nil)
        bench.cluster.run(for: 3_000_000_000)
        for node in bench.order { #expect(bench.stored(node) == ["a", "b"]) }
        #expect(bench.cluster.members.allSatisfy { bench.cluster.replica($0)?.openRequests == 0 })
    }

    /// … but not for ever: who has not come up by the time that a live node would be suspected is down.
    @Test func whoDoesNotComeUpIsDown() throws {
        var bench = try Bench(nodes: 3) { $0.network.refusedPerCent = 100 }
        for node in bench.order { bench.cluster.crash(node) }
        try bench.cluster.restart(bench.order[0])
        let read = bench.cluster.get(GetRequest(key: bench.key), at: bench.order[0])
        bench.cluster.run(for: 1_900_000_000)
        let replies = Dictionary(uniqueKeysWithValues: bench.cluster.takeReplies().map { ($0.request, $0.reply) })
        #expect(replies[try #require(read)]?.failure == .quorumFailed(have: 1, need: 2))
        #expect(bench.put("b", at: bench.order[0])?.failure == .insufficientReplicas(have: 1, need: 2))
        #expect(bench.cluster.replica(bench.order[0])?.openRequests == 0)
    }

    /// It is not waited for once it is suspected, and not after the client has been answered: nothing stays open.
    @Test func nobodyWaitsForTheDead() throws {
        var bench = try Bench(nodes: 3) { $0.network.refusedPerCent = 0 }
        for node in bench.order.dropFirst() { bench.cluster.pause(node) }
        #expect(bench.put("a", at: bench.order[0])?.failure == .quorumFailed(have: 1, need: 2))
        #expect(bench.put("b", at: bench.order[0]) { $0.w = .one }?.dot != nil)
        bench.cluster.run(for: 1_000_000_000)
        #expect(bench.cluster.replica(bench.order[0])?.openRequests == 0)
    }
}
