import Foundation
import Synchronization

/// A thread that starts processes and never ends: the kernel's "end with your parent" (PR_SET_PDEATHSIG) means the thread that
/// made the child, and a thread of a pool may end at any time.
final class SpawnThread: Sendable {
    static let shared = SpawnThread()

    private let waiting = Mutex<[@Sendable () -> Void]>([])
    private let work = DispatchSemaphore(value: 0)

    private init() {
        Thread.detachNewThread { [self] in
            while true {
                work.wait()
                let body = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                body?()
            }
        }
    }

    /// The outcome of `body`, which runs on the thread.
    func run(_ body: @escaping @Sendable () throws(Spawn.Failure) -> pid_t) throws(Spawn.Failure) -> pid_t {
        let outcome = Outcome()
        let done = DispatchSemaphore(value: 0)
        waiting.withLock {
            $0.append {
                outcome.value.withLock { value in
                    do throws(Spawn.Failure) { value = .success(try body()) } catch { value = .failure(error) }
                }
                done.signal()
            }
        }
        work.signal()
        done.wait()
        return try outcome.value.withLock { $0 }.get()
    }

    private final class Outcome: Sendable {
        let value = Mutex<Result<pid_t, Spawn.Failure>>(.failure(Spawn.Failure(reason: "not started")))
    }
}
