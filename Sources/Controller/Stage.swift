import Foundation
import History
import NIOPosix
import Nemesis
import Wire
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// The phases of a run, one after the other: boot, load with faults, heal and converge, final reads and observations, end.
struct Stage: Sendable {
    let run: Run
    let network: SandboxNetwork
    let store: any Store
    let recorder: Recorder
    let capture: PacketCapture
    let processes: [String: NodeProcess]
    let bench: SandboxBench
    let group: MultiThreadedEventLoopGroup

    private var workload: Workload { run.workload }
    private var progress: RunProgress { run.progress }
    private var wire: WireEvents { WireEvents(capture: capture, recorder: recorder) }

    func play() async throws {
        try await boot()
        let counters = CounterKeeper(store: store, links: network.links)
        let founders = bench.members
        let runner = LoadRunner(
            workload: workload, seed: run.settings.seed,
            endpoints: founders.map { NodeEndpoint(name: $0.node, host: $0.address, port: store.clientPort) },
            sink: recorder, eventLoop: group.next())
        let faults = await load(runner, counters)
        let problem = await converge(counters)
        try await finish(runner, counters)
        await shutDown()
        let witness = Witnesses(capture: capture, recorder: recorder)
        witness.record(faults, crashes: crashes, problem: problem)
        wire.finish()
        wire.say(to: progress)
        ExerciseEvents.record(counters.totals, traffic: capture.totals(), into: recorder)
        try recorder.close()
    }

    // MARK: - Boot

    private func boot() async throws {
        let clock = ContinuousClock()
        let began = clock.now
        for link in bench.members { try processes[link.node]?.start() }
        try await bench.awaitReady(bench.members.map(\.node))
        let milliseconds = (clock.now - began) / .milliseconds(1)
        progress.say("\(bench.members.count) \(store.name) nodes serve after \(Int(milliseconds)) ms")
    }

    // MARK: - Load

    private func phase(_ name: String) {
        var draft = EventDraft(0, .controller, .info, .phase)
        draft.value = name
        recorder.record(draft)
    }

    /// The load and the faults side by side; the faults end, undone, before this returns.
    private func load(_ runner: LoadRunner, _ counters: CounterKeeper) async -> [FaultReport] {
        let plan = FaultPlan(workload.faults, random: workload.random, seed: run.settings.seed)
        let nemesis = NemesisRunner(
            plan: plan, hotKeys: workload.keys.hottest(5), bench: bench, sink: recorder, seed: run.settings.seed)
        run.interruption.whenInterrupted {
            runner.stop()
            nemesis.stop()
        }
        phase("load")
        let settle = workload.settle ?? .zero
        let faults = Task { await nemesis.run() }
        let display = Task { await show(runner, nemesis, counters) }
        // The load outlasts every planned fault, so that each is under load.
        let result = await runner.runLoad(atLeast: plan.lastBoundedEnd + settle)
        nemesis.stop()
        let reports = await faults.value
        display.cancel()
        await display.value
        progress.clear()
        let load = result.snapshot
        progress.say(
            "load: \(load.completed) operations in \(Text.seconds(result.duration)), \(load.ok) ok; "
                + "p50 \(Text.milliseconds(load.latency.p50)), p99 \(Text.milliseconds(load.latency.p99)), "
                + "p99.9 \(Text.milliseconds(load.latency.p999))")
        return reports
    }

    private func show(_ runner: LoadRunner, _ nemesis: NemesisRunner, _ counters: CounterKeeper) async {
        while !Task.isCancelled {
            await counters.sample()
            wire.flush(atEnd: false)
            let load = runner.snapshot
            let faults = await nemesis.inForce
            let force = faults.isEmpty ? "none" : faults.joined(separator: ", ")
            progress.status(
                "load  \(load.completed) operations  \(Int(load.operationsPerSecond))/s  faults: \(force)  "
                    + "hints waiting: \(counters.totals.hintsWaiting)")
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    // MARK: - Convergence

    /// Waits until all replicas agree, at most as long as the workload allows; the reason why they do not, when they do not.
    private func converge(_ counters: CounterKeeper) async -> String? {
        phase("heal")
        let clock = ContinuousClock()
        let began = clock.now
        let observers = Observers(store: store, links: bench.members)
        var reason = "no node shows what it stores"
        var isFirst = true
        repeat {
            await counters.sample()
            do {
                guard let all = try await observers.observe() else { return reason }
                // What every node holds right after the heal: nothing of it may be missing in the end.
                if isFirst { Observers.record(all, final: false, into: recorder) }
                isFirst = false
                guard let disagreement = Observers.disagreement(all) else {
                    recorder.record(EventDraft(0, .controller, .info, .converged))
                    await counters.sample()
                    progress.clear()
                    progress.say("converged \(Text.seconds(clock.now - began)) after the heal")
                    return nil
                }
                reason = disagreement
            } catch {
                reason = "\(error)"
            }
            progress.status("heal  \(reason)")
            try? await Task.sleep(for: .milliseconds(100))
        } while clock.now - began < workload.convergeWithin
        progress.clear()
        progress.say("not converged after \(Text.seconds(clock.now - began)): \(reason)")
        return reason
    }

    // MARK: - End

    private func finish(_ runner: LoadRunner, _ counters: CounterKeeper) async throws {
        phase("final")
        // Before the reads: a read repair must not mend what is to be judged.
        if let all = try await Observers(store: store, links: bench.members).observe() {
            Observers.record(all, final: true, into: recorder)
        }
        let reads = await runner.runFinalReads(timeout: .seconds(20))
        await counters.sample()
        if !reads.unread.isEmpty { progress.say("\(reads.unread.count) keys could not be read at the end") }
    }

    /// Every end that the bench did not bring about.
    private var crashes: [(node: String, ending: NodeProcess.Ending)] {
        network.links.flatMap { link in
            (processes[link.node]?.unexpectedEndings ?? []).map { (link.node, $0) }
        }
    }

    private func shutDown() async {
        for link in network.links {
            guard let process = processes[link.node], process.isRunning else { continue }
            if process.end(signal: SIGTERM) == nil {
                progress.say("\(link.node) did not end within 5 s of SIGTERM and is killed")
                _ = process.end(signal: SIGKILL)
            }
        }
    }
}
