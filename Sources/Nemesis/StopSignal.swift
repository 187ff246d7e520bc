import Synchronization

/// Ends a sleep early, once and for all.
final class StopSignal: Sendable {
    private struct State {
        var stopped = false
        var sleeper: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.stopped } }

    func stop() {
        state.withLock {
            $0.stopped = true
            $0.sleeper?.cancel()
        }
    }

    /// Sleeps until `deadline`; false when ``stop()`` came first.
    func sleep(until deadline: ContinuousClock.Instant) async -> Bool {
        let sleeper = Task { try await Task.sleep(until: deadline, clock: .continuous) }
        let stopped = state.withLock { state in
            state.sleeper = sleeper
            return state.stopped
        }
        if stopped { sleeper.cancel() }
        _ = await sleeper.result
        return !isStopped
    }
}
