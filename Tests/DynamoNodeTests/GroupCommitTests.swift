import Dynamo
import DynamoNode
import NIOCore
import NIOPosix
import Testing

@Suite("Batches of writes")
struct GroupCommitTests {
    /// A last answer closes the last connection, which makes the node finish, in the middle of what the end of a batch sets off.
    @Test func toFinishWhileABatchEndsWritesEverythingAndOnce() async throws {
        let directory = try TemporaryDirectory()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let loop = group.next()
        let finished = loop.makePromise(of: [UInt64].self)
        let path = directory.path
        try await loop.submit {
            let store = try SQLiteStore(directory: path)
            let commits = GroupCommit(store: store, eventLoop: loop, threads: threads)
            // Keeps it, and with it the store, until the end.
            let kept = NIOLoopBound(commits, eventLoop: loop)
            finished.futureResult.whenComplete { _ in _ = kept }
            var written: [UInt64] = []
            func apply(_ token: UInt64) {
                // A number can always be set.
                try? store.setNumber("n\(token)", token)
                commits.request(token)
            }
            commits.onOutcome = { [unowned commits] outcome in
                written += outcome.tokens
                if outcome.tokens.contains(1) {
                    apply(2)
                    commits.finish { finished.completeWith(Result { try store.close() }.map { written }) }
                    apply(3)
                }
            }
            // A first one who waits for everything to be written, so that each end of a batch begins the next.
            apply(1)
            commits.finish {}
        }.get()
        let written = try await finished.futureResult.get()
        #expect(written == [1, 2, 3])
        let again = try SQLiteStore(directory: path)
        for token: UInt64 in 1...3 { #expect(try again.number("n\(token)") == token) }
        try await threads.shutdownGracefully()
        try await group.shutdownGracefully()
    }
}
