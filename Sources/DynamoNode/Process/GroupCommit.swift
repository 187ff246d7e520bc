import Dynamo
import NIOCore
import NIOPosix

/// Makes what was applied to the store durable, many requests with one sync of the disk.
///
/// One batch is written at a time, on a thread of its own. Whoever asks while it is being written waits for the next,
/// which takes everything applied until then: the busier the node, the more writes share a sync.
final class GroupCommit {
    /// Rows written from one checkpoint to the next.
    private static let rowsPerCheckpoint = 2_000

    private let store: any StorageEngine
    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool
    private var rowsSinceCheckpoint = 0
    private var isCheckpointing = false
    private var waiting: [UInt64] = []
    private var isWriting = false
    private var whenIdle: [() -> Void] = []

    /// How a batch ended: its tokens, the nanoseconds it took, and what went wrong if something did.
    struct Outcome {
        var tokens: [UInt64]
        var duration: Int64
        var failure: StoreError?
    }

    /// Told of every batch, on the event loop.
    var onOutcome: (Outcome) -> Void = { _ in }

    /// Told of a checkpoint that failed, on the event loop.
    var onCheckpointFailure: (StoreError) -> Void = { _ in }

    /// `threads`: one to write, and one for the checkpoint that is made now and then.
    init(store: any StorageEngine, eventLoop: any EventLoop, threads: NIOThreadPool) {
        self.store = store
        self.eventLoop = eventLoop
        self.threads = threads
    }

    /// Asks that everything applied to the store so far be durable. Nothing happens before ``writeIfIdle()``.
    func request(_ token: UInt64) { waiting.append(token) }

    /// Writes what has been applied, if somebody asked and nothing is being written.
    func writeIfIdle() {
        if !isWriting, !waiting.isEmpty { write() }
    }

    /// Writes everything applied, asked for or not, and calls `done` when nothing is left to write or the disk refuses.
    func finish(_ done: @escaping () -> Void) {
        whenIdle.append(done)
        if !isWriting { write() }
    }

    private func write() {
        let tokens = waiting
        waiting = []
        isWriting = true
        let batch = store.takeBatch()
        rowsSinceCheckpoint += batch.count
        let commit = store.commit
        let started = NIODeadline.now()
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        threads.submit { [eventLoop] _ in
            let failure: StoreError?
            do throws(StoreError) {
                try commit(batch)
                failure = nil
            } catch {
                failure = error
            }
            eventLoop.execute {
                let duration = (NIODeadline.now() - started).nanoseconds
                here.value.ended(Outcome(tokens: tokens, duration: duration, failure: failure))
            }
        }
    }

    private func ended(_ outcome: Outcome) {
        if outcome.failure == nil { store.committed() } else { store.refused() }
        isWriting = false
        onOutcome(outcome)
        checkpointIfDue()
        if whenIdle.isEmpty {
            writeIfIdle()
        } else if outcome.failure == nil, !waiting.isEmpty || store.hasPending {
            write()
        } else if !isCheckpointing {
            let callbacks = whenIdle
            whenIdle = []
            for callback in callbacks { callback() }
        }
    }

    private func checkpointIfDue() {
        if isCheckpointing || rowsSinceCheckpoint < Self.rowsPerCheckpoint || !whenIdle.isEmpty { return }
        isCheckpointing = true
        rowsSinceCheckpoint = 0
        let checkpoint = store.checkpoint
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        threads.submit { [eventLoop] _ in
            let failure: StoreError?
            do throws(StoreError) {
                try checkpoint()
                failure = nil
            } catch {
                failure = error
            }
            eventLoop.execute { here.value.checkpointEnded(failure) }
        }
    }

    private func checkpointEnded(_ failure: StoreError?) {
        isCheckpointing = false
        if let failure { onCheckpointFailure(failure) }
        if !whenIdle.isEmpty, !isWriting { write() }
    }
}
