import Dispatch
import Synchronization

/// Waits for work, but not for ever. What takes longer is left to itself, and whoever waited goes on.
enum Limited {
    /// Work that did not end in time.
    struct Exceeded: Error, CustomStringConvertible {
        let what: String
        let limit: Duration
        var description: String { "\(what) is stuck: no end after \(Int(limit / .seconds(1))) s" }
    }

    /// The outcome of `body`.
    ///
    /// Throws ``Exceeded``, which names `what`, when there is none within `limit`.
    static func run<Value: Sendable>(
        _ what: String, within limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let first = First(continuation)
            let work = Task {
                do { first.come(.success(try await body())) } catch { first.come(.failure(error)) }
            }
            // A timer of Dispatch: it fires even when every thread of the concurrency runtime is stuck.
            let milliseconds = Int(limit / .milliseconds(1))
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                if first.come(.failure(Exceeded(what: what, limit: limit))) { work.cancel() }
            }
        }
    }

    /// Resumes a continuation with whatever comes first.
    private final class First<Value: Sendable>: Sendable {
        private let waiting: Mutex<CheckedContinuation<Value, any Error>?>

        init(_ continuation: CheckedContinuation<Value, any Error>) { waiting = Mutex(continuation) }

        /// Whether this was the first.
        @discardableResult
        func come(_ result: Result<Value, any Error>) -> Bool {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(with: result)
            return continuation != nil
        }
    }
}
