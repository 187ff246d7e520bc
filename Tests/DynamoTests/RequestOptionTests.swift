import Causality
import Dynamo
import Simulation
import Testing

/// What a request may ask for besides R and W, with the meaning that Riak gives it.
struct RequestOptionTests {
    /// The nodes with these places in the preference list hold `a`, the others nothing, and nothing repairs that.
    private func bench(holding places: [Int], seed: UInt64 = 1) throws -> Bench {
        var bench = try Bench(seed: seed) {
            $0.configuration.antiEntropy = false
            $0.configuration.readRepair = false
            $0.configuration.hintedHandoff = false
        }
        let away = (0..<3).filter { !places.contains($0) }.map { bench.order[$0] }
        bench.crash(away)
        #expect(bench.put("a", at: bench.order[places[0]]) { $0.w = .one }?.dot != nil)
        bench.cluster.run(for: 500_000_000)
        for node in away { try bench.cluster.restart(node) }
        bench.cluster.run(for: 2_000_000_000)
        #expect(bench.order.prefix(3).map { bench.stored($0) != [] } == (0..<3).map(places.contains))
        return bench
    }

    // MARK: notfound_ok and basic_quorum

    @Test func aMissingCopyCountsOnlyWhereThatIsWanted() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            var bench = try bench(holding: [2], seed: seed)
            let lenient = bench.get(at: bench.order[0]) { $0.r = .all }
            #expect(lenient?.siblings?.values == ["a"])
            let one = bench.get(at: bench.order[0]) {
                $0.r = .one
                $0.notfoundOK = false
            }
            #expect(one?.siblings?.values == ["a"], "seed \(seed): two empty homes must not answer for the third")
            let two = bench.get(at: bench.order[0]) {
                $0.r = .count(2)
                $0.notfoundOK = false
            }
            // Which of the two depends on whether the copy is told before the quorum has become impossible.
            #expect(two?.failure == .quorumFailed(have: 1, need: 2) || two?.siblings == Siblings())
        }
    }

    @Test func aKeyThatAllLackIsMissing() throws {
        for basic in [false, true] {
            var bench = try Bench()
            let reply = bench.get(at: bench.order[1]) {
                $0.r = .all
                $0.notfoundOK = false
                $0.basicQuorum = basic
            }
            #expect(reply?.siblings == Siblings())
        }
    }

    /// One home does not answer and is not suspected yet: a majority that has nothing ends the get at once.
    @Test func basicQuorumDoesNotWaitForTheRest() throws {
        for basic in [false, true] {
            var bench = try Bench {
                $0.configuration.sloppyQuorum = false
                $0.network.refusedPerCent = 0
            }
            bench.cluster.cut([[bench.order[2]], bench.order.filter { $0 != bench.order[2] }])
            let reply = bench.get(at: bench.order[0]) {
                $0.r = .one
                $0.notfoundOK = false
                $0.basicQuorum = basic
            }
            #expect((reply?.siblings == Siblings()) == basic, "\(String(describing: reply))")
        }
    }

    @Test func bucketsDecideWhereRequestsAreSilent() throws {
        var bench = try bench(holding: [2])
        var properties = BucketProperties()
        properties.notfoundOK = false
        properties.r = .one
        #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, properties, at: "n1")) == .bucketSet)
        #expect(bench.get(at: bench.order[0])?.siblings?.values == ["a"])
        properties.nodeConfirms = .count(4)
        #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, properties, at: "n1")) == .bucketSet)
        #expect(bench.get(at: bench.order[0])?.failure == .nodesUnconfirmed(have: 3, need: 4))
        #expect(bench.put("b", at: bench.order[0])?.failure == .quorumAboveN(n: 3))
    }

    // MARK: node_confirms

    /// W=1 is met by one copy; `node_confirms` asks for copies on so many nodes (basho/riak_kv#1663).
    @Test func aPutIsConfirmedByDifferentNodes() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            var bench = try Bench(seed: seed)
            bench.crash(bench.order.prefix(2))
            let reply = bench.put("a", at: bench.order[2]) {
                $0.w = .one
                $0.nodeConfirms = .all
            }
            #expect(reply?.siblings?.values == ["a"])
            let holders = bench.cluster.members.filter { node in
                bench.stored(node) == ["a"] || bench.order.prefix(3).contains { bench.hinted(node, for: $0) == ["a"] }
            }
            #expect(holders.count >= 3)
        }
    }

    @Test func tooFewNodesCannotConfirm() throws {
        var bench = try Bench()
        bench.crash(bench.order.dropFirst(2))
        let home = bench.order[0]
        let put = bench.put("a", at: home) { $0.nodeConfirms = .count(3) }
        #expect(put?.failure == .insufficientReplicas(have: 2, need: 3))
        #expect(bench.stored(home) == [])
        let get = bench.get(at: home) { $0.nodeConfirms = .count(3) }
        #expect(get?.failure == .nodesUnconfirmed(have: 2, need: 3))
    }

    // MARK: n_val

    @Test func fewerReplicasMayBeAskedButNotMore() throws {
        var bench = try Bench { $0.configuration.antiEntropy = false }
        let reply = bench.put("a", at: bench.order[4]) {
            $0.n = 1
            $0.w = .all
        }
        #expect(reply?.dot?.actor.node == bench.order[0])
        bench.cluster.run(for: 500_000_000)
        #expect(bench.order.map { bench.stored($0).count } == [1, 0, 0, 0, 0])
        #expect(bench.get(at: bench.order[4]) { $0.n = 1 }?.siblings?.values == ["a"])
        for n in [0, -1, 4, Int.max] {
            #expect(bench.put("b", at: bench.order[0]) { $0.n = n }?.failure == .quorumAboveN(n: 3))
            #expect(bench.get(at: bench.order[0]) { $0.n = n }?.failure == .quorumAboveN(n: 3))
        }
    }

    // MARK: Conditions

    @Test(arguments: 0..<5) func putsOnConditionAreCheckedByTheirCoordinator(node: Int) throws {
        var bench = try Bench()
        let node = bench.order[node]
        #expect(bench.put("x", at: node) { $0.ifNotModified = VersionVector() }?.failure == .notFound)
        #expect(bench.put("a", at: node) { $0.ifNoneMatch = true }?.siblings?.values == ["a"])
        #expect(bench.put("b", at: node) { $0.ifNoneMatch = true }?.failure == .matchFound)
        let seen = bench.get(at: node)?.siblings?.context ?? VersionVector()
        #expect(bench.put("c", at: node, context: seen) { $0.ifNotModified = seen }?.siblings?.values == ["c"])
        #expect(bench.put("d", at: node, context: seen) { $0.ifNotModified = seen }?.failure == .modified)
        let later = bench.get(at: node)?.siblings
        #expect(later?.values == ["c"])
        // A tombstone is no value.
        let context = later?.context ?? VersionVector()
        #expect(bench.put("", at: node, context: context, tombstone: true)?.dot != nil)
        let buried = bench.get(at: node)?.siblings?.context ?? VersionVector()
        #expect(bench.put("e", at: node) { $0.ifNotModified = buried }?.failure == .notFound)
        #expect(bench.put("f", at: node, context: buried) { $0.ifNoneMatch = true }?.siblings?.values == ["f"])
    }

    @Test func aConditionThatCannotBeCheckedWritesNothing() throws {
        var bench = try Bench { $0.network.refusedPerCent = 0 }
        let home = bench.order[0]
        bench.cluster.cut([[home], Array(bench.order.dropFirst())])
        let failure = bench.put("a", at: home) {
            $0.w = .one
            $0.ifNoneMatch = true
        }?.failure
        #expect(failure != nil)
        #expect(bench.stored(home) == [])
    }
}
