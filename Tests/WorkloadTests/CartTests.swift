import Testing
import Workload

/// What a client writes into a cart after it read several versions of it.
@Suite struct CartTests {
    private static func generator() -> Generator {
        var workload = Workload(name: "cart")
        workload.merge = .cart
        workload.mix = Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 0)
        workload.keys = KeySpace(count: 1)
        workload.valueSize = 24
        return Generator(workload: workload, seed: 9)
    }

    private static func items(_ payload: [UInt8]) -> Set<String> {
        let fields = String(decoding: payload, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
        return fields.count > 1 ? Set(fields[1].split(separator: ",").map(String.init)) : []
    }

    /// The cart that a put carries after a read of `siblings`, for process after process.
    private static func writes(after siblings: [StoredVersion], count: Int64) -> [(id: String, items: Set<String>)] {
        var generator = generator()
        return (0..<count).compactMap { process in
            generator.learn(ReadAnswer(versions: siblings, context: [1]), from: generator.next(process: process))
            guard let write = generator.next(process: process).write else { return nil }
            return (write.id, items(write.payload))
        }
    }

    @Test func aWriteIsTheUnionOfTheSiblingsPlusOneOrLessOne() {
        let siblings = [
            StoredVersion(payload: Array("7-1|a,b|...".utf8)), StoredVersion(payload: Array("8-1|b,c".utf8)),
            StoredVersion(payload: Array("9-1|".utf8)), StoredVersion(payload: Array("9-2".utf8)),
            StoredVersion(payload: Array("9-3".utf8), tombstone: true),
        ]
        let union: Set<String> = ["a", "b", "c"]
        var added = 0, removed = 0
        for (id, items) in Self.writes(after: siblings, count: 400) {
            if items == union.union([id]) { added += 1 }
            if items.isSubset(of: union), items.count == 2 { removed += 1 }
        }
        #expect(added + removed == 400)
        #expect(abs(removed - 100) < 30)
    }

    @Test func aFullCartIsOnlyTakenFrom() {
        let full = (0..<20).map { "i\($0)" }
        let siblings = [StoredVersion(payload: Array("7-1|\(full.joined(separator: ","))".utf8))]
        for (_, items) in Self.writes(after: siblings, count: 50) {
            #expect(items.isSubset(of: full) && items.count == 19)
        }
    }

    @Test func anEmptyCartIsAddedTo() {
        for (id, items) in Self.writes(after: [], count: 50) { #expect(items == [id]) }
    }

    /// Every client reads what the last one wrote: whatever was added is there until it was taken out.
    @Test func noAddIsLostFromReadToWrite() {
        var generator = Self.generator()
        var current: [StoredVersion] = []
        var before: Set<String> = []
        for round in 0..<500 {
            let process = Int64(round)
            generator.learn(ReadAnswer(versions: current, context: [1]), from: generator.next(process: process))
            guard let write = generator.next(process: process).write else {
                Issue.record("no write")
                return
            }
            let items = Self.items(write.payload)
            #expect(items.symmetricDifference(before).count == 1)
            // What goes into the history is what goes to the store.
            #expect(write.items.map { Set($0) } == items)
            before = items
            current = [StoredVersion(payload: write.payload)]
        }
    }

    @Test func idsAreReadBackFromAnyPayload() {
        #expect(ValueForm.id(of: "3-41|a,b|....") == "3-41")
        #expect(ValueForm.id(of: "3-41") == "3-41")
        #expect(ValueForm.id(of: "") == "")
        #expect(ValueForm.id(of: [0xFF, 0x7C]) == "\u{FFFD}")
        #expect(ValueForm.id(of: String(repeating: "x", count: 1_000_000)).count == 128)
    }
}
