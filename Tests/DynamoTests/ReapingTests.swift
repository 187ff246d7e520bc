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

    // MARK: A member's answer

    /// Asks a replica whether two tombstones may go, and gives the positions of those to which it agrees.
    private func positions(
        cleared store: MemoryStore, hashes: [Hash128], between: [Input] = [], echoes: Bool = true,
        strangers: Bool = false
    ) throws -> (cleared: [Int]?, confirmed: [Int]?) {
        let members = ["n1", "n2", "n3"].map { Member(name: $0) }
        var configuration = Configuration(node: "n2", members: members)
        configuration.reapAfter = 1
        var replica = try Replica(
            configuration: configuration, store: store, generator: SplitMix64(seed: 1), now: 0, wallClock: 0)
        var now: Instant = 10
        var cleared: [Int]?
        var confirmed: [Int]?
        func handle(_ input: Input) {
            var inputs = [input]
            while !inputs.isEmpty {
                now += 1
                for effect in replica.handle(inputs.removeFirst(), at: now, wallClock: 0) {
                    switch effect {
                    case .sync(let token): inputs.append(.synced(token))
                    case .send(.flush(let request), let peer) where echoes:
                        inputs.append(.message(.flushed(request: request), from: peer))
                    case .send(.reapClear(9, let positions), "n1"): cleared = positions
                    case .send(.reapConfirmed(9, let positions), "n1"): confirmed = positions
                    default: break
                    }
                }
            }
        }
        let entries = zip(["k", "l"], hashes).map { LeafEntry(key: key($0), hash: $1) }
        let digest = MembershipDigest(MembershipState(founders: members, partitions: 64, n: 3))
        let asked = strangers ? digest.state &+ 1 : digest.state
        handle(.message(.reapCheck(round: 9, membership: asked, entries: entries), from: "n1"))
        for input in between { handle(input) }
        handle(.message(.reapConfirm(round: 9), from: "n1"))
        return (cleared, confirmed)
    }

    private func siblings(_ counter: UInt64, tombstone: Bool) -> Siblings {
        var siblings = Siblings()
        siblings.write(
            dot: Dot(actor: Actor(node: "n1", incarnation: 1), counter: counter), context: VersionVector(),
            payload: Content(value: []), tombstone: tombstone)
        return siblings
    }

    @Test func aMemberAgreesOnlyToWhatIsAtRest() throws {
        let grave = siblings(2, tombstone: true)
        let old = siblings(1, tombstone: false)
        var store = MemoryStore()
        for name in ["k", "l"] { try store.putObject(key(name), grave) }
        let hashes = [grave.hash, grave.hash]
        var answer = try positions(cleared: store, hashes: hashes)
        #expect(answer.cleared == [0, 1] && answer.confirmed == [0, 1])
        // Another tombstone, or none.
        answer = try positions(cleared: store, hashes: [grave.hash, old.hash])
        #expect(answer.cleared == [0] && answer.confirmed == [0])
        // A hint may hold something older.
        var hinting = store
        try hinting.putHint(HintedObject(key: key("k"), home: "n3", siblings: old, incarnation: 0))
        #expect(try positions(cleared: hinting, hashes: hashes).cleared == [1])
        // Somebody is not asked, or moves.
        #expect(try positions(cleared: store, hashes: hashes, strangers: true).cleared == [])
        // What it has said before must have arrived.
        #expect(try positions(cleared: store, hashes: hashes, echoes: false).cleared == nil)
    }

    @Test func aMemberTellsWhatTouchedAKeySince() throws {
        let grave = siblings(2, tombstone: true)
        let old = siblings(1, tombstone: false)
        var store = MemoryStore()
        for name in ["k", "l"] { try store.putObject(key(name), grave) }
        let contacts: [Input] = [
            .get(1, GetRequest(key: key("k"))),
            .put(1, PutRequest(key: key("k"), context: VersionVector(), content: Content(value: []))),
            .message(.replicate(request: 1, key: key("k"), siblings: old, hintFor: nil), from: "n3"),
            .message(.replicate(request: 1, key: key("k"), siblings: old, hintFor: "n1"), from: "n3"),
            .message(.handoff(request: 1, key: key("k"), siblings: old), from: "n3"),
            .message(
                .repair(
                    exchange: 1, partition: 0, objects: [KeyedSiblings(key: key("k"), siblings: old)], wanted: []),
                from: "n3"),
        ]
        for contact in contacts {
            let answer = try positions(cleared: store, hashes: [grave.hash, grave.hash], between: [contact])
            #expect(answer.cleared == [0, 1] && answer.confirmed == [1], "\(contact)")
        }
    }

    // MARK: Under faults

    private func busyReaper(seed: UInt64, _ change: (inout Configuration) -> Void = { _ in }) -> Scenario {
        var scenario = Scenario.rough(seed: seed) {
            $0.reapAfter = 50_000_000
            change(&$0)
        }
        scenario.cluster.network.keepsOrder = true
        scenario.clients.deletesPerCent = 30
        scenario.clients.getsPerCent = 30
        scenario.clients.keys = 6
        scenario.faults = []
        var mix = FaultMix()
        mix.interval = 900_000_000
        scenario.add(mix)
        return scenario
    }

    /// Kills, network partitions, hints, deletes and re-creations: nothing acknowledged is lost, nothing deleted
    /// returns, replicas agree, and in the end no tombstone is left alone.
    @Test(arguments: 1...2) func nothingIsLostNorReturns(batch: UInt64) throws {
        var reaped = 0
        for seed in batch * 1000..<batch * 1000 + 6 {
            var run = try busyReaper(seed: seed).run()
            let found = Judge(run).anomalies
            #expect(found.isEmpty, "seed \(seed): \(found)")
            for _ in 0..<300 where !run.cluster.graves.isEmpty { run.cluster.run(for: 100_000_000) }
            reaped += run.cluster.reaped
            #expect(run.cluster.graves.isEmpty, "seed \(seed): \(run.cluster.graves)")
            #expect(run.cluster.disagreements.isEmpty, "seed \(seed), later")
        }
        #expect(reaped > 5)
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
    var reaped: Int {
        notes.reduce(0) { if case .tombstonesReaped(let count) = $1.note { $0 + count } else { $0 } }
    }

    /// Keys of which some home holds nothing but tombstones.
    var graves: [Key] {
        contents.filter { entry in
            entry.homes.contains { !$0.siblings.isEmpty && $0.siblings.versions.allSatisfy(\.tombstone) }
        }.map(\.key)
    }
}
