import History
import Testing

@Suite struct NativeTests {
    @Test(arguments: 0..<60) func carriesWhatTextCarries(seed: UInt64) throws {
        let original = RandomHistory.make(seed: seed, events: 300)
        let expected = text(original)
        for part in [Int.max, 7] {
            let read = try NativeReader.read(try native(original, part: part), file: "h")
            #expect(read.truncation == nil)
            #expect(text(read) == expected)
        }
        // And from text to native and back, where text has made its own choice of what is an unknown member.
        let parsed = try JSONLines.parse(Array(expected.utf8), file: "h")
        #expect(text(try NativeReader.read(try native(parsed), file: "h")) == text(parsed))
    }

    @Test(arguments: 0..<20) func draftsCarryEventsWithoutTheirVersionsExtras(seed: UInt64) throws {
        let original = RandomHistory.make(seed: seed, events: 200)
        var copy = History()
        copy.header = original.header
        for index in original.events.indices {
            var draft = original.draft(index)
            // A process of another name is known by the strings of its history.
            if let name = draft.process.otherName {
                draft.process = .other(name: copy.strings.intern(original.string(name)))
            }
            copy.append(draft)
        }
        var expected = original
        expected.versionExtras = [:]
        #expect(text(copy) == text(expected))
    }

    @Test func emptyHistoryIsWhole() throws {
        let read = try NativeReader.read(try native(History()), file: "h")
        #expect(read.truncation == nil)
        #expect(text(read) == text(History()))
    }

    @Test func longHistoriesTakeSeveralBlocks() throws {
        let history = SyntheticHistory.generate(events: 150_000, keys: 300, clients: 12, seed: 5)
        let bytes = try native(history)
        #expect(bytes.count < history.events.count * 6)
        let read = try NativeReader.read(bytes, file: "h")
        #expect(read.events.count == 150_000)
        #expect(JSONLines.text(of: read) == JSONLines.text(of: history))
    }

    @Test func manyNodesAndKeysDoWithoutPrediction() throws {
        var history = History()
        for index in 0..<40 {
            var draft = EventDraft(Int64(index), .client(Int64(index)), .ok, .get)
            draft.key = "k\(index)"
            let clock = (0..<80).map { DotDraft(actor: "n\(100 + $0)", counter: UInt64(index * $0)) }
            draft.list = .versions([
                VersionDraft(id: "v\(index)", dot: DotDraft(actor: "n\(index)", counter: UInt64.max), clock: clock)
            ])
            history.append(draft)
        }
        #expect(text(try NativeReader.read(try native(history), file: "h")) == text(history))
    }

    @Test func largeEventsAreSealedByThemselves() throws {
        var history = History()
        for index in 0..<4 {
            var draft = EventDraft(Int64(index), .client(Int64(index)), .ok, .get)
            draft.key = "k"
            draft.list = .versions((0..<400_000).map { VersionDraft(id: "\(index)-\($0)") })
            history.append(draft)
        }
        let read = try NativeReader.read(try native(history), file: "h")
        #expect(JSONLines.text(of: read) == JSONLines.text(of: history))
    }

    @Test func tooLargeAnEventIsAnError() throws {
        var history = History()
        var draft = EventDraft(0, .client(0), .ok, .get)
        draft.list = .versions((0..<1_100_000).map { _ in VersionDraft(id: "a") })
        history.append(draft)
        #expect(throws: HistoryError.self) { try native(history) }
    }

    @Test func partsMayShareAGrowingInterner() throws {
        let directory = try TemporaryDirectory()
        var recorder = History()
        var all = History()
        let writer = try NativeWriter(path: directory.file("h.dyno"), header: recorder.header)
        for index in 0..<500 {
            var draft = EventDraft(Int64(index), .client(0), index % 2 == 0 ? .invoke : .ok, .put)
            draft.key = "k\(index / 2 % 10)"
            draft.value = "0-\(index / 2)"
            if index % 2 == 0 && index > 20 { draft.list = .ids(["0-\(index / 2 - 10)"]) }
            recorder.append(draft)
            all.append(draft)
            guard index % 50 == 49 else { continue }
            try writer.append(recorder, synchronize: index == 99)
            recorder.events.removeAll()
            recorder.ids.removeAll()
            #expect(writer.eventsWritten == index + 1)
        }
        // Not closed: what a reader finds while the run lives, or after it was killed.
        let alive = try HistoryFile.read(path: directory.file("h.dyno"))
        #expect(alive.truncation?.bytesLost == 0)
        #expect(text(alive) == text(all))
        try writer.close()
        #expect(try HistoryFile.read(path: directory.file("h.dyno")).truncation == nil)
        #expect(throws: HistoryError.self) { try writer.append(all) }
    }
}

/// Files that are cut or changed give the truth, an error, or a stated loss.
@Suite struct DamageTests {
    private static let original = RandomHistory.make(seed: 11, events: 40)

    @Test func cutAnywhere() throws {
        let whole = try native(Self.original, part: 10)
        let parts = (0...4).map { text(Self.original.prefix($0 * 10)) }
        var lengths: Set<Int> = []
        for length in 0..<whole.count {
            do throws(HistoryError) {
                let read = try NativeReader.read(Array(whole[..<length]), file: "h")
                let bytesLost = read.truncation?.bytesLost ?? -1
                #expect(bytesLost >= 0 && bytesLost < length)
                #expect(read.events.count % 10 == 0)
                #expect(text(read) == parts[read.events.count / 10])
                lengths.insert(read.events.count)
            } catch {
                // Only where the file header itself is not all there.
                #expect(length < 16 + 4 + parts[0].utf8.count, "\(length): \(error)")
                #expect(error.reason.contains("header is cut short"))
            }
        }
        #expect(lengths == [0, 10, 20, 30, 40])
    }

    @Test func everySingleBitFlipped() throws {
        let whole = try native(Self.original, part: 10)
        let expected = text(Self.original)
        var changed = whole
        var (errors, truncations) = (0, 0)
        for bit in 0..<whole.count * 8 {
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            do throws(HistoryError) {
                let read = try NativeReader.read(changed, file: "h")
                #expect(read.truncation != nil, "bit \(bit)")
                #expect(expected.hasPrefix(text(read)), "bit \(bit)")
                truncations += 1
            } catch { errors += 1 }
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(errors > 0 && truncations > 0 && errors + truncations == whole.count * 8)
    }

    @Test func damageInAClosedFileIsAnErrorWithItsPlace() throws {
        var bytes = try native(Self.original, part: 10)
        bytes[bytes.count / 2] ^= 1
        let error = try #require(failure { () throws(HistoryError) in try NativeReader.read(bytes, file: "h.dyno") })
        #expect(error.description.hasPrefix("h.dyno: byte "))
        #expect(error.reason.hasPrefix("a damaged block: "))
    }

    @Test func blocksThatChangePlacesAreNotRead() throws {
        let one = try native(Self.original.prefix(20), part: 10)
        let header = try native(Self.original.prefix(0))
        let start = header.count - 32 - 12
        let lengths = (0...1).map { block in
            let offset = block == 0 ? start : start + 48 + length(one, start)
            return 48 + length(one, offset)
        }
        let (first, second) = (
            one[start..<start + lengths[0]], one[(start + lengths[0])..<(start + lengths[0] + lengths[1])]
        )
        let swapped = try NativeReader.read(Array(one[..<start]) + second + first, file: "h")
        #expect(swapped.events.isEmpty)
        #expect(swapped.truncation?.bytesLost == lengths[0] + lengths[1])
        let doubled = try NativeReader.read(Array(one[..<start]) + first + first, file: "h")
        #expect(doubled.events.count == 10)
        #expect(doubled.truncation?.bytesLost == lengths[0])
    }

    /// The length of the payload of the block at `offset`.
    private func length(_ bytes: [UInt8], _ offset: Int) -> Int {
        bytes[offset + 4..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
