import Causality
import Dynamo
import Simulation
import Testing

/// Gets and puts: who coordinates, what is acknowledged when, and what is refused.
struct CoordinationTests {
    @Test func anyNodeServes() throws {
        for node in 0..<5 {
            var bench = try Bench()
            #expect(
                bench.put("a", at: bench.order[node])?.dot?.actor.node
                    == (node < 3 ? bench.order[node] : bench.order[0]))
            #expect(bench.get(at: bench.order[4 - node])?.siblings?.values == ["a"])
            bench.cluster.run(for: 1_000_000_000)
            #expect(bench.order.map { bench.stored($0) } == [["a"], ["a"], ["a"], [], []])
        }
    }

    @Test func contextsDecideWhatIsReplaced() throws {
        var bench = try Bench()
        #expect(bench.put("a", at: bench.order[0]) != nil)
        let seen = bench.get(at: bench.order[1])?.siblings?.context ?? VersionVector()
        #expect(bench.put("b", at: bench.order[0], context: seen)?.siblings?.values == ["b"])
        // Another client had read the same: a sibling, though its coordinator is the same.
        #expect(bench.put("c", at: bench.order[0], context: seen)?.siblings?.values == ["b", "c"])
        let both = bench.get(at: bench.order[4])?.siblings
        #expect(both?.values == ["b", "c"])
        #expect(
            bench.put("", at: bench.order[2], context: both?.context ?? VersionVector(), tombstone: true)?.siblings?
                .values == ["†"])
        #expect(bench.get(at: bench.order[1])?.siblings?.values == ["†"])
    }

    /// A put cannot be taken back from a home that was paused with it, but no other put, and no get, waits for that home.
    @Test func aPausedHomeIsPassedOverLongBeforeItIsSuspected() throws {
        var bench = try Bench()
        bench.cluster.pause(bench.order[0])
        let stranger = bench.order[4]
        let stuck = PutRequest(
            key: bench.key, context: VersionVector(), content: Content(value: Array("a".utf8)), tombstone: false)
        #expect(bench.cluster.put(stuck, at: stranger) != nil)
        bench.cluster.run(for: 60_000_000)
        let began = bench.cluster.now
        #expect(bench.put("b", at: stranger)?.dot?.actor.node == bench.order[1])
        #expect(bench.get(at: stranger)?.siblings?.values == ["b"])
        #expect(bench.cluster.now - began < 250_000_000)
        #expect(try #require(bench.cluster.replica(stranger)).peerStates.allSatisfy { !$0.suspected })
        bench.cluster.resume(bench.order[0])
        bench.cluster.run(for: 2_000_000_000)
        // Each put was executed once, the first when its home came back.
        for home in bench.order.prefix(3) { #expect(bench.stored(home) == ["a", "b"]) }
    }

    @Test func aMissingKeyIsNotFound() throws {
        var bench = try Bench()
        #expect(bench.get(at: bench.order[3])?.siblings == Siblings())
    }

    /// A fallback that was never handed anything must not decide that a key is missing (basho/riak_cs#170).
    @Test func anEmptyFallbackDoesNotOutvoteAHome() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var bench = try Bench(seed: seed)
            #expect(bench.put("a", at: bench.order[0]) != nil)
            bench.crash([bench.order[1]])
            #expect(bench.get(at: bench.order[0]) { $0.r = .one }?.siblings?.values == ["a"])
            #expect(bench.get(at: bench.order[2]) { $0.r = .all }?.siblings?.values == ["a"])
        }
    }

    @Test func staleHomesAreRepairedByReads() throws {
        var bench = try Bench {
            $0.configuration.antiEntropy = false
            $0.configuration.hintedHandoff = false
        }
        bench.crash([bench.order[2]])
        #expect(bench.put("a", at: bench.order[0]) != nil)
        try bench.cluster.restart(bench.order[2])
        bench.cluster.run(for: 2_000_000_000)
        #expect(bench.stored(bench.order[2]) == [])
        #expect(bench.get(at: bench.order[0])?.siblings?.values == ["a"])
        bench.cluster.run(for: 500_000_000)
        #expect(bench.stored(bench.order[2]) == ["a"])
        let repairs = bench.cluster.notes.filter { $0.note == .readRepaired(node: bench.order[2]) }
        #expect(repairs.count == 1)
        _ = bench.get(at: bench.order[0])
        bench.cluster.run(for: 500_000_000)
        #expect(bench.cluster.notes.filter { if case .readRepaired = $0.note { true } else { false } }.count == 1)
    }

    // MARK: Quorums

    @Test func quorumsAboveNAreRefused() throws {
        var bench = try Bench()
        #expect(bench.put("a", at: bench.order[0]) { $0.w = .count(4) }?.failure == .quorumAboveN(n: 3))
        #expect(bench.get(at: bench.order[4]) { $0.pr = .count(4) }?.failure == .quorumAboveN(n: 3))
        #expect(bench.get(at: bench.order[0])?.siblings == Siblings())
    }

    @Test func strictQuorumsAskHomesOnly() throws {
        var bench = try Bench()
        bench.crash(bench.order[1...2])
        let home = bench.order[0]
        #expect(
            bench.put("a", at: home) { $0.sloppyQuorum = false }?.failure == .insufficientReplicas(have: 1, need: 2))
        #expect(
            bench.put("a", at: home) { $0.pw = .quorum }?.failure
                == .primariesUnsatisfied(have: 1, need: 2, write: true))
        #expect(
            bench.get(at: home) { $0.pr = .count(2) }?.failure == .primariesUnsatisfied(have: 1, need: 2, write: false))
        #expect(bench.get(at: home) { $0.sloppyQuorum = false }?.failure == .insufficientReplicas(have: 1, need: 2))
        #expect(bench.stored(home) == [])
        #expect(bench.put("b", at: home)?.siblings?.values == ["b"])
    }

    /// Nobody is suspected yet: the put is tried, fails, and is told as what it is, perhaps written.
    @Test func aPutThatMissesItsQuorumIsNeverAcknowledged() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var bench = try Bench(seed: seed) { $0.network.refusedPerCent = 0 }
            let home = bench.order[0]
            bench.cluster.cut([[home], Array(bench.order.dropFirst())])
            let failure = bench.put("a", at: home) { $0.w = .all }?.failure
            #expect(failure == .quorumFailed(have: 1, need: 3) || failure == .timeout)
            #expect(bench.stored(home) == ["a"])
        }
    }

    // MARK: Durability

    /// Whatever the instant of a crash, an acknowledged put is on the coordinator's disk.
    @Test func acknowledgedMeansDurable() throws {
        var acknowledged = 0
        for step in 0..<60 {
            var bench = try Bench(seed: 3) { $0.configuration.w = .one }
            let home = bench.order[0]
            let put = PutRequest(key: bench.key, context: VersionVector(), content: Content(value: Array("a".utf8)))
            let request = bench.cluster.put(put, at: home)
            bench.cluster.run(for: Int64(step) * 150_000)
            let reply = bench.cluster.takeReplies().first { $0.request == request }?.reply
            bench.cluster.crash(home)
            try bench.cluster.restart(home)
            if reply != nil { acknowledged += 1 }
            #expect(reply == nil || bench.stored(home) == ["a"])
        }
        #expect((1..<60).contains(acknowledged))
    }

    @Test func aHomeWithAFailingDiskIsPassedOver() throws {
        var bench = try Bench()
        let home = bench.order[0]
        bench.cluster.failStorage(home, operations: false, syncs: true)
        #expect(bench.put("c", at: bench.order[1]) { $0.w = .all }?.siblings?.values == ["c"])
        #expect(bench.hinted(bench.order[3], for: home) == ["c"])
        bench.cluster.failStorage(home, operations: false, syncs: false)
        bench.cluster.run(for: 3_000_000_000)
        #expect(bench.stored(home) == ["c"])
    }

    /// What a crash may still undo is shown to nobody: the node would assign its dot again.
    @Test func readsWaitForTheDisk() throws {
        var bench = try Bench { $0.syncTime = 80_000_000...80_000_000 }
        let put = PutRequest(key: bench.key, context: VersionVector(), content: Content(value: Array("a".utf8)))
        _ = bench.cluster.put(put, at: bench.order[0])
        bench.cluster.run(for: 20_000_000)
        let get = bench.cluster.get(GetRequest(key: bench.key), at: bench.order[0])
        bench.cluster.run(for: 20_000_000)
        let early = bench.cluster.takeReplies().first { $0.request == get }?.reply
        // Two other homes could answer: with nothing, which is what is durable.
        #expect(early == nil || early?.siblings == Siblings())
        bench.cluster.run(for: 300_000_000)
        #expect(bench.get(at: bench.order[0])?.siblings?.values == ["a"])
    }

    @Test func aContextBeyondCountingIsRefused() throws {
        var bench = try Bench()
        let dot = bench.put("a", at: bench.order[0])?.dot
        let actor = try #require(dot?.actor)
        let hostile = VersionVector(entries: [.init(actor: actor, counter: .max)])
        #expect(bench.put("b", at: bench.order[0], context: hostile)?.failure != nil)
        #expect(bench.get(at: bench.order[0])?.siblings?.values == ["a"])
    }
}
