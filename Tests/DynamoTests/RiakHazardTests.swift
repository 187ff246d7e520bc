import Causality
import Dynamo
import Simulation
import Testing

/// What went wrong in Riak once, tried here. The rows are those of the page `RiaksBugs`, which names the tests elsewhere,
/// too.
struct RiakHazardTests {
    private static let ms: Int64 = 1_000_000

    private func quiet(nodes: Int = 5, seed: UInt64 = 1, _ change: (inout Cluster.Settings) -> Void = { _ in }) throws
        -> Bench
    {
        try Bench(nodes: nodes, seed: seed) {
            $0.configuration.antiEntropy = false
            $0.configuration.readRepair = false
            change(&$0)
        }
    }

    private func repairs(_ bench: Bench) -> Int {
        bench.cluster.notes.count { if case .readRepaired = $0.note { true } else { false } }
    }

    // MARK: Dots and clocks

    /// Row 2: the home that lost its disk takes a replica before it coordinates, and so does not begin at nothing: the
    /// new epoch must not hang on what it finds.
    @Test func row2AWipedHomeThatTookAReplicaFirstStillCountsAnew() throws {
        var bench = try Bench()
        let home = bench.order[0]
        let first = try #require(bench.put("a", at: home)?.dot)
        bench.cluster.run(for: 500 * Self.ms)
        bench.cluster.cut([[home], Array(bench.order.dropFirst())])
        // Acknowledged here and nowhere else, then lost with the disk.
        #expect(bench.put("lost", at: home) { $0.w = .one }?.dot != nil)
        bench.cluster.crash(home)
        bench.cluster.heal()
        try bench.cluster.restart(home, wiped: true)
        bench.cluster.run(for: 100 * Self.ms)
        #expect(bench.put("b", at: bench.order[1])?.dot != nil)
        let second = try #require(bench.put("c", at: home)?.dot)
        #expect(second.actor.node == home && second.actor != first.actor)
        bench.cluster.run(for: 3_000 * Self.ms)
        for node in bench.order.prefix(3) { #expect(Set(bench.stored(node)).isSuperset(of: ["a", "b", "c"])) }
    }

    /// Row 4: two nodes that start within the same second, or the same instant, share no actor.
    @Test func row4NodesThatStartTogetherShareNoActor() throws {
        let bench = try Bench()
        let incarnations = bench.cluster.members.compactMap {
            try? bench.cluster.replica($0)?.store.number("base-incarnation")
        }
        #expect(incarnations.count == 5 && Set(incarnations).count == 5)
    }

    /// Row 10: however many actors a clock has, dotted clocks are not cut, and so no ancestor becomes a sibling.
    @Test func row10ClocksAreNotCut() {
        var siblings = Siblings()
        let first = Dot(actor: Actor(node: "n0", incarnation: 1), counter: 1)
        siblings.write(dot: first, context: VersionVector(), payload: Content(value: []))
        let ancestor = siblings
        for number in 1...200 {
            let dot = Dot(actor: Actor(node: "n\(number)", incarnation: 1), counter: 1)
            siblings.write(dot: dot, context: siblings.context, payload: Content(value: [1]))
        }
        #expect(siblings.versions.count == 1 && siblings.context.entries.count == 201)
        #expect(ancestor.merging(siblings) == siblings)
    }

    /// Row 13: a coordinator whose clock is an hour ahead shadows nothing that is written after it.
    @Test func row13AClockThatIsAheadShadowsNothing() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            var bench = try Bench(seed: seed) { $0.clockSkew = 3_600_000_000 }
            for round in 0..<6 {
                let seen = try #require(bench.get(at: bench.order[round % 3])?.siblings?.context)
                #expect(bench.put("\(round)", at: bench.order[round % 3], context: seen)?.dot != nil)
            }
            bench.cluster.run(for: 2_000 * Self.ms)
            for home in bench.order.prefix(3) { #expect(bench.stored(home) == ["5"], "seed \(seed)") }
        }
    }

    /// Row 14: in a bucket that keeps one version only, replicas keep the coordinator's dot, so that once they agree
    /// reads write nothing.
    @Test func row14ReadsOfLastWriteWinsBucketsWriteNothing() throws {
        var bench = try Bench()
        var properties = BucketProperties()
        properties.lastWriteWins = true
        _ = bench.wait(for: bench.cluster.setBucket(bench.key.bucket, properties, at: "n1"))
        for round in 0..<6 { #expect(bench.put("\(round)", at: bench.order[round % 3])?.dot != nil) }
        bench.cluster.run(for: 3_000 * Self.ms)
        let before = repairs(bench)
        for node in bench.order { #expect(bench.get(at: node) { $0.r = .all }?.siblings?.values.count == 1) }
        bench.cluster.run(for: 1_000 * Self.ms)
        #expect(repairs(bench) == before)
    }

    // MARK: Forwarding and handoff

    /// Row 8: while the ring changes, a put that is forwarded and sent to old and new homes makes one version.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func row8APutDuringAJoinIsOneVersion(seed: UInt64) throws {
        var bench = try Bench(seed: seed)
        let isAsked = bench.cluster.admit(Member(name: "n6"), at: "n3")
        #expect(isAsked)
        var acknowledged: [String] = []
        for round in 0..<30 {
            let node = "n\(round % 5 + 1)"
            if bench.put("\(round)", at: node)?.dot != nil { acknowledged.append("\(round)") }
            bench.cluster.run(for: 7 * Self.ms)
        }
        for _ in 0..<100 where !bench.cluster.isSettled { bench.cluster.run(for: 100 * Self.ms) }
        #expect(bench.cluster.isSettled && acknowledged.count == 30)
        for (_, homes) in bench.cluster.contents {
            for home in homes { #expect(home.siblings.values == acknowledged.sorted(), "\(home.node)") }
        }
    }

    /// Row 9: a put that was forwarded and whose answer is lost is told as what it is, perhaps written, and never tried
    /// anew.
    @Test(arguments: 1...10 as ClosedRange<UInt64>) func row9AForwardedPutIsNeverExecutedTwice(seed: UInt64) throws {
        var bench = try Bench(seed: seed) { $0.network.refusedPerCent = 100 }
        let request = bench.cluster.put(
            PutRequest(key: bench.key, context: VersionVector(), content: Content(value: Array("a".utf8))),
            at: bench.order[4])
        bench.cluster.run(for: Int64(seed) * 400_000)
        bench.cluster.crash(bench.order[0])
        bench.cluster.run(for: 3_000 * Self.ms)
        #expect(bench.cluster.takeReplies().filter { $0.request == request }.count == 1)
        try bench.cluster.restart(bench.order[0])
        bench.cluster.run(for: 3_000 * Self.ms)
        for node in bench.order.prefix(3) { #expect(bench.stored(node).count <= 1, "seed \(seed)") }
    }

    /// Rows 17 and 18: while a newcomer fetches what it gains, reads through every node show what was written, and what
    /// was deleted is deleted for the newcomer as well.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func row17And18ReadsAndDeletesDuringAJoin(seed: UInt64) throws {
        var bench = try quiet(seed: seed) {
            $0.configuration.transferRate = 2_000
            $0.configuration.reapAfter = nil
        }
        let keys = (0..<24).map { key("k\($0)") }
        for key in keys {
            let put = PutRequest(
                key: key, context: VersionVector(), content: Content(value: Array(repeating: 1, count: 200)))
            #expect(bench.wait(for: bench.cluster.put(put, at: "n1"))?.dot != nil)
        }
        let isAsked = bench.cluster.admit(Member(name: "n6"), at: "n2")
        #expect(isAsked)
        bench.cluster.run(for: 300 * Self.ms)
        for (number, key) in keys.enumerated() {
            var get = GetRequest(key: key)
            get.r = .one
            let node = "n\(number % 6 + 1)"
            let found = try #require(bench.wait(for: bench.cluster.get(get, at: node))?.siblings, "\(node)")
            #expect(found.values.count == 1, "seed \(seed): \(node) shows nothing of key \(number)")
            guard number % 2 == 0 else { continue }
            let tombstone = PutRequest(
                key: key, context: found.context, content: Content(value: []), tombstone: true)
            #expect(bench.wait(for: bench.cluster.put(tombstone, at: "n\(number % 5 + 1)"))?.dot != nil)
        }
        for _ in 0..<400 where !bench.cluster.isSettled { bench.cluster.run(for: 100 * Self.ms) }
        #expect(bench.cluster.isSettled)
        for (key, homes) in bench.cluster.contents {
            let number = Int(String(decoding: key.name.dropFirst(), as: UTF8.self)) ?? -1
            for home in homes {
                #expect(
                    (home.siblings.values == ["†"]) == (number % 2 == 0), "seed \(seed): key \(number) on \(home.node)")
            }
        }
    }

    /// Row 21: a hint from before, delivered late, takes nothing back.
    @Test func row21ALateHintTakesNothingBack() throws {
        var bench = try quiet()
        let late = bench.order[2]
        bench.crash([late])
        #expect(bench.put("old", at: bench.order[0])?.dot != nil)
        bench.cluster.run(for: 500 * Self.ms)
        #expect(bench.hinted(bench.order[3], for: late) == ["old"])
        // Whoever holds the hint is away while its home returns and takes a newer value.
        bench.crash([bench.order[3]])
        try bench.cluster.restart(late)
        bench.cluster.run(for: 1_000 * Self.ms)
        let seen = try #require(bench.get(at: bench.order[0])?.siblings?.context)
        #expect(bench.put("new", at: bench.order[0], context: seen) { $0.w = .all }?.dot != nil)
        try bench.cluster.restart(bench.order[3])
        bench.cluster.run(for: 3_000 * Self.ms)
        #expect(bench.order.prefix(3).map { bench.stored($0) } == [["new"], ["new"], ["new"]])
        #expect(bench.hinted(bench.order[3], for: late) == [])
    }

    // MARK: Reads

    /// Row 30: the first R answers know of nothing, and still the homes that lack the value get it.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func row30AReadRepairsAlsoWhatItsFirstAnswersLacked(seed: UInt64)
        throws
    {
        var bench = try quiet(seed: seed) {
            $0.configuration.hintedHandoff = false
            $0.configuration.readRepair = true
        }
        bench.crash(bench.order.prefix(2))
        #expect(bench.put("a", at: bench.order[2]) { $0.w = .one }?.dot != nil)
        bench.cluster.run(for: 500 * Self.ms)
        for node in bench.order.prefix(2) { try bench.cluster.restart(node) }
        bench.cluster.run(for: 2_000 * Self.ms)
        #expect(bench.stored(bench.order[0]) == [] && bench.stored(bench.order[1]) == [])
        bench.cluster.delay(bench.order[2], by: 30 * Self.ms)
        let first = bench.get(at: bench.order[0])?.siblings
        #expect(first == Siblings(), "two homes that have nothing make the quorum")
        bench.cluster.run(for: 1_000 * Self.ms)
        #expect(bench.order.prefix(3).map { bench.stored($0) } == [["a"], ["a"], ["a"]])
    }

    // MARK: Membership

    /// Row 33: who has left takes no write, although its ports are still open.
    @Test func row33WhoHasLeftTakesNothing() throws {
        var bench = try Bench()
        let leaver = bench.order[0]
        _ = bench.cluster.change(.leave(leaver), at: bench.order[1])
        for _ in 0..<100 where !bench.cluster.isSettled || bench.cluster.now < 3_000 * Self.ms {
            bench.cluster.run(for: 100 * Self.ms)
        }
        #expect(bench.cluster.replica(bench.order[1])?.ring.contains(leaver) == false)
        // A client that still asks it is served, by others: nothing is written, coordinated or kept there.
        let dot = try #require(bench.put("a", at: leaver)?.dot)
        #expect(dot.actor.node != leaver)
        #expect(bench.get(at: leaver)?.siblings?.values == ["a"])
        #expect(bench.stored(leaver) == [] && bench.stored(bench.order[1]) == ["a"])
    }

    /// Row 40: nothing is negotiated at a start: the first put after one is coordinated under the node's own actor.
    @Test func row40TheFirstPutAfterARestartIsTheNodesOwn() throws {
        var bench = try Bench()
        let before = try #require(bench.put("a", at: bench.order[0])?.dot)
        bench.cluster.crash(bench.order[0])
        try bench.cluster.restart(bench.order[0])
        for value in ["b", "c"] {
            let dot = try #require(bench.put(value, at: bench.order[0]) { $0.w = .one }?.dot)
            #expect(dot.actor == before.actor)
        }
        bench.cluster.run(for: 2_000 * Self.ms)
        for node in bench.order.prefix(3) { #expect(bench.stored(node) == ["a", "b", "c"]) }
    }
}
