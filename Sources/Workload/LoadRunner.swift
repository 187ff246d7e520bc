import History
import NIOCore

/// Runs the client processes of a workload against a store. Everything it does happens on one event loop.
public actor LoadRunner {
    /// - Parameters:
    ///   - seed: replaces the workload's own, so that one file serves many runs.
    ///   - sink: takes every invocation and completion.
    public init(workload: Workload, seed: UInt64, endpoints: [NodeEndpoint], sink: any EventSink, eventLoop: any EventLoop) {}

    /// The load as it stands now; from any thread.
    public nonisolated var snapshot: LoadSnapshot { LoadSnapshot() }

    /// Runs until the workload's length is reached and `atLeast` has passed, or ``stop()``.
    /// Ends within a client timeout after that.
    public func runLoad(atLeast: Duration = .zero) async -> LoadResult { LoadResult() }

    /// Lets ``runLoad(atLeast:)`` end once the operations in flight are completed; from any thread.
    public nonisolated func stop() {}

    /// Reads each of `keys` (nil: every key that the load wrote) through two different nodes, with `r` of the workload's
    /// `final-reads`; failed reads are tried again, elsewhere, until `timeout`.
    public func runFinalReads(keys: [String]? = nil, timeout: Duration) async -> FinalReadResult { FinalReadResult() }
}
