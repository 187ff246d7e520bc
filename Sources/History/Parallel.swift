import Dispatch
import Synchronization

/// Work that is split over threads. What comes out never depends on how many there are.
package enum Parallel {
    /// Calls `body` once for each number below `count`, at most `threads` of them at a time, each thread with a state of
    /// its own from `makeState`. Throws what the call with the lowest number threw; calls not yet begun then never are.
    package static func forEach<State>(
        _ count: Int, threads: Int, makeState: () throws(HistoryError) -> State,
        _ body: (Int, inout State) throws(HistoryError) -> Void
    ) throws(HistoryError) {
        if threads <= 1 || count <= 1 {
            if count == 0 { return }
            var state = try makeState()
            for number in 0..<count { try body(number, &state) }
            return
        }
        let failure = withoutActuallyEscaping(makeState) { makeState in
            withoutActuallyEscaping(body) { body in split(count, threads, makeState, body) }
        }
        if let failure { throw failure }
    }

    /// The failure of the call with the lowest number.
    private static func split<State>(
        _ count: Int, _ threads: Int, _ makeState: @escaping () throws(HistoryError) -> State,
        _ body: @escaping (Int, inout State) throws(HistoryError) -> Void
    ) -> HistoryError? {
        let next = Atomic(0)
        let failure = Mutex<(number: Int, error: HistoryError)?>(nil)
        // Sound as long as the callers' closures share nothing that they change, which is theirs to see to.
        nonisolated(unsafe) let (makeState, body) = (makeState, body)
        DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
            var number = -1
            do throws(HistoryError) {
                var state = try makeState()
                while true {
                    number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if number >= count { return }
                    try body(number, &state)
                }
            } catch {
                next.store(count, ordering: .relaxed)
                failure.withLock { known in
                    if (known?.number ?? Int.max) > number { known = (number, error) }
                }
            }
        }
        return failure.withLock { $0 }?.error
    }
}
