import History
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A text that is too long for memory goes to a temporary file, and nothing of it is lost.
@Suite struct HistoryIntakeTests {
    private static func history() -> History {
        var history = SyntheticHistory.generate(events: 100_000, keys: 30, clients: 5, seed: 8)
        history.header.name = "long"
        for index in stride(from: 0, to: history.events.count, by: 7) { history.extras[index] = "\"note\":\(index)" }
        return history
    }

    private static func drafts(_ source: BlockSource) throws -> (drafts: [EventDraft], header: Header?, blocks: Int) {
        var drafts: [EventDraft] = []
        var header: Header?
        var blocks = 0
        try source.forEachBlock { (block, firstIndex) throws(HistoryError) in
            #expect(firstIndex == drafts.count)
            drafts += block.events.indices.map { block.draft($0) }
            header = block.header
            blocks += 1
        }
        return (drafts, header, blocks)
    }

    @Test(arguments: [".jsonl", ".jsonl.gz"]) func longTexts(ending: String) throws {
        let path = "/tmp/history-intake-tests-\(UInt64.random(in: 0...UInt64.max))\(ending)"
        defer { remove(path) }
        let history = Self.history()
        try HistoryFile.write(history, to: path)
        let short = try HistoryIntake(path: path, memory: 1 << 30, directory: "/tmp")
        #expect(!short.isSpooled && short.whole != nil)
        let long = try HistoryIntake(path: path, memory: 1 << 20, directory: "/tmp")
        #expect(long.isSpooled && long.whole == nil)
        let wanted = history.events.indices.map { history.draft($0) }
        let found = try Self.drafts(long.source)
        #expect(found.drafts == wanted && found.header == history.header && found.blocks > 1)
        #expect(try Self.drafts(short.source).drafts == wanted)
        let partition = try long.partition(PartitionSettings())
        #expect(partition.eventCount == wanted.count && !partition.isMalformed)
    }

    @Test func nativeFilesAreReadWhereTheyAre() throws {
        let path = "/tmp/history-intake-tests-\(UInt64.random(in: 0...UInt64.max)).dyno"
        defer { remove(path) }
        try HistoryFile.write(Self.history(), to: path)
        let intake = try HistoryIntake(path: path, memory: 1 << 20, directory: "/tmp")
        #expect(!intake.isSpooled && intake.whole == nil && intake.source.name == path)
        #expect(throws: HistoryError.self) { try HistoryIntake(path: path + "x", memory: 1 << 20, directory: "/tmp") }
    }

    /// The line of an error is that of the text, however much of it has gone.
    @Test func errorsNameTheLine() throws {
        let path = "/tmp/history-intake-tests-\(UInt64.random(in: 0...UInt64.max)).jsonl"
        defer { remove(path) }
        try HistoryFile.write(Self.history(), to: path)
        let file = try #require(fopen(path, "a"))
        fputs("{\"time\":1}\n", file)
        fclose(file)
        let error = #expect(throws: HistoryError.self) {
            try HistoryIntake(path: path, memory: 1 << 20, directory: "/tmp")
        }
        #expect(error?.line == Self.history().events.count + 2)
    }
}
