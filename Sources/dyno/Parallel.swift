import Dispatch
import Foundation
import Synchronization

/// Work that needs nothing but processors, on all of them.
enum Parallel {
    /// Calls `body` for `0 ..< count`, as many at a time as there are cores; the results are in order.
    ///
    /// - Throws: the first error in order, once all calls are over.
    static func map<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        let results = Mutex([Int: Result<Value, any Error>]())
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let result = Result { try body(index) }
            results.withLock { $0[index] = result }
        }
        return try results.withLock { results in
            try (0..<count).compactMap { try results[$0]?.get() }
        }
    }

    /// Calls `body` for `0 ..< count`, at most `jobs` at a time and begun in order; the results are in order.
    ///
    /// For work that waits rather than computes, such as runs: it has threads of its own.
    ///
    /// - Throws: the first error in order, once all calls are over.
    static func map<Value: Sendable>(
        _ count: Int, atMost jobs: Int, _ body: @escaping @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        let next = Atomic(0)
        let results = Mutex([Int: Result<Value, any Error>]())
        let running = DispatchGroup()
        for _ in 0..<min(jobs, count) {
            running.enter()
            Thread.detachNewThread {
                while case let index = next.add(1, ordering: .relaxed).oldValue, index < count {
                    let result = Result { try body(index) }
                    results.withLock { $0[index] = result }
                }
                running.leave()
            }
        }
        running.wait()
        return try results.withLock { results in
            try (0..<count).compactMap { try results[$0]?.get() }
        }
    }
}
