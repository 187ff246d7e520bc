import Foundation
import History
import Nemesis
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// The phases of a run, one after the other: boot, load with faults, heal and converge, final reads and observations, end.
struct Stage: Sendable {
    let run: Run
    let assembly: Assembly

    private var store: any Store { assembly.store }
    private var recorder: Recorder { assembly.recorder }
    private var bench: SandboxBench { assembly.bench }
    private var processes: [String: NodeProcess] { assembly.processes }
    private var workload: Workload { run.workload }
    private var progress: RunProgress { run.progress }
    /// What is read on the wire; nil where connections are relayed.
    private var wire: WireEvents? { assembly.capture.map { WireEvents(capture: $0, recorder: recorder) } }

    func play() async throws {
        try await boot()
        await recordRing()
        let counters = CounterKeeper(store: store, links: assembly.network.links)
        let runner = assembly.makeLoad(workload, seed: run.settings.seed)
        let faults = await load(runner, counters)
        let problem = await converge(counters)
        await finish(runner, counters)
        for node in assembly.shutDown() { progress.say("\(node) did not end within 5 s of SIGTERM and was killed") }
        let evidence = assembly.network.evidence
        let witness = Witnesses(evidence: evidence, recorder: recorder)
        witness.record(faults, crashes: assembly.crashes, problem: problem)
        wire?.finish()
        wire?.say(to: progress)
        ExerciseEvents.record(counters.totals, traffic: evidence.totals(), into: recorder)
        try recorder.close()
    }

    // MARK: - Boot

    private func boot() async throws {
        let milliseconds = try await assembly.boot() / .milliseconds(1)
        progress.say("\(bench.members.count) \(store.name) nodes serve after \(Int(milliseconds)) ms")
    }

    /// Kept for the report; a store without a ring has none to keep.
    private func recordRing() async {
        guard let first = bench.members.first, let ring = try? await store.ringTable(from: first) else { return }
        SampleEvents(recorder: recorder).record(ring)
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
        if let random = workload.random {
            let drawn = RandomPlan(random, seed: run.settings.seed)
            progress.say("\(drawn.faults.count) random faults from seed \(run.settings.seed): \(drawn.words)")
        }
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
        let result = await runner.runLoad(atLeast: plan.lastBoundedEnd + settle) { nemesis.isAtWork }
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

    /// Looks at the run twice a second: for the display, and for the samples in the history.
    private func show(_ runner: LoadRunner, _ nemesis: NemesisRunner, _ counters: CounterKeeper) async {
        let samples = SampleEvents(recorder: recorder)
        let began = ContinuousClock.now
        var rates = WireRates(file: run.directory.wire)
        defer { rates.end() }
        var looksAtRoots = false
        while !Task.isCancelled {
            await counters.sample(within: NodePoll.underLoad)
            // Every node's roots are asked for only every other time: they say more, and cost more.
            let observers = Observers(store: store, links: bench.members)
            let roots = looksAtRoots ? await observers.rootsDiffering { processes[$0]?.isRunning == true } : nil
            looksAtRoots.toggle()
            samples.record(counters.totals, rootsDiffering: roots)
            wire?.flush(atEnd: false)
            let load = runner.snapshot
            var status = status("load", since: began, under: await nemesis.faultsInForce.map(\.report.deed), counters)
            status.operations = load.completed
            status.ok = load.ok
            status.rates = [load.operationsPerSecond]
            if load.completed > 0 { (status.p50, status.p99) = (load.latency.p50, load.latency.p99) }
            status.faults = await nemesis.inForce
            if let report = assembly.capture?.report { status.wire = rates.publish(report) }
            progress.show(status)
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func status(
        _ phase: String, since began: ContinuousClock.Instant, under deeds: [Deed], _ counters: CounterKeeper
    ) -> RunStatus {
        var status = RunStatus(phase: phase)
        status.seconds = (ContinuousClock.now - began) / .seconds(1)
        status.nodes = RunStatus.states(
            of: bench.members.map(\.node), running: { processes[$0]?.isRunning == true }, under: deeds)
        status.hintsWaiting = counters.totals.hintsWaiting
        return status
    }

    // MARK: - Convergence

    /// Waits until all replicas agree, at most as long as the workload allows; the reason why they do not, when they do not.
    private func converge(_ counters: CounterKeeper) async -> String? {
        phase("heal")
        let clock = ContinuousClock()
        let began = clock.now
        let observers = Observers(store: store, links: bench.members)
        let samples = SampleEvents(recorder: recorder)
        var reason = "no node shows what it stores"
        var isFirst = true
        repeat {
            await counters.sample()
            do {
                guard let all = try await observers.observe() else { return reason }
                // What every node holds right after the heal: nothing of it may be missing in the end.
                if isFirst { Observers.record(all, final: false, into: recorder) }
                isFirst = false
                let disagreement = Observers.disagreement(all)
                var totals = counters.totals
                totals.hintsWaiting = disagreement.hints
                samples.record(totals, keysDiffering: disagreement.keys, rootsDiffering: disagreement.roots)
                guard let difference = disagreement.reason else {
                    recorder.record(EventDraft(0, .controller, .info, .converged))
                    await counters.sample()
                    progress.clear()
                    progress.say("converged \(Text.seconds(clock.now - began)) after the heal")
                    return nil
                }
                reason = difference
            } catch {
                reason = "\(error)"
            }
            var status = status("heal", since: began, under: [], counters)
            status.waitingFor = reason
            progress.show(status)
            try? await Task.sleep(for: .milliseconds(100))
        } while clock.now - began < workload.convergeWithin
        progress.clear()
        progress.say("not converged after \(Text.seconds(clock.now - began)): \(reason)")
        return reason
    }

    // MARK: - End

    /// How long the last look waits for a moment in which nothing is under way.
    private static let settling = Duration.seconds(15)

    /// What every node holds in the end. Nodes are looked at one after the other, and a tombstone that is being reaped goes from one
    /// home a moment before the next: a look that finds a difference is repeated for a while, and the last one counts.
    private func settledObservation() async throws -> [(node: String, observation: NodeObservation)]? {
        let observers = Observers(store: store, links: bench.members)
        let deadline = ContinuousClock.now + Self.settling
        while let all = try await observers.observe() {
            if Observers.disagreement(all).reason == nil || ContinuousClock.now >= deadline { return all }
            try await Task.sleep(for: .milliseconds(200))
        }
        return nil
    }

    private func finish(_ runner: LoadRunner, _ counters: CounterKeeper) async {
        phase("final")
        // Before the reads: a read repair must not mend what is to be judged.
        do {
            if let all = try await settledObservation() { Observers.record(all, final: true, into: recorder) }
        } catch {
            // A node that a fault left down, or that crashed: the witnesses say so, and nothing is proven without it.
            progress.say("not every node could be observed at the end: \(error)")
        }
        let reads = await runner.runFinalReads(timeout: .seconds(20))
        await counters.sample()
        if !reads.unread.isEmpty { progress.say("\(reads.unread.count) keys could not be read at the end") }
    }
}
