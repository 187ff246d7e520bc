import Foundation
import History
import Synchronization
import Workload

/// Takes down every event of a run in the order in which it is told of them, and seals them to disk as it goes, so that the
/// end of this process costs less than a second of history.
///
/// Time is stamped here, under the lock that also orders the lines: nanoseconds on the monotonic clock since the recorder began.
public final class Recorder: EventSink {
    /// How long an event may wait in memory, in milliseconds: the end of this process must cost less than a second of
    /// history, and larger blocks compress better.
    private static let sealInterval = 800
    /// The same when somebody watches, who wants to know soon.
    private static let watchedSealInterval = 200
    /// Times are whole microseconds: what wakes a client takes longer to do so, and a history is a quarter smaller.
    private static let resolution: Int64 = 1000
    /// How many events may wait in memory.
    private static let sealCount = 16_384

    private struct State: ~Copyable {
        var pending = History()
        var writer: NativeWriter
        var failure: String?
        var last: Int64 = 0
        var events = 0
    }

    public let path: String
    /// The run's beginning on the wall clock, in nanoseconds since 1970: what the times of captured packets are measured from.
    public let epoch: Int64
    private let began: UInt64
    private let state: Mutex<State>
    private let sealer: Repeater
    private let watch: (@Sendable (History) -> Void)?

    /// Begins a history at `path` with its header.
    ///
    /// Throws ``HistoryError`` when the file cannot be written.
    ///
    /// - Parameter watch: is shown the events as they are sealed, in their order, one part at a time.
    public init(path: String, header: Header, watch: (@Sendable (History) -> Void)? = nil) throws {
        self.path = path
        self.watch = watch
        var pending = History()
        pending.header = header
        state = Mutex(State(pending: pending, writer: try NativeWriter(path: path, header: header)))
        began = nanoseconds(on: CLOCK_MONOTONIC)
        epoch = Int64(nanoseconds(on: CLOCK_REALTIME))
        sealer = Repeater(milliseconds: watch == nil ? Self.sealInterval : Self.watchedSealInterval)
        sealer.start { [weak self] in self?.seal() }
    }

    /// Nanoseconds since the run began.
    public var now: Int64 { Int64(nanoseconds(on: CLOCK_MONOTONIC) &- began) }

    /// Events recorded so far.
    public var eventCount: Int { state.withLock { $0.events } }

    /// Why the history could not be written, once that happened: the run is worth nothing from then on.
    public var failure: String? { state.withLock { $0.failure } }

    public func record(_ draft: EventDraft) {
        state.withLock { state in
            var stamped = draft
            stamped.time = max(now / Self.resolution * Self.resolution, state.last)
            state.last = stamped.time
            state.pending.append(stamped)
            state.events += 1
            if state.pending.events.count >= Self.sealCount { seal(&state) }
        }
    }

    /// Writes what waits in memory.
    public func seal() { state.withLock { seal(&$0) } }

    private func seal(_ state: inout State) {
        guard !state.pending.events.isEmpty, state.failure == nil else { return }
        watch?(state.pending)
        do {
            try state.writer.append(state.pending)
            state.pending.events.removeAll(keepingCapacity: true)
            state.pending.versions.removeAll(keepingCapacity: true)
            state.pending.ids.removeAll(keepingCapacity: true)
            state.pending.clocks.removeAll(keepingCapacity: true)
            state.pending.extras.removeAll(keepingCapacity: true)
        } catch {
            state.failure = "\(error)"
        }
    }

    /// Seals the rest, closes the file and makes it as small as it gets; nothing may be recorded afterwards.
    public func close() throws {
        sealer.stop()
        try state.withLock { state in
            seal(&state)
            if let failure = state.failure { throw RecorderError(path: path, reason: failure) }
            try state.writer.close()
        }
        // A file that cannot be made smaller (no room for a second one, say) is whole all the same.
        try? NativeCompaction.compact(path: path)
    }
}

/// A history that could not be written.
public struct RecorderError: Error, CustomStringConvertible, Sendable {
    public let path: String
    public let reason: String
    public var description: String { "\(path): \(reason)" }
}

/// A clock's reading in nanoseconds.
private func nanoseconds(on clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
