import Causality
import Dynamo
import Simulation
import Testing

/// Nodes come and go under load, and nothing acknowledged is lost.
struct MembershipScenarioTests {
    private static let ms: Int64 = 1_000_000

    /// A rough run with these changes in it; what else strikes may strike newcomers, too.
    private func scenario(
        seed: UInt64, _ changes: [TimedFault], faults: Bool = true, configure: (inout Configuration) -> Void = { _ in }
    ) -> Scenario {
        var scenario = Scenario.rough(seed: seed, configure: configure)
        scenario.faults = changes
        scenario.duration = 5_000 * Self.ms
        scenario.patience = 60_000 * Self.ms
        if faults {
            var generator = SplitMix64(seed: seed ^ 0x10AD)
            scenario.faults += FaultMix().schedule(
                members: (1...7).map { "n\($0)" }, until: scenario.duration, generator: &generator)
        }
        return scenario
    }

    /// Two join through different nodes at the same time, then one leaves.
    private func comings(_ seed: UInt64) -> [TimedFault] {
        let start = Int64(500 + seed % 7 * 100) * Self.ms
        return [
            TimedFault(at: start, .join(Member(name: "n6"), at: "n1")),
            TimedFault(at: start, .join(Member(name: "n7", weight: 2), at: "n4")),
            TimedFault(at: start + 2_000 * Self.ms, .leave("n2", at: "n5")),
        ]
    }

    private func members(_ run: Scenario.Run) -> [String] {
        run.cluster.replica("n1")?.ring.members.map(\.name).sorted() ?? []
    }

    @Test(arguments: 1...1 as ClosedRange<UInt64>) func joinsAndLeavesUnderLoad(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 4 {
            let run = try scenario(seed: seed, comings(seed), faults: false).run()
            let found = Judge(run).anomalies
            #expect(found.isEmpty && run.isSettled, "seed \(seed): \(found)")
            #expect(members(run) == ["n1", "n3", "n4", "n5", "n6", "n7"], "seed \(seed)")
        }
    }

    /// Clients of the node that leaves are served all the time, by it and to the end, and so are all others.
    /// The seeds are of runs in which no message is lost: then there is no excuse.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func whoLeavesServesOn(seed: UInt64) throws {
        let run = try scenario(seed: seed * 30, comings(seed), faults: false).run()
        let failed = run.history.filter { $0.outcome != .ok && $0.completed != nil }
        #expect(failed.isEmpty, "seed \(seed): \(failed.count) of \(run.history.count)")
        var cluster = run.cluster
        let key = Key(bucket: Array("b".utf8), name: Array("late".utf8))
        #expect(cluster.replica("n2")?.ring.contains("n2") == false)
        let content = Content(value: Array("v".utf8))
        let put = cluster.put(PutRequest(key: key, context: VersionVector(), content: content), at: "n2")
        cluster.run(for: 500 * Self.ms)
        let get = cluster.get(GetRequest(key: key), at: "n2")
        cluster.run(for: 500 * Self.ms)
        let replies = Dictionary(uniqueKeysWithValues: cluster.takeReplies().map { ($0.request, $0.reply) })
        #expect(replies[try #require(put)]?.dot != nil)
        #expect(replies[try #require(get)]?.siblings?.values == ["v"])
        // Nothing of it is with the node that left: it passes on and keeps nothing.
        #expect(try cluster.replica("n2")?.store.object(key) == nil)
    }

    /// Members forget a node that is gone once it is stopped, and serve it again when it comes up without having joined.
    @Test func whoIsGoneIsForgottenOnlyOnceItIsSilent() throws {
        var run = try scenario(seed: 77, comings(77), faults: false).run()
        #expect(run.cluster.replica("n1")?.peerStates.contains { $0.name == "n2" } == true)
        run.cluster.crash("n2")
        run.cluster.run(for: 4_000 * Self.ms)
        #expect(run.cluster.replica("n1")?.peerStates.contains { $0.name == "n2" } == false)
        try run.cluster.restart("n2")
        run.cluster.run(for: 1_000 * Self.ms)
        #expect(run.cluster.replica("n1")?.peerStates.contains { $0.name == "n2" } == true)
        let key = Key(bucket: Array("b".utf8), name: Array("later".utf8))
        let put = run.cluster.put(
            PutRequest(key: key, context: VersionVector(), content: Content(value: Array("v".utf8))), at: "n2")
        run.cluster.run(for: 500 * Self.ms)
        let replies = Dictionary(uniqueKeysWithValues: run.cluster.takeReplies().map { ($0.request, $0.reply) })
        #expect(replies[try #require(put)]?.dot != nil)
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>) func throughCrashesAndCuts(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 4 {
            let run = try scenario(seed: seed, comings(seed)).run()
            let found = Judge(run).anomalies
            #expect(found.isEmpty && run.isSettled, "seed \(seed): \(found)")
        }
    }

    /// Without anti-entropy and read repair, only transfer, hints and the handing over of surplus can bring data home.
    @Test(arguments: 1...2 as ClosedRange<UInt64>) func withoutAntiEntropy(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 4 {
            let run = try scenario(seed: seed, comings(seed)) {
                $0.antiEntropy = false
                $0.readRepair = false
            }.run()
            let found = Judge(run, converges: false).anomalies
            #expect(found.isEmpty && run.isSettled, "seed \(seed): \(found)")
        }
    }

    @Test(arguments: 1...1 as ClosedRange<UInt64>) func aDeadNodeIsReplaced(batch: UInt64) throws {
        for seed in batch * 1000..<batch * 1000 + 3 {
            let changes = [
                TimedFault(at: 600 * Self.ms, .crash("n3")),
                TimedFault(at: 1_500 * Self.ms, .replace("n3", by: Member(name: "n6"), at: "n1")),
            ]
            let run = try scenario(seed: seed, changes, faults: false).run()
            let found = Judge(run).anomalies
            #expect(found.isEmpty && run.isSettled, "seed \(seed): \(found)")
            #expect(members(run) == ["n1", "n2", "n4", "n5", "n6"])
        }
    }

    /// One that joins dies before it has anything: requests go on, and its leaving takes the change back.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func aJoinThatComesToNothing(seed: UInt64) throws {
        let changes = [
            TimedFault(at: 600 * Self.ms, .join(Member(name: "n6"), at: "n2")),
            TimedFault(at: 604 * Self.ms + Int64(seed) * Self.ms, .crash("n6")),
            TimedFault(at: 3_000 * Self.ms, .leave("n6", at: "n1")),
        ]
        let run = try scenario(seed: seed * 15, changes, faults: false).run()
        let found = Judge(run).anomalies
        #expect(found.isEmpty && run.isSettled, "seed \(seed): \(found)")
        #expect(!members(run).contains("n6"))
        let failed = run.history.filter { $0.outcome != .ok && $0.completed != nil }
        #expect(failed.isEmpty, "seed \(seed): \(failed.count) of \(run.history.count)")
    }

    /// Six nodes in three zones, N 3: one zone is gone, disks and all.
    @Test(arguments: 1...2 as ClosedRange<UInt64>) func aZoneIsLost(seed: UInt64) throws {
        var settings = Cluster.Settings(nodes: 6)
        settings.seed = seed
        settings.configuration.partitions = 64
        settings.members = (0..<6).map { Member(name: "n\($0 + 1)", zone: "z\($0 % 3)") }
        var scenario = Scenario(settings)
        scenario.duration = 4_000 * Self.ms
        scenario.faults = ["n1", "n4"].flatMap { node in
            [
                TimedFault(at: 1_000 * Self.ms, .crash(node)), TimedFault(at: 3_500 * Self.ms, .restart(node)),
                TimedFault(at: 3_500 * Self.ms, .wipe(node)),
            ]
        }
        let run = try scenario.run()
        #expect(Judge(run).anomalies.isEmpty)
        // Whoever was in the lost zone may not know what became of its last requests; everybody else was served.
        let unserved = run.history.filter { !["n1", "n4"].contains($0.node) && $0.outcome == .fail }
        #expect(unserved.isEmpty)
        for entry in run.cluster.contents {
            let zones = entry.homes.compactMap { home in settings.members.first { $0.name == home.node }?.zone }
            #expect(Set(zones).count == 3)
        }
    }

    /// A node leaves, comes back with its old disk, leaves and comes back again: new incarnations, no dot twice.
    @Test(arguments: 1...2 as ClosedRange<UInt64>) func leavingAndReturning(seed: UInt64) throws {
        let returning = Member(name: "n5")
        let changes = [
            TimedFault(at: 500 * Self.ms, .leave("n5", at: "n1")),
            TimedFault(at: 2_500 * Self.ms, .join(returning, at: "n2")),
            TimedFault(at: 4_500 * Self.ms, .leave("n5", at: "n3")),
            TimedFault(at: 6_500 * Self.ms, .join(returning, at: "n4")),
        ]
        var scenario = scenario(seed: seed * 5, changes, faults: false)
        scenario.duration = 9_000 * Self.ms
        let run = try scenario.run()
        let found = Judge(run).anomalies
        #expect(found.isEmpty && run.isSettled, "seed \(seed): \(found)")
        let actors = Set(run.history.compactMap(\.dot).map(\.actor).filter { $0.node == "n5" })
        #expect(actors.count > 1)
    }

    /// Only what moves travels, and from one home only: about keys times N times the newcomer's share.
    @Test func aJoinMovesLittleMoreThanItsShare() throws {
        var bench = try Bench {
            $0.configuration.partitions = 64
            $0.configuration.antiEntropy = false
        }
        for number in 0..<300 {
            let key = DynamoTests.key("object\(number)")
            let content = Content(value: Array("v".utf8))
            _ = bench.cluster.put(PutRequest(key: key, context: VersionVector(), content: content), at: "n1")
            if number % 10 == 0 { bench.cluster.run(for: 20 * Self.ms) }
        }
        bench.cluster.run(for: 3_000 * Self.ms)
        let before = bench.cluster.repairedObjects
        let isAsked = bench.cluster.admit(Member(name: "n6"), at: "n3")
        #expect(isAsked)
        bench.cluster.run(for: 500 * Self.ms)
        for _ in 0..<20 where !bench.cluster.isSettled { bench.cluster.run(for: 1_000 * Self.ms) }
        #expect(bench.cluster.isSettled)
        let keys = bench.cluster.contents.count
        let onNewcomer = bench.cluster.contents.filter { $0.homes.contains { $0.node == "n6" } }.count
        let moved = bench.cluster.repairedObjects - before
        #expect(keys == 300 && onNewcomer * 2 > keys * 4 / 5, "\(onNewcomer) of \(keys)")
        #expect(moved <= onNewcomer * 5 / 4, "\(moved) objects travelled for \(onNewcomer)")
    }

    /// What a newcomer has yet to fetch is known to the others within a probe or two, and gone when it is settled.
    @Test func everybodyTellsItsBacklog() throws {
        var bench = try Bench {
            $0.configuration.partitions = 64
            $0.configuration.transferRate = 1_000
        }
        for number in 0..<60 {
            let put = PutRequest(
                key: DynamoTests.key("k\(number)"), context: VersionVector(),
                content: Content(value: Array(repeating: 1, count: 100)))
            #expect(bench.wait(for: bench.cluster.put(put, at: "n1"))?.dot != nil)
        }
        let isAsked = bench.cluster.admit(Member(name: "n6"), at: "n3")
        #expect(isAsked)
        bench.cluster.run(for: 1_000 * Self.ms)
        let status = try #require(bench.cluster.replica("n1")?.membershipStatus)
        let newcomer = try #require(status.rows.first { $0.member.name == "n6" })
        #expect(newcomer.backlog.partitions > 0 && newcomer.isFetching && !status.isSettled)
        #expect(status.changes == 1 && status.changesLimit == 4_096)
        for _ in 0..<100 where !bench.cluster.isSettled { bench.cluster.run(for: 1_000 * Self.ms) }
        bench.cluster.run(for: 1_000 * Self.ms)
        let settled = try #require(bench.cluster.replica("n1")?.membershipStatus)
        #expect(settled.isSettled && settled.rows.allSatisfy(\.backlog.isEmpty))
    }

    @Test func administratorsAreToldWhatIsWrong() throws {
        var bench = try Bench()
        func answer(_ request: MembershipRequest) throws -> MembershipAnswer {
            let number = bench.cluster.change(request, at: "n1")
            bench.cluster.run(for: 100 * Self.ms)
            let answers = bench.cluster.takeMembershipAnswers()
            return try #require(answers.first { $0.request == number }?.answer)
        }
        #expect(try answer(.leave("n9")) == .refused(.notAMember("n9")))
        #expect(try answer(.replace("n9", by: Member(name: "n6"))) == .refused(.notAMember("n9")))
        #expect(
            try answer(.join(Member(name: "n2", address: "elsewhere"))) == .refused(.nameTaken("n2", address: "")))
        guard case .refused(.unusable) = try answer(.join(Member(name: ""))) else {
            Issue.record("a member without a name was let in")
            return
        }
        // Asked again, nothing changes.
        guard case .accepted(let first) = try answer(.leave("n5")), case .accepted(let again) = try answer(.leave("n5"))
        else {
            Issue.record("n5 was not let go")
            return
        }
        #expect(first.changes == again.changes && again.changes.count == 1)
    }
}
