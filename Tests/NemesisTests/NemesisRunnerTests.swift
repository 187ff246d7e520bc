import History
import Nemesis
import Testing
import Workload

@Suite struct NemesisRunnerTests {
    private func runner(_ specs: [FaultSpec], _ bench: PaperBench, _ sink: PaperSink) -> NemesisRunner {
        NemesisRunner(plan: FaultPlan(specs), hotKeys: ["key-0"], bench: bench, sink: sink, seed: 1)
    }

    @Test func aKilledHomeIsStartedAgainAndBothAreRecorded() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let spec = FaultSpec(action: .kill(.home()), schedule: .once(at: .zero), duration: .milliseconds(1))
        let reports = await runner([spec], bench, sink).run()
        #expect(bench.state.withLock { $0.deeds } == ["kill n3", "start n3"])
        #expect(sink.functions == [.kill, .restart])
        #expect(reports.map(\.name) == ["kill"])
        #expect(reports.allSatisfy { $0.failure == nil && $0.begin < $0.end })
    }

    /// On a busy machine faults begin late: the load must outlast them all the same, but not what repeats for ever.
    @Test func theLoadIsHeldUntilEveryBoundedFaultHasEnded() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let kill = FaultSpec(action: .kill(.nodes(["n1"])), schedule: .once(at: .zero), duration: .milliseconds(1))
        // Meets nobody: the only node it means is down.
        let none = FaultSpec(action: .pause(.nodes(["n1"])), schedule: .once(at: .zero), duration: .milliseconds(1))
        let cuts: [FaultSpec] = (0..<2).map { _ in
            FaultSpec(
                action: .partition(.halves, clientsCut: false), schedule: .once(at: .zero), duration: .milliseconds(1))
        }
        let nemesis = runner([kill, none] + cuts, bench, sink)
        #expect(nemesis.isAtWork)
        _ = await nemesis.run()
        #expect(!nemesis.isAtWork)
        let endless = FaultSpec(
            action: .kill(.home()), schedule: .repeated(every: .seconds(10), from: .zero, count: nil),
            duration: .seconds(1))
        #expect(!runner([endless], bench, sink).isAtWork)
    }

    @Test func aRollingRestartWaitsForADiskThatFails() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs: [FaultSpec] = [
            FaultSpec(
                action: .disk(.error, .nodes(["n1"])), schedule: .once(at: .zero), duration: .milliseconds(50)),
            FaultSpec(action: .rollingRestart(.nodes(["n1", "n2"])), schedule: .once(at: .zero), duration: .zero),
        ]
        let reports = await runner(specs, bench, sink).run()
        #expect(reports.count == 2 && reports.allSatisfy { $0.failure == nil })
        #expect(
            bench.state.withLock { $0.deeds } == [
                "disk n1 error", "stop n1", "disk n1 sound", "start n1", "stop n2", "start n2",
            ])
    }

    @Test func aDiskThatFailsHasNothingToDamage() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs: [FaultSpec] = [
            FaultSpec(
                action: .disk(.readOnly, .nodes(["n1"])), schedule: .once(at: .zero), duration: .milliseconds(20)),
            FaultSpec(action: .files(.rot, .nodes(["n1"])), schedule: .once(at: .zero), duration: .zero),
        ]
        #expect(await runner(specs, bench, sink).run().count == 1)
        #expect(bench.state.withLock { $0.deeds } == ["disk n1 read-only", "disk n1 sound"])
    }

    @Test func aSecondKillOfTheHomeTakesTheNextOfThePreferenceList() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let spec = FaultSpec(
            action: .kill(.home()), schedule: .repeated(every: .milliseconds(1), from: .zero, count: 2),
            duration: .milliseconds(50))
        _ = await runner([spec], bench, sink).run()
        #expect(bench.state.withLock { $0.deeds.prefix(2) } == ["kill n3", "kill n1"])
        #expect(bench.state.withLock { $0.down }.isEmpty)
    }

    @Test func stoppingUndoesEverythingThatIsInForce() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs: [FaultSpec] = [
            FaultSpec(action: .kill(.nodes(["n1"])), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(action: .pause(.nodes(["n2"])), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(
                action: .partition(.halves, clientsCut: false), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(action: .kill(.nodes(["n4"])), schedule: .once(at: .seconds(500)), duration: .seconds(1)),
        ]
        let nemesis = runner(specs, bench, sink)
        let running = Task { await nemesis.run() }
        while sink.events.withLock({ $0.count }) < 3 { await Task.yield() }
        nemesis.stop()
        let reports = await running.value
        #expect(reports.count == 3)
        bench.state.withLock {
            #expect($0.down.isEmpty)
            #expect($0.paused.isEmpty)
            #expect($0.cuts.isEmpty)
        }
        #expect(Set(sink.functions) == [.kill, .pause, .partition, .restart, .resume, .heal])
    }

    @Test func aLaterPartitionIsNotHealedByTheEndOfAnEarlierOne() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs: [FaultSpec] = [
            FaultSpec(
                action: .partition(.groups([["n1"], ["n2"]]), clientsCut: false), schedule: .once(at: .zero),
                duration: .milliseconds(20)),
            FaultSpec(
                action: .partition(.groups([["n3"], ["n4"]]), clientsCut: false), schedule: .once(at: .milliseconds(5)),
                duration: .milliseconds(60)),
        ]
        let reports = await runner(specs, bench, sink).run()
        #expect(sink.functions == [.partition, .partition, .heal])
        #expect(reports.count == 2)
        #expect(reports[0].deed.links.contains(DirectedLink(from: "n1", to: "n2")))
        #expect(reports[0].end <= reports[1].begin)
    }

    @Test func aFaultThatCannotBeMadeIsReportedAsFailed() async {
        let (bench, sink) = (PaperBench(refusesToCut: true), PaperSink())
        let spec = FaultSpec(
            action: .partition(.halves, clientsCut: false), schedule: .once(at: .zero), duration: .milliseconds(1))
        let reports = await runner([spec], bench, sink).run()
        #expect(reports.count == 1)
        #expect(reports.first?.failure != nil)
    }

    @Test func anUndoThatIsStuckIsNamedTriedAgainAndHoldsNothingUp() async {
        let (bench, sink) = (PaperBench(hangsOnResume: true), PaperSink())
        let specs = [
            FaultSpec(action: .pause(.nodes(["n2"])), schedule: .once(at: .zero), duration: .milliseconds(1)),
            FaultSpec(action: .kill(.nodes(["n1"])), schedule: .once(at: .milliseconds(5)), duration: .milliseconds(1)),
        ]
        let nemesis = NemesisRunner(
            plan: FaultPlan(specs), hotKeys: [], bench: bench, sink: sink, seed: 1, limit: .seconds(2))
        let reports = await nemesis.run()
        #expect(reports.count == 2)
        let stuck = reports.first { $0.name == "pause" }
        #expect(stuck?.failure?.hasPrefix("the undo of pause n2 is stuck") == true)
        #expect(reports.first { $0.name == "kill" }?.failure == nil)
        #expect(bench.state.withLock { $0.deeds.sorted() } == ["kill n1", "resume n2", "resume n2", "start n1"])
    }

    @Test func aFaultThatFindsNobodyIsNotPassedOverInSilence() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs = [
            FaultSpec(action: .kill(.all), schedule: .once(at: .zero), duration: .milliseconds(20)),
            FaultSpec(action: .pause(.home()), schedule: .once(at: .milliseconds(2)), duration: .milliseconds(1)),
        ]
        let reports = await runner(specs, bench, sink).run()
        #expect(reports.map(\.name) == ["kill"])
        #expect(sink.events.withLock { $0.map(\.name) }.contains("fault-skipped"))
    }

    @Test func noNodeHasTwoWrongClocksOrTwoFailingDisks() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let nemesis = runner([], bench, sink)
        #expect(await nemesis.begin(.clock(.drift(10), .nodes(["n1"])), for: .zero) != nil)
        #expect(await nemesis.begin(.clock(.drift(20), .nodes(["n1"])), for: .zero) == nil)
        #expect(await nemesis.begin(.disk(.error, .nodes(["n1"])), for: .zero) != nil, "another fault may have it")
        #expect(await nemesis.begin(.disk(.full, .nodes(["n1"])), for: .zero) == nil)
        #expect(await nemesis.begin(.kill(.nodes(["n1"])), for: .zero) != nil)
        #expect(await nemesis.endAll().count == 3)
    }

    @Test func faultsByHandAreBegunAndEndedByNumber() async throws {
        let (bench, sink) = (PaperBench(), PaperSink())
        let nemesis = runner([], bench, sink)
        let first = try #require(await nemesis.begin(.pause(.nodes(["n1"])), for: .zero))
        let second = try #require(await nemesis.begin(.kill(.nodes(["n2"])), for: .zero))
        #expect(await nemesis.faultsInForce.map(\.id) == [first, second])
        #expect(await nemesis.end(first)?.deed == .pause(["n1"]))
        #expect(await nemesis.end(first) == nil)
        #expect(await nemesis.endAll().count == 2)
        #expect(bench.state.withLock { $0.down.isEmpty && $0.paused.isEmpty })
    }

    // MARK: - Every other kind

    private func run(_ action: FaultSpec.Action, on bench: PaperBench = PaperBench()) async -> (
        deeds: [String], functions: [Function], reports: [FaultReport]
    ) {
        let sink = PaperSink()
        let spec = FaultSpec(action: action, schedule: .once(at: .zero), duration: .milliseconds(1))
        let reports = await runner([spec], bench, sink).run()
        return (bench.state.withLock { $0.deeds }, sink.functions, reports)
    }

    @Test func faultsOfNodesAreMadeUndoneAndTellWhatWasSeen() async {
        let wrong = await run(.clock(.jump(.seconds(60)), .nodes(["n2"])))
        #expect(wrong.deeds == ["clock n2 wrong", "clock n2 right"])
        #expect(wrong.reports.first?.seen == ["looked at the clock", "looked at the clock"])
        #expect(await run(.disk(.full, .nodes(["n5"]))).deeds == ["disk n5 full", "disk n5 sound"])
        let wiped = await run(.files(.wipe, .nodes(["n1"])))
        #expect(wiped.deeds == ["kill n1", "wipe n1", "start n1"])
        #expect(await run(.files(.rot, .nodes(["n1"]))).deeds == ["stop n1", "rot n1", "start n1"])
        #expect(wiped.functions.starts(with: [.kill, .wipe]) && wiped.functions.last == .restart)
    }

    @Test func powerMemoryAndProcessorAreTakenAndGivenBack() async {
        let power = await run(.powerLoss(.nodes(["n1", "n2"])))
        #expect(power.deeds.prefix(2) == ["power off n1,n2", "power on n1,n2"])
        #expect(Set(power.deeds.dropFirst(2)) == ["start n1", "start n2"])
        #expect(power.functions.first == .kill && power.functions.last == .restart)
        #expect(power.reports.first?.seen == ["cut the power", "looked at what was kept"])
        #expect(await run(.outOfMemory(.nodes(["n4"]))).deeds == ["oom n4", "memory n4", "start n4"])
        #expect(await run(.throttle(10, .nodes(["n4"]))).deeds == ["throttle n4 10", "throttle n4 0"])
    }

    @Test func aRollingRestartTakesOneNodeAfterTheOther() async {
        let deeds = await run(.rollingRestart()).deeds
        #expect(deeds == (1...5).flatMap { ["stop n\($0)", "start n\($0)"] })
    }

    @Test func changesOfTheRingAreWaitedForAndNotUndone() async {
        #expect(await run(.join("n6")).deeds == ["join n6"])
        #expect(await run(.leave(.nodes(["n2"]))).deeds == ["leave n2"])
        #expect(await run(.replace(.nodes(["n2"]), with: "n6")).deeds == ["kill n2", "replace n2 n6"])
    }

    @Test func aJoinThatWaitsForAHealHoldsNothingUp() async throws {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs = [
            FaultSpec(
                action: .partition(.groups([["n1"], ["n2"]]), clientsCut: false), schedule: .once(at: .zero),
                duration: .milliseconds(300)),
            FaultSpec(action: .join("n6"), schedule: .once(at: .milliseconds(2)), duration: .zero),
            FaultSpec(
                action: .kill(.nodes(["n3"])), schedule: .once(at: .milliseconds(10)), duration: .milliseconds(1)),
        ]
        let reports = await runner(specs, bench, sink).run()
        #expect(reports.count == 3 && reports.allSatisfy { $0.failure == nil })
        let deeds = bench.state.withLock { $0.deeds }
        let (kill, join) = (deeds.firstIndex(of: "kill n3"), deeds.firstIndex(of: "join n6"))
        #expect(try #require(kill) < #require(join))
    }

    @Test func aNodeThatLeftIsNoTargetAnyMore() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs = [
            FaultSpec(action: .leave(.nodes(["n3"])), schedule: .once(at: .zero), duration: .zero),
            FaultSpec(action: .kill(.home()), schedule: .once(at: .milliseconds(5)), duration: .milliseconds(1)),
        ]
        _ = await runner(specs, bench, sink).run()
        #expect(bench.state.withLock { $0.deeds } == ["leave n3", "kill n1", "start n1"])
    }

    @Test func targetsAreFoundInWhatIsKnownAtTheMoment() async {
        #expect(await run(.kill(.homes())).reports.first?.deed == .kill(["n3", "n1", "n5"]))
        #expect(await run(.kill(.homes("key-9"))).reports.first?.drawn == "home of key-9")
        let coordinator = await run(.pause(.coordinator)).reports.first
        #expect(coordinator?.deed == .pause(["n2"]) && coordinator?.drawn.contains("90 messages") == true)
        #expect(
            await run(.partition(.zones, clientsCut: false)).reports.first?.groups == [
                ["n1", "n2"], ["n5"], ["n3", "n4"],
            ])
        #expect(await run(.pause(.fallback)).reports.first?.deed == .pause(["n4"]))
        #expect(await run(.pause(.zone("west"))).reports.first?.deed == .pause(["n3", "n4"]))
        #expect(await run(.kill(.minority)).reports.first?.deed.nodes.count == 2)
        #expect(await run(.kill(.majority)).reports.first?.deed.nodes.count == 3)
        #expect(await run(.kill(.all)).reports.first?.deed.nodes.count == 5)
        #expect(await run(.kill(.homes())).reports.first?.drawn == "home of key-0")
    }

    @Test func troublesOnTheSameLinkComeTogetherAndPartOneByOne() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let scope = FaultSpec.Scope(target: .nodes(["n1"]), direction: .out)
        let specs = [
            FaultSpec(action: .links(.loss(0.5), scope), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(action: .links(.loss(0.5), scope), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(
                action: .links(.delay(.milliseconds(3), jitter: .zero), scope), schedule: .once(at: .zero),
                duration: .seconds(600)),
        ]
        let nemesis = runner(specs, bench, sink)
        let running = Task { await nemesis.run() }
        while bench.state.withLock({ $0.shapes.first?.delay ?? 0 }) == 0 { await Task.yield() }
        let shapes = bench.state.withLock { $0.shapes }
        #expect(shapes.map(\.link.to) == ["n2", "n3", "n4", "n5"])
        #expect(shapes.allSatisfy { $0.loss == 0.75 && $0.delay == 3_000_000 })
        nemesis.stop()
        _ = await running.value
        #expect(bench.state.withLock { $0.shapes }.isEmpty)
    }

    @Test func aOneWayCutStaysBesideAPartitionAndAfterIt() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs = [
            FaultSpec(
                action: .partition(.isolate(.nodes(["n1"]), .in), clientsCut: false), schedule: .once(at: .zero),
                duration: .seconds(600)),
            FaultSpec(
                action: .partition(.groups([["n2"], ["n3"]]), clientsCut: false), schedule: .once(at: .zero),
                duration: .milliseconds(1)),
        ]
        let nemesis = runner(specs, bench, sink)
        let running = Task { await nemesis.run() }
        while !sink.functions.contains(.heal) { await Task.yield() }
        let inbound = ["n2", "n3", "n4", "n5"].map { DirectedLink(from: $0, to: "n1") }
        #expect(bench.state.withLock { $0.cuts } == inbound)
        nemesis.stop()
        _ = await running.value
        #expect(bench.state.withLock { $0.cuts }.isEmpty)
    }
}
