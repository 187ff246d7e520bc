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
    /// How many events may wait in memory until whoever brings the next one has to seal them.
    private static let sealCount = 262_144

    private struct State: ~Copyable {
        var pending: History
        var failure: String?
        var last: Int64 = 0
        var events = 0
    }

    /// What writes the file. Its lock is taken before that of the state, and only by who seals: who records an event never
    /// waits while a block is compressed.
    private struct Sealing: ~Copyable {
        var writer: NativeWriter
        var header: Header
    }

    public let path: String
    /// The run's beginning on the wall clock, in nanoseconds since 1970: what the times of captured packets are measured from.
    public let epoch: Int64
    private let began: UInt64
    private let state: Mutex<State>
    private let sealing: Mutex<Sealing>
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
        state = Mutex(State(pending: pending))
        sealing = Mutex(Sealing(writer: try NativeWriter(path: path, header: header), header: header))
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
        let isFull = state.withLock { state in
            var stamped = draft
            stamped.time = max(now / Self.resolution * Self.resolution, state.last)
            state.last = stamped.time
            state.pending.append(stamped)
            state.events += 1
            return state.pending.events.count >= Self.sealCount
        }
        if isFull { seal() }
    }

    /// Writes what waits in memory.
    public func seal() { sealing.withLock { seal(&$0) } }

    private func seal(_ sealing: inout Sealing) {
        // Strings of their own: what a part costs does not grow with the run.
        var next = History()
        next.header = sealing.header
        let part = state.withLock { state in
            if state.failure != nil { return History() }
            swap(&state.pending, &next)
            return next
        }
        guard !part.events.isEmpty else { return }
        watch?(part)
        do { try sealing.writer.append(part) } catch {
            state.withLock { $0.failure = "\(error)" }
        }
    }

    /// Seals the rest, closes the file and makes it as small as it gets; nothing may be recorded afterwards.
    public func close() throws {
        sealer.stop()
        try sealing.withLock { sealing in
            seal(&sealing)
            if let failure { throw RecorderError(path: path, reason: failure) }
            try sealing.writer.close()
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
