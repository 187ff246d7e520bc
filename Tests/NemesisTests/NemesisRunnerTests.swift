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

    func preferenceList(of key: String) async -> [String]? { ["n3", "n1", "n5", "n2", "n4"] }
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
            FaultSpec(action: .kill(.node("n1")), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(action: .pause(.node("n2")), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(
                action: .partition(.halves, clientsCut: false), schedule: .once(at: .zero), duration: .seconds(600)),
            FaultSpec(action: .kill(.node("n4")), schedule: .once(at: .seconds(500)), duration: .seconds(1)),
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
        #expect(reports[0].cuts.contains(DirectedLink(from: "n1", to: "n2")))
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
}
