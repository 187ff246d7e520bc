import Synchronization

/// Closures that are called once, when something happens, or at once when it has happened already.
final class Handlers: Sendable {
    private struct State {
        var fired = false
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    var hasFired: Bool { state.withLock { $0.fired } }

    func fire() {
        let bodies = state.withLock { state in
            state.fired = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for body in bodies { body() }
    }

    func add(_ body: @escaping @Sendable () -> Void) {
        let late = state.withLock { state in
            if !state.fired { state.waiting.append(body) }
            return state.fired
        }
        if late { body() }
    }
}
