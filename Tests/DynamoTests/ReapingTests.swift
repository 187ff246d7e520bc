import Causality
import Dynamo
import Simulation
import Testing

/// Tombstones go, and what they buried never comes back.
struct ReapingTests {
    private static let reapAfter: Int64 = 100_000_000

    private func bench(seed: UInt64 = 1, _ change: (inout Configuration) -> Void = { _ in }) throws -> Bench {
        try Bench(seed: seed) {
            $0.configuration.reapAfter = Self.reapAfter
            change(&$0.configuration)
        }
    }

    /// What any node keeps of the key, as object or as hint.
    private func remains(_ bench: Bench) -> [String] {
        bench.cluster.members.flatMap { node in
            bench.stored(node) + bench.order.flatMap { bench.hinted(node, for: $0) }
        }
    }

    private func isForgotten(_ bench: inout Bench) -> Bool {
        for _ in 0..<100 where !remains(bench).isEmpty { bench.cluster.run(for: 100_000_000) }
        return remains(bench).isEmpty
    }

    private func delete(_ bench: inout Bench, at node: String) throws {
        let seen = try #require(bench.get(at: node)?.siblings)
        #expect(bench.put("", at: node, context: seen.context, tombstone: true)?.dot != nil)
    }

    @Test func aDeletedKeyIsForgotten() throws {
        var bench = try bench()
        #expect(bench.put("a", at: bench.order[0]) != nil)
        try delete(&bench, at: bench.order[1])
        #expect(isForgotten(&bench))
        let reaped = bench.cluster.notes.filter { if case .tombstonesReaped = $0.note { true } else { false } }
        #expect(Set(reaped.map(\.node)) == Set(bench.order.prefix(3)))
        #expect(bench.get(at: bench.order[4])?.siblings == Siblings())
    }

    @Test func tombstonesAreKeptWhereThatIsWanted() throws {
        var bench = try bench { $0.reapAfter = nil }
        #expect(bench.put("a", at: bench.order[0]) != nil)
        try delete(&bench, at: bench.order[1])
        bench.cluster.run(for: 10_000_000_000)
        #expect(bench.order.prefix(3).map { bench.stored($0) } == [["†"], ["†"], ["†"]])
    }

    /// A tombstone reaped while a home was away let that home bring the value back (basho/riak_kv#311, #1777).
    @Test func aHomeThatWasAwayBringsNothingBack() throws {
        var bench = try bench { $0.hintedHandoff = false }
        #expect(bench.put("a", at: bench.order[0]) != nil)
        bench.cluster.run(for: 500_000_000)
        bench.crash([bench.order[2]])
        try delete(&bench, at: bench.order[0])
        bench.cluster.run(for: 5_000_000_000)
        #expect(bench.order.prefix(2).map { bench.stored($0) } == [["†"], ["†"]])
        try bench.cluster.restart(bench.order[2])
        #expect(isForgotten(&bench))
        #expect(bench.get(at: bench.order[2])?.siblings == Siblings())
    }

    /// A fallback that was killed held values from before the delete and handed them over when the tombstone had been
    /// reaped (basho/riak_kv#1869, #1725).
    @Test func aHintFromBeforeTheDeleteBringsNothingBack() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            var bench = try bench(seed: seed)
            bench.crash([bench.order[2]])
            #expect(bench.put("a", at: bench.order[0]) != nil)
            bench.cluster.run(for: 500_000_000)
            #expect(bench.hinted(bench.order[3], for: bench.order[2]) == ["a"])
            bench.crash([bench.order[3]])
            try bench.cluster.restart(bench.order[2])
            bench.cluster.run(for: 2_000_000_000)
            try delete(&bench, at: bench.order[0])
            bench.cluster.run(for: 5_000_000_000)
            #expect(bench.order.prefix(3).map { bench.stored($0) } == [["†"], ["†"], ["†"]])
            try bench.cluster.restart(bench.order[3])
            #expect(isForgotten(&bench), "seed \(seed)")
            #expect(bench.get(at: bench.order[2])?.siblings == Siblings())
        }
    }

    /// Somebody who is no home and answers all the while holds an older value in a hint that it cannot deliver: homes alone
    /// must not decide.
    @Test func aHintThatCannotBeDeliveredKeepsTheTombstone() throws {
        var bench = try bench { $0.handoffInterval = 3_600_000_000_000 }
        let late = bench.order[2]
        bench.crash([late])
        #expect(bench.put("a", at: bench.order[0]) != nil)
        bench.cluster.run(for: 500_000_000)
        // Its first word brings the hint, which its disk refuses.
        try bench.cluster.restart(late)
        bench.cluster.failStorage(late, operations: true, syncs: false)
        bench.cluster.run(for: 1_000_000_000)
        bench.cluster.failStorage(late, operations: false, syncs: false)
        #expect(bench.hinted(bench.order[3], for: late) == ["a"])
        try delete(&bench, at: bench.order[0])
        bench.cluster.run(for: 5_000_000_000)
        #expect(bench.order.prefix(3).map { bench.stored($0) } == [["†"], ["†"], ["†"]])
        #expect(
            bench.cluster.members.allSatisfy {
                bench.cluster.replica($0)?.peerStates.contains(where: \.suspected) == false
            })
    }

    /// While a node is known to be away no round is begun, which it could only end in vain.
    @Test func noRoundIsBegunWithoutEverybody() throws {
        var bench = try bench()
        #expect(bench.put("a", at: bench.order[0]) != nil)
        bench.crash([bench.order[4]])
        try delete(&bench, at: bench.order[0])
        bench.cluster.run(for: 5_000_000_000)
        #expect(!bench.cluster.notes.contains { $0.note == .reapAborted })
        #expect(bench.stored(bench.order[0]) == ["†"])
    }

    /// A member that is lost in the middle of a round ends it at once; the next succeeds when it is back.
    @Test func aLostMemberEndsTheRound() throws {
        var bench = try Bench {
            $0.network.refusedPerCent = 100
            $0.configuration.reapAfter = 400_000_000
        }
        #expect(bench.put("a", at: bench.order[0]) != nil)
        try delete(&bench, at: bench.order[0])
        bench.cluster.pause(bench.order[4])
        let leader = bench.order[0]
        for _ in 0..<700 where bench.cluster.replica(leader)?.isReaping == false { bench.cluster.run(for: 1_000_000) }
        #expect(bench.cluster.replica(leader)?.isReaping == true)
        bench.cluster.crash(bench.order[4])
        for _ in 0..<10 where bench.cluster.replica(leader)?.isReaping == true { bench.cluster.run(for: 20_000_000) }
        #expect(bench.cluster.replica(leader)?.isReaping == false)
        try bench.cluster.restart(bench.order[4])
        #expect(isForgotten(&bench))
    }

    /// A late fallback handed over an old tombstone that dominated the re-created key (basho/riak_kv#1094, #847).
    @Test func aLateTombstoneDoesNotBuryTheReCreatedKey() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            var bench = try bench(seed: seed)
            #expect(bench.put("a", at: bench.order[0]) != nil)
            bench.cluster.run(for: 500_000_000)
            bench.crash([bench.order[2]])
            try delete(&bench, at: bench.order[0])
            bench.cluster.run(for: 500_000_000)
            #expect(bench.hinted(bench.order[3], for: bench.order[2]) == ["†"])
            bench.crash([bench.order[3]])
            try bench.cluster.restart(bench.order[2])
            bench.cluster.run(for: 3_000_000_000)
            #expect(bench.put("b", at: bench.order[0]) != nil)
            try bench.cluster.restart(bench.order[3])
            bench.cluster.run(for: 5_000_000_000)
            let found = try #require(bench.get(at: bench.order[2])?.siblings)
            #expect(found.values.filter { $0 != "†" } == ["b"], "seed \(seed)")
        }
    }

    /// Counters began anew after a reap, so that a context from before the delete dominated what was written since
    /// (basho/riak_kv#226).
    @Test func aContextFromBeforeTheDeleteSeesNothingOfTheReCreatedKey() throws {
        for restarts in [false, true] {
            var bench = try bench()
            for round in 0..<5 {
                let seen = try #require(bench.get(at: bench.order[0])?.siblings?.context)
                #expect(bench.put("\(round)", at: bench.order[0], context: seen) != nil)
            }
            let old = try #require(bench.get(at: bench.order[0])?.siblings?.context)
            try delete(&bench, at: bench.order[0])
            #expect(isForgotten(&bench))
            if restarts {
                bench.crash([bench.order[0]])
                try bench.cluster.restart(bench.order[0])
                bench.cluster.run(for: 1_000_000_000)
            }
            for value in ["x", "y", "z"] { #expect(bench.put(value, at: bench.order[0]) != nil) }
            #expect(bench.put("late", at: bench.order[0], context: old) != nil)
            bench.cluster.run(for: 2_000_000_000)
            for home in bench.order.prefix(3) { #expect(bench.stored(home) == ["late", "x", "y", "z"]) }
        }
    }

    /// Reads that repair while tombstones are being reaped made them bounce between homes (basho/riak_kv#1814, #1813).
    @Test func readsDoNotKeepTombstonesBouncing() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            var bench = try bench(seed: seed)
            #expect(bench.put("a", at: bench.order[0]) != nil)
            try delete(&bench, at: bench.order[1])
            for round in 0..<100 {
                _ = bench.cluster.get(GetRequest(key: bench.key), at: bench.order[round % 5])
                bench.cluster.run(for: 17_000_000)
            }
            let answers = bench.cluster.takeReplies().compactMap(\.reply.siblings)
            #expect(answers.count == 100 && answers.allSatisfy { $0.values.allSatisfy { $0 == "†" } })
            #expect(isForgotten(&bench))
            bench.cluster.run(for: 3_000_000_000)
            #expect(remains(bench).isEmpty)
        }
    }

    /// A put at any instant of a round: it stays, and the tombstone does not come to its harm.
    @Test func aPutThatMeetsTheReaperStays() throws {
        for step in 0..<60 {
            var bench = try bench(seed: UInt64(step)) { $0.antiEntropy = false }
            #expect(bench.put("a", at: bench.order[0]) != nil)
            try delete(&bench, at: bench.order[0])
            bench.cluster.run(for: 80_000_000 + Int64(step) * 1_000_000)
            #expect(bench.put("b", at: bench.order[step % 5])?.dot != nil)
            bench.cluster.run(for: 3_000_000_000)
            let found = try #require(bench.get(at: bench.order[(step + 1) % 5]) { $0.r = .all }?.siblings)
            #expect(found.values.filter { $0 != "†" } == ["b"], "step \(step)")
        }
    }

    // MARK: Under faults

    private func busyReaper(seed: UInt64, keys: Int = 6, _ change: (inout Configuration) -> Void = { _ in }) -> Scenario
    {
        var scenario = Scenario.rough(seed: seed) {
            $0.reapAfter = 50_000_000
            change(&$0)
        }
        scenario.cluster.network.keepsOrder = true
        scenario.clients.deletesPerCent = 30
        scenario.clients.getsPerCent = 30
        scenario.clients.keys = keys
        scenario.faults = []
        var mix = FaultMix()
        mix.interval = 900_000_000
        scenario.add(mix)
        return scenario
    }

    /// Kills, network partitions, hints, deletes and re-creations: nothing acknowledged is lost, nothing deleted
    /// returns, replicas agree, and in the end no tombstone is left alone. Half of the runs have so many keys that some
    /// stay deleted for as long as reaping waits: there tombstones go while the clients work.
    @Test(arguments: 1...2) func nothingIsLostNorReturns(batch: UInt64) throws {
        var reaped = 0
        for seed in batch * 1000..<batch * 1000 + 6 {
            var run = try busyReaper(seed: seed, keys: seed % 2 == 0 ? 6 : 40).run()
            reaped += Cluster.reaped(run.cluster.notes.prefix(run.notesUnderLoad))
            let found = Judge(run).anomalies
            #expect(found.isEmpty, "seed \(seed): \(found)")
            for _ in 0..<300 where !run.cluster.graves.isEmpty { run.cluster.run(for: 100_000_000) }
            #expect(run.cluster.graves.isEmpty, "seed \(seed): \(run.cluster.graves)")
            #expect(run.cluster.disagreements.isEmpty, "seed \(seed), later")
        }
        #expect(reaped > 30, "only \(reaped) while the clients worked")
    }

    @Test(arguments: 1...2) func norWithFailingDisks(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 6 {
            var scenario = busyReaper(seed: seed)
            scenario.faults = []
            var mix = FaultMix()
            mix.storage = true
            scenario.add(mix)
            let found = try scenario.judged()
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }

    /// With hints as the only way home.
    @Test(arguments: 1...2) func norByHintsAlone(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 6 {
            let scenario = busyReaper(seed: seed) {
                $0.antiEntropy = false
                $0.readRepair = false
            }
            let found = try scenario.judged(converges: false)
            #expect(found.isEmpty, "seed \(seed): \(found)")
        }
    }
}

extension Cluster {
    /// Tombstones deleted so far, at all homes together.
    static func reaped(_ notes: ArraySlice<(node: String, note: Note)>) -> Int {
        notes.reduce(0) { if case .tombstonesReaped(let count) = $1.note { $0 + count } else { $0 } }
    }

    /// Keys of which some home holds nothing but tombstones.
    var graves: [Key] {
        contents.filter { entry in
            entry.homes.contains { !$0.siblings.isEmpty && $0.siblings.versions.allSatisfy(\.tombstone) }
        }.map(\.key)
    }
}
