import History
import Testing

/// Blocks found by the index, files written anew, and files read while they grow.
@Suite struct BlockAccessTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// 30 blocks of 100 events; each has keys of its own, and all have `common`.
    private func writeBlocks(close: Bool = true) throws -> History {
        var all = History()
        for index in 0..<3000 {
            var draft = EventDraft(Int64(index) * 1000, .client(Int64(index)), .invoke, .get)
            draft.key = index % 100 == 50 ? "common" : "k\(index / 100)-\(index % 10)"
            all.append(draft)
        }
        let writer = try NativeWriter(path: directory.file("h.dyno"), header: all.header)
        for block in 0..<30 { try writer.append(all.part(block * 100..<(block + 1) * 100)) }
        if close { try writer.close() }
        return all
    }

    @Test func aKeyIsFoundWithoutReadingTheRest() throws {
        let all = try writeBlocks()
        for key in ["k7-3", "k29-0", "common", "nobody"] {
            var (found, read): ([Int], Int) = ([], 0)
            let truncation = try HistoryFile.forEachBlock(
                path: directory.file("h.dyno"), where: { $0.mayHold(key: key) }
            ) { (history: History, first: Int) throws(HistoryError) in
                read += 1
                found += history.events.indices.filter { history.string(history.events[$0].key) == key }.map {
                    first + $0
                }
                return true
            }
            #expect(truncation == nil)
            #expect(found == all.events.indices.filter { all.string(all.events[$0].key) == key })
            #expect(key == "common" ? read == 30 : read < 8, "\(key): \(read) blocks")
        }
    }

    @Test func timesAndNumbersLeadToTheirBlocks() throws {
        _ = try writeBlocks()
        var firsts: [Int] = []
        try HistoryFile.forEachBlock(
            path: directory.file("h.dyno"),
            where: { $0.times.overlaps(1_250_000...1_310_000) || $0.events.contains(2999) }
        ) { (_, first) throws(HistoryError) in
            firsts.append(first)
            return true
        }
        #expect(firsts == [1200, 1300, 2900])
    }

    @Test func aFileWithoutIndexIsReadAsAWhole() throws {
        _ = try writeBlocks(close: false)
        var events = 0
        let truncation = try HistoryFile.forEachBlock(path: directory.file("h.dyno"), where: { _ in false }) {
            (history, _) throws(HistoryError) in
            events += history.events.count
            return true
        }
        #expect(events == 3000 && truncation?.bytesLost == 0)
    }

    @Test(arguments: 0..<20) func compactionKeepsTheHistory(seed: UInt64) throws {
        let original = RandomHistory.make(seed: seed, events: 400)
        let path = directory.file("h.dyno")
        try directory.write(native(original, part: 9), to: "h.dyno")
        let before = try directory.bytes("h.dyno").count
        try NativeCompaction.compact(path: path)
        #expect(text(try HistoryFile.read(path: path)) == text(original))
        #expect(try directory.bytes("h.dyno").count < before / 2)
    }

    @Test func compactionOfAnUnfinishedFileChangesNothing() throws {
        _ = try writeBlocks(close: false)
        let before = try directory.bytes("h.dyno")
        #expect(throws: HistoryError.self) { try NativeCompaction.compact(path: directory.file("h.dyno")) }
        #expect(try directory.bytes("h.dyno") == before)
    }

    @Test func compactionReadsWhatTheDiskSpoilt() throws {
        _ = try writeBlocks()
        var bytes = try directory.bytes("h.dyno")
        bytes[bytes.count / 2] ^= 1
        try directory.write(bytes, to: "h.dyno")
        #expect(throws: HistoryError.self) { try NativeCompaction.compact(path: directory.file("h.dyno")) }
        #expect(try directory.bytes("h.dyno") == bytes)
    }

    /// What a follower saw, as text.
    private func look(_ follower: inout HistoryFollower, _ seen: inout Int) throws -> String {
        switch try follower.next() {
        case .events(let history, let firstIndex):
            #expect(firstIndex == seen)
            seen += history.events.count
            return "events"
        case .nothing: return "nothing"
        case .closed: return "closed"
        case .abandoned: return "abandoned"
        }
    }

    @Test func aGrowingFileIsFollowed() throws {
        let history = RandomHistory.make(seed: 4, events: 60)
        let writer = try NativeWriter(path: directory.file("h.dyno"), header: history.header)
        var follower = try HistoryFollower(path: directory.file("h.dyno"))
        var seen = 0
        #expect(try look(&follower, &seen) == "nothing")
        for block in 0..<3 {
            try writer.append(history.part(block * 20..<(block + 1) * 20))
            #expect(try look(&follower, &seen) == "events")
            #expect(try look(&follower, &seen) == "nothing")
        }
        try writer.close()
        #expect(try look(&follower, &seen) == "closed")
        #expect(seen == 60)
    }

    @Test func whatIsHalfWrittenIsWaitedFor() throws {
        let whole = try native(RandomHistory.make(seed: 4, events: 40), part: 20)
        let held = try NativeWriter(path: directory.file("raw"), header: Header())
        // Every length in turn, as a reader may find it; a writer holds the file all the time.
        var follower: HistoryFollower?
        var (seen, lengths) = (0, [0])
        for length in 1...whole.count {
            try directory.write(Array(whole[..<length]), to: "raw")
            if follower == nil { follower = try? HistoryFollower(path: directory.file("raw")) }
            guard follower != nil else { continue }
            let sight = try look(&follower!, &seen)
            if seen != lengths.last { lengths.append(seen) }
            #expect(sight == "nothing" || sight == "events" || length == whole.count)
        }
        #expect(lengths == [0, 20, 40])
        withExtendedLifetime(held) {}
    }

    @Test func aWriterThatIsGoneIsNoticed() throws {
        let history = RandomHistory.make(seed: 4, events: 20)
        var writer: NativeWriter? = try NativeWriter(path: directory.file("h.dyno"), header: history.header)
        try writer?.append(history)
        var follower = try HistoryFollower(path: directory.file("h.dyno"))
        writer = nil
        var seen = 0
        #expect(try look(&follower, &seen) == "events")
        #expect(try look(&follower, &seen) == "abandoned")
    }

    @Test func aFileThatWasMadeSmallerIsClosed() throws {
        let history = RandomHistory.make(seed: 4, events: 20)
        let writer = try NativeWriter(path: directory.file("h.dyno"), header: history.header)
        var follower = try HistoryFollower(path: directory.file("h.dyno"))
        try writer.append(history)
        try writer.close()
        try NativeCompaction.compact(path: directory.file("h.dyno"))
        var seen = 0
        #expect(try look(&follower, &seen) == "events")
        #expect(try look(&follower, &seen) == "closed")
    }
}
