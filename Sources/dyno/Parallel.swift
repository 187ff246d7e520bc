import Dispatch
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
}
