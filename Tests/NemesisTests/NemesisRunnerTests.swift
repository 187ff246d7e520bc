import History
import Nemesis
import Synchronization
import Testing
import Workload

/// A bench that only writes down what is done to it.
private final class PaperBench: Bench {
    struct State {
        var down: Set<String> = []
        var paused: Set<String> = []
        var cuts: [DirectedLink] = []
        var shapes: [LinkShape] = []
        var resets: [DirectedLink] = []
        var deeds: [String] = []
    }

    struct Refusal: Error {}

    let nodes = ["n1", "n2", "n3", "n4", "n5"]
    let state = Mutex(State())
    let refusesToCut: Bool
    private let clock = Mutex(Int64(0))

    init(refusesToCut: Bool = false) { self.refusesToCut = refusesToCut }

    var now: Int64 {
        clock.withLock {
            $0 += 1; return $0
        }
    }

    func kill(_ node: String) async throws {
        state.withLock {
            $0.down.insert(node)
            $0.deeds.append("kill \(node)")
        }
    }

    func start(_ node: String) async throws {
        state.withLock {
            $0.down.remove(node)
            $0.deeds.append("start \(node)")
        }
    }

    func pause(_ node: String) async throws { state.withLock { _ = $0.paused.insert(node) } }
    func resume(_ node: String) async throws { state.withLock { _ = $0.paused.remove(node) } }

    func cut(_ links: [DirectedLink], clientsOf: [String]) async throws {
        if refusesToCut && !links.isEmpty { throw Refusal() }
        state.withLock { $0.cuts = links }
    }

    let replicas = 3
    let zones = ["n1": "east", "n2": "east", "n3": "west", "n4": "west", "n5": "north"]
    func preferenceList(of key: String) async -> [String]? { ["n3", "n1", "n5", "n2", "n4"] }
    func hintsHeld() async -> [String: Int] { ["n1": 1, "n4": 7, "n5": 0] }

    private func note(_ deed: String) { state.withLock { $0.deeds.append(deed) } }

    func stop(_ node: String) async throws { note("stop \(node)") }
    func shape(_ shapes: [LinkShape]) async throws { state.withLock { $0.shapes = shapes } }
    func reset(_ links: [DirectedLink]) async throws { state.withLock { $0.resets = links } }

    func setClock(of node: String, _ trouble: ClockTrouble?) async throws -> String {
        note("clock \(node) \(trouble == nil ? "right" : "wrong")")
        return "looked at the clock"
    }

    func setDisk(of node: String, _ trouble: DiskTrouble?) async throws -> String {
        note("disk \(node) \(trouble?.word ?? "sound")")
        return "looked at the disk"
    }

    func damage(_ node: String, _ damage: FileDamage) async throws -> String {
        note("\(damage.rawValue) \(node)")
        return "looked at the files"
    }

    func join(_ node: String) async throws { note("join \(node)") }
    func leave(_ node: String) async throws { note("leave \(node)") }
    func replace(_ node: String, with newcomer: String) async throws { note("replace \(node) \(newcomer)") }
}

/// Keeps the events it is told of.
private final class PaperSink: EventSink {
    let events = Mutex<[EventDraft]>([])
    func record(_ draft: EventDraft) { events.withLock { $0.append(draft) } }
    var functions: [Function] { events.withLock { $0.map(\.function) } }
}

@Suite struct NemesisRunnerTests {
    private func runner(_ specs: [FaultSpec], _ bench: PaperBench, _ sink: PaperSink) -> NemesisRunner {
        NemesisRunner(plan: FaultPlan(specs), hotKeys: ["key-0"], bench: bench, sink: sink, seed: 1)
    }

    @Test func aKilledHomeIsStartedAgainAndBothAreRecorded() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let spec = FaultSpec(action: .kill(.home), schedule: .once(at: .zero), duration: .milliseconds(1))
        let reports = await runner([spec], bench, sink).run()
        #expect(bench.state.withLock { $0.deeds } == ["kill n3", "start n3"])
        #expect(sink.functions == [.kill, .restart])
        #expect(reports.map(\.name) == ["kill"])
        #expect(reports.allSatisfy { $0.failure == nil && $0.begin < $0.end })
    }

    @Test func aSecondKillOfTheHomeTakesTheNextOfThePreferenceList() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let spec = FaultSpec(
            action: .kill(.home), schedule: .repeated(every: .milliseconds(1), from: .zero, count: 2),
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
        #expect(wiped.functions.starts(with: [.kill, .wipe]) && wiped.functions.last == .restart)
    }

    @Test func aRollingRestartTakesOneNodeAfterTheOther() async {
        let deeds = await run(.rollingRestart).deeds
        #expect(deeds == (1...5).flatMap { ["stop n\($0)", "start n\($0)"] })
    }

    @Test func changesOfTheRingAreWaitedForAndNotUndone() async {
        #expect(await run(.join("n6")).deeds == ["join n6"])
        #expect(await run(.leave(.nodes(["n2"]))).deeds == ["leave n2"])
        #expect(await run(.replace(.nodes(["n2"]), with: "n6")).deeds == ["kill n2", "replace n2 n6"])
    }

    @Test func aNodeThatLeftIsNoTargetAnyMore() async {
        let (bench, sink) = (PaperBench(), PaperSink())
        let specs = [
            FaultSpec(action: .leave(.nodes(["n3"])), schedule: .once(at: .zero), duration: .zero),
            FaultSpec(action: .kill(.home), schedule: .once(at: .milliseconds(5)), duration: .milliseconds(1)),
        ]
        _ = await runner(specs, bench, sink).run()
        #expect(bench.state.withLock { $0.deeds } == ["leave n3", "kill n1", "start n1"])
    }

    @Test func targetsAreFoundInWhatIsKnownAtTheMoment() async {
        #expect(await run(.kill(.homes)).reports.first?.deed == .kill(["n3", "n1", "n5"]))
        #expect(await run(.pause(.fallback)).reports.first?.deed == .pause(["n4"]))
        #expect(await run(.pause(.zone("west"))).reports.first?.deed == .pause(["n3", "n4"]))
        #expect(await run(.kill(.minority)).reports.first?.deed.nodes.count == 2)
        #expect(await run(.kill(.majority)).reports.first?.deed.nodes.count == 3)
        #expect(await run(.kill(.all)).reports.first?.deed.nodes.count == 5)
        #expect(await run(.kill(.homes)).reports.first?.drawn == "home of key-0")
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
