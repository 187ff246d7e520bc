import Controller
import Foundation
import History
import Synchronization
import Testing

/// What is recorded reaches the file, whoever watches, in the order in which it was told.
@Suite struct RecorderTests {
    private static func withFile(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "recorder-\(UUID().uuidString).dyno"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func nothingIsLostAndTheFileIsCompacted() throws {
        try Self.withFile { path in
            let seen = Mutex<[String]>([])
            let recorder = try Recorder(path: path, header: Header()) { part in
                seen.withLock { seen in seen += part.events.map { part.string($0.value) } }
            }
            let drafts = SyntheticHistory.drafts(events: 4000, keys: 20, clients: 5, seed: 2)
            for (index, draft) in drafts.enumerated() {
                recorder.record(draft)
                // As often as a slow run would, so that there are many blocks.
                if index % 50 == 49 { recorder.seal() }
            }
            #expect(recorder.eventCount == drafts.count)
            try recorder.close()
            #expect(recorder.failure == nil)

            let history = try HistoryFile.read(path: path)
            #expect(history.truncation == nil)
            #expect(history.events.count == drafts.count)
            for (index, draft) in drafts.enumerated() {
                var read = history.draft(index)
                #expect(read.time % 1000 == 0)
                read.time = draft.time
                #expect(read == draft, "event \(index)")
            }
            #expect(zip(history.events, history.events.dropFirst()).allSatisfy { $0.time <= $1.time })
            #expect(seen.withLock { $0 } == drafts.map { $0.value ?? "" })
            var blocks = 0
            try HistoryFile.forEachBlock(path: path) { (_, _) throws(HistoryError) in
                blocks += 1
                return true
            }
            #expect(blocks == 1)
            #expect(!FileManager.default.fileExists(atPath: path + ".compact"))
        }
    }

    @Test func whatIsSealedCanBeReadWhileTheRunLives() throws {
        try Self.withFile { path in
            let recorder = try Recorder(path: path, header: Header())
            var follower = try HistoryFollower(path: path)
            for draft in SyntheticHistory.drafts(events: 500, keys: 5, clients: 2, seed: 2) { recorder.record(draft) }
            recorder.seal()
            var events = 0
            while events < recorder.eventCount, case .events(let part, let first) = try follower.next() {
                #expect(first == events)
                events += part.events.count
            }
            #expect(events == recorder.eventCount)
            guard case .nothing = try follower.next() else {
                Issue.record("the recorder still holds its file")
                return
            }
            try recorder.close()
            guard case .closed = try follower.next() else {
                Issue.record("the file was closed")
                return
            }
        }
    }
}
