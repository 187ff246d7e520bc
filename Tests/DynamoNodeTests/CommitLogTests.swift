import Causality
import Dynamo
import DynamoNode
import Foundation
import Testing

@Suite("The commit log")
struct CommitLogTests {
    /// A store that took batches one by one, of which the databases have none: the bytes of its log, and what was written.
    private final class Written {
        let directory: TemporaryDirectory
        let siblings: [Siblings]
        /// Of the first segment.
        let bytes: [UInt8]
        /// Where each record ends in them, and where its padding does.
        let payloadEnds: [Int]
        let ends: [Int]

        init(batches: Int, seed: UInt64) throws {
            let directory = try TemporaryDirectory()
            var objects = RandomObjects(seed: seed)
            let made = (0..<batches).map { _ in objects.siblings() }
            let store = try SQLiteStore(directory: directory.path)
            for (index, siblings) in made.enumerated() {
                try store.putObject(CommitLogTests.key(index), siblings)
                try store.putObject(CommitLogTests.shared, siblings)
                try store.putHint(CommitLogTests.hint(index, siblings))
                try store.setNumber("n", UInt64(index))
                try store.commit(store.takeBatch())
                store.committed()
            }
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: directory.path + "/log/1")))
            var ends: [Int] = []
            var payloadEnds: [Int] = []
            var place = 64
            while bytes[place..<(place + 8)].contains(where: { $0 != 0 }) {
                let length = bytes[(place + 8)..<(place + 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
                payloadEnds.append(place + 24 + length)
                place += (24 + length + 7) & ~7
                ends.append(place)
            }
            (self.directory, siblings, self.bytes) = (directory, made, bytes)
            (self.payloadEnds, self.ends) = (payloadEnds, ends)
        }

        /// Opens a store of the same databases with another first segment; nil: without one.
        func reopened(_ bytes: [UInt8]?) throws -> SQLiteStore {
            let segment = directory.path + "/log/1"
            try? FileManager.default.removeItem(atPath: segment)
            if let bytes { try Data(bytes).write(to: URL(fileURLWithPath: segment)) }
            return try SQLiteStore(directory: directory.path)
        }
    }

    private static let shared = Key(bucket: [9], name: [9])
    private static func key(_ index: Int) -> Key { Key(bucket: [1], name: [UInt8(index)]) }
    private static func hint(_ index: Int, _ siblings: Siblings) -> HintedObject {
        HintedObject(key: key(index), home: "n2", siblings: siblings, incarnation: UInt64(index), storedAt: 1)
    }

    /// Checks that a store has the first `count` batches, and nothing of those after them.
    private func expect(_ store: SQLiteStore, has count: Int, of written: Written, _ what: String) throws {
        for (index, siblings) in written.siblings.enumerated() {
            let expected = index < count ? siblings : nil
            #expect(try store.object(Self.key(index)) == expected, "\(what)")
            let hint = index < count ? Self.hint(index, siblings) : nil
            #expect(try store.hint(Self.key(index), home: "n2") == hint, "\(what)")
        }
        #expect(try store.object(Self.shared) == (count > 0 ? written.siblings[count - 1] : nil), "\(what)")
        #expect(try store.number("n") == (count > 0 ? UInt64(count - 1) : nil), "\(what)")
        #expect(store.objectCount == (count > 0 ? count + 1 : 0), "\(what)")
    }

    @Test("cut at any byte, it gives every batch before the cut, and says that it was cut")
    func cutAnywhere() throws {
        let written = try Written(batches: 4, seed: 21)
        #expect(written.ends.count == 4)
        for cut in 0...written.ends[3] {
            let store = try written.reopened(Array(written.bytes[..<cut]))
            try expect(store, has: written.payloadEnds.count { $0 <= cut }, of: written, "cut at \(cut)")
            #expect(store.hasLostWrites, "cut at \(cut)")
        }
    }

    @Test("a write torn at any byte is told from the end of the log, and takes nothing before it along")
    func tornAnywhere() throws {
        let written = try Written(batches: 4, seed: 22)
        for torn in stride(from: 64, through: written.ends[3], by: 3) {
            let zeros = Array(repeating: UInt8(0), count: written.bytes.count - torn)
            let bytes = Array(written.bytes[..<torn]) + zeros
            let store = try written.reopened(bytes)
            let whole = written.ends.last { bytes[..<$0] == written.bytes[..<$0] } ?? 64
            try expect(store, has: written.ends.count { $0 <= whole }, of: written, "torn at \(torn)")
            let isSpoilt = bytes[whole...].contains { $0 != 0 }
            #expect(store.hasLostWrites == isSpoilt, "torn at \(torn)")
        }
    }

    @Test("a bit that flipped costs the record that it is in, and is never taken for the end of the log")
    func rot() throws {
        let written = try Written(batches: 5, seed: 23)
        var objects = RandomObjects(seed: 24)
        for _ in 0..<200 {
            var bytes = written.bytes
            // The padding of a record may be anything: seven bytes at most.
            let record = objects.int(5)
            let start = record == 0 ? 64 : written.ends[record - 1]
            let place = start + objects.int(written.ends[record] - 7 - start)
            bytes[place] ^= 1 << UInt8(objects.int(8))
            let store = try written.reopened(bytes)
            #expect(store.hasLostWrites, "byte \(place)")
            for (index, siblings) in written.siblings.enumerated() {
                #expect(try store.object(Self.key(index)) == (index == record ? nil : siblings), "byte \(place)")
            }
        }
    }

    @Test("as it was left, nothing is amiss; without one of its files, something is")
    func files() throws {
        let written = try Written(batches: 3, seed: 25)
        let whole = try written.reopened(written.bytes)
        #expect(!whole.hasLostWrites)
        try expect(whole, has: 3, of: written, "whole")
        #expect(try written.reopened(nil).hasLostWrites)
        try FileManager.default.removeItem(atPath: written.directory.path + "/log/2")
        #expect(try written.reopened(written.bytes).hasLostWrites)
        try FileManager.default.removeItem(atPath: written.directory.path + "/log")
        #expect(try SQLiteStore(directory: written.directory.path).hasLostWrites)
    }

    @Test("the databases without the log that belongs to them are noticed, and so is the log without its databases")
    func strangers() throws {
        let written = try Written(batches: 2, seed: 26)
        let store = try written.reopened(written.bytes)
        try store.fill(try #require(store.takeFilling()))
        store.filled(ok: true)
        try store.putObject(Self.key(9), written.siblings[0])
        try store.commit(store.takeBatch())
        store.committed()
        #expect(!(try SQLiteStore(directory: written.directory.path)).hasLostWrites)
        for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: written.directory.path + "/" + name)
        }
        #expect(try SQLiteStore(directory: written.directory.path).hasLostWrites)
    }

    @Test(
        "a batch that cannot be written is refused, leaves no trace, and the next one is written when the disk allows")
    func refusal() throws {
        let directory = try TemporaryDirectory()
        var objects = RandomObjects(seed: 27)
        let store = try SQLiteStore(directory: directory.path)
        // The log cannot be written to while something else has its place.
        let log = directory.path + "/log"
        try FileManager.default.moveItem(atPath: log, toPath: log + "-away")
        try Data().write(to: URL(fileURLWithPath: log))
        let lost = objects.siblings(), kept = objects.siblings()
        try store.putObject(Self.key(1), lost)
        let batch = store.takeBatch()
        #expect(throws: StoreError.self) { try store.commit(batch) }
        store.refused()
        #expect(store.isFailing)
        #expect(try store.object(Self.key(1)) == nil)
        #expect(store.objectCount == 0)
        try FileManager.default.removeItem(atPath: log)
        try FileManager.default.moveItem(atPath: log + "-away", toPath: log)
        try store.putObject(Self.key(2), kept)
        try store.commit(store.takeBatch())
        store.committed()
        #expect(!store.isFailing)
        let reopened = try SQLiteStore(directory: directory.path)
        #expect(!reopened.hasLostWrites)
        #expect(try reopened.object(Self.key(1)) == nil)
        #expect(try reopened.object(Self.key(2)) == kept)
    }

    @Test("a closed store has all in its databases, and its log's files are used again, not heaped up")
    func segments() throws {
        let directory = try TemporaryDirectory()
        var objects = RandomObjects(seed: 28)
        let store = try SQLiteStore(directory: directory.path)
        var last = Siblings()
        for _ in 0..<12 {
            last = objects.siblings()
            try store.putObject(Self.shared, last)
            try store.commit(store.takeBatch())
            store.committed()
            try store.fill(try #require(store.takeFilling()))
            store.filled(ok: true)
            let files = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/log")
            #expect(files.count <= 4)
        }
        try store.close()
        let reopened = try SQLiteStore(directory: directory.path)
        #expect(!reopened.hasLostWrites)
        #expect(reopened.unfilled.rows == 0)
        #expect(try reopened.object(Self.shared) == last)
    }
}
