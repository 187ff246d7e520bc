import Dynamo
import NIOCore
import NIOPosix

/// Makes what was applied to the store durable, many requests with one sync of the disk.
///
/// One batch is written to the commit log at a time, on a thread of its own. Whoever asks while it is being written waits
/// for the next, which takes everything applied until then: the busier the node, the more writes share a sync. Behind
/// it another thread fills the databases with what has gathered in the log.
public final class GroupCommit {
    /// What gathers in the log before the databases are filled with it: rows, bytes in memory, or time.
    private static let rowsPerFilling = 4_000
    private static let bytesPerFilling = 4 << 20
    private static let longestWait = TimeAmount.seconds(1)
    /// Beyond so many times that, writes wait until the databases have caught up.
    private static let patience = 4

    private let store: any StorageEngine
    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool
    private var waiting: [UInt64] = []
    private var isWriting = false
    private var isFilling = false
    private var isFillingDue = false
    private var fillingTimer: Scheduled<Void>?
    private var whenIdle: [() -> Void] = []
    /// What was applied is written, as far as the disk took it: the store is about to be closed.
    private var isFinished = false

    /// How a batch ended: its tokens, the nanoseconds it took, and what went wrong if something did.
    public struct Outcome: Sendable {
        public var tokens: [UInt64]
        public var duration: Int64
        public var failure: StoreError?
    }

    /// Told of every batch, on the event loop.
    public var onOutcome: (Outcome) -> Void = { _ in }

    /// Told, on the event loop, that the databases could not be filled: it will be tried again.
    public var onFillingFailure: (StoreError) -> Void = { _ in }

    /// `threads`: one to write, and one to fill the databases now and then.
    public init(store: any StorageEngine, eventLoop: any EventLoop, threads: NIOThreadPool) {
        self.store = store
        self.eventLoop = eventLoop
        self.threads = threads
    }

    /// Asks that everything applied to the store so far be durable. Nothing happens before ``writeIfIdle()``.
    public func request(_ token: UInt64) { waiting.append(token) }

    /// Writes what has been applied, if somebody asked and nothing is being written.
    public func writeIfIdle() {
        if !isWriting, !isFinished, !waiting.isEmpty, !isFarBehind { write() }
    }

    /// Writes everything applied, asked for or not, and calls `done` when nothing is left to write or the disk refuses.
    /// What is asked for after that is not written.
    public func finish(_ done: @escaping () -> Void) {
        whenIdle.append(done)
        fillingTimer?.cancel()
        if !isWriting { write() }
    }

    // MARK: The log

    private func write() {
        let tokens = waiting
        waiting = []
        isWriting = true
        let batch = store.takeBatch()
        let commit = store.commit
        let started = NIODeadline.now()
        run { () throws(StoreError) in
            try commit(batch)
        } ended: { commits, failure in
            let duration = (NIODeadline.now() - started).nanoseconds
            commits.ended(Outcome(tokens: tokens, duration: duration, failure: failure))
        }
    }

    private func ended(_ outcome: Outcome) {
        if outcome.failure == nil { store.committed() } else { store.refused() }
        isWriting = false
        // Between two batches: the next one goes to a segment that this filling does not free.
        fillIfDue()
        onOutcome(outcome)
        // Whoever was told may have asked to finish, and with that have begun the next batch, whose end comes here again.
        if isWriting { return }
        if whenIdle.isEmpty {
            writeIfIdle()
        } else if outcome.failure == nil, !waiting.isEmpty || store.hasPending {
            write()
        } else {
            becomeIdle()
        }
    }

    private func becomeIdle() {
        if isWriting || isFilling { return }
        isFinished = true
        let callbacks = whenIdle
        whenIdle = []
        for callback in callbacks { callback() }
    }

    // MARK: The databases

    /// The databases are being filled, and more has gathered meanwhile than memory is for. A disk that takes nothing is
    /// another matter: to wait for it would keep the node from saying so.
    private var isFarBehind: Bool { isFilling && !store.isFailing && exceeds(Self.patience) }

    private func exceeds(_ times: Int) -> Bool {
        let unfilled = store.unfilled
        return unfilled.rows >= times * Self.rowsPerFilling || unfilled.bytes >= times * Self.bytesPerFilling
    }

    private func fillIfDue() {
        if isFilling || isWriting || !whenIdle.isEmpty || store.unfilled.rows == 0 { return }
        if isFillingDue || (!store.isFailing && exceeds(1)) { return fill() }
        if fillingTimer != nil { return }
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        fillingTimer = eventLoop.scheduleTask(in: Self.longestWait) {
            here.value.fillingTimer = nil
            here.value.isFillingDue = true
            here.value.fillIfDue()
        }
    }

    private func fill() {
        guard let filling = store.takeFilling() else { return }
        isFilling = true
        isFillingDue = false
        let fill = store.fill
        run { () throws(StoreError) in
            try fill(filling)
        } ended: { commits, failure in
            commits.filled(failure)
        }
    }

    private func filled(_ failure: StoreError?) {
        isFilling = false
        store.filled(ok: failure == nil)
        if let failure { onFillingFailure(failure) }
        fillIfDue()
        if whenIdle.isEmpty { writeIfIdle() } else { becomeIdle() }
    }

    /// Runs `work` on another thread, and then `ended` on the event loop.
    private func run(
        _ work: @escaping @Sendable () throws(StoreError) -> Void,
        ended: @escaping @Sendable (GroupCommit, StoreError?) -> Void
    ) {
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        threads.submit { [eventLoop] _ in
            let failure: StoreError?
            do throws(StoreError) {
                try work()
                failure = nil
            } catch {
                failure = error
            }
            eventLoop.execute { ended(here.value, failure) }
        }
    }
}
