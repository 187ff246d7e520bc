import Causality
import Dynamo
import DynamoNode
import Foundation
import GRDB
import Testing

@Suite("The store on disk")
struct SQLiteStoreTests {
    @Test("it reads as a model in memory does, through commits, refusals and crashes", arguments: [UInt64(1), 2, 3, 4])
    func model(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var objects = RandomObjects(seed: seed)
        var store = try SQLiteStore(directory: directory.path)
        var model = StoreModel()
        var batch = WriteBatch()
        for step in 0..<1_500 {
            switch objects.int(20) {
            case 0 where model.writing == nil:
                batch = store.takeBatch()
                model.take()
            case 1, 2:
                if model.writing != nil {
                    try store.commit(batch)
                    store.committed()
                    model.commit()
                }
            case 3:
                store.refused()
                model.refuse()
            case 4 where model.writing == nil:
                // What is made of a filling makes no difference to readers: done, failed or never heard of again.
                if let filling = store.takeFilling() {
                    if objects.flag() { try store.fill(filling) }
                    if objects.flag() { try store.fill(filling) }
                    if objects.int(4) > 0 { store.filled(ok: (try? store.fill(filling)) != nil) }
                }
            case 5 where step % 5 == 0:
                // Nothing is closed: as after kill -9, the next one finds what was committed.
                store = try SQLiteStore(directory: directory.path)
                model.crash()
            default: try apply(&objects, store, &model)
            }
            try compare(store, model, &objects)
        }
    }

    @Test("a commit is on disk for another process to see, what was only applied is not")
    func durability() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(directory: directory.path)
        var objects = RandomObjects(seed: 7)
        let first = objects.siblings(), second = objects.siblings()
        let key = Key(bucket: [1], name: [1]), other = Key(bucket: [1], name: [2])
        try store.putObject(key, first)
        try store.commit(store.takeBatch())
        store.committed()
        try store.putObject(other, second)
        let reopened = try SQLiteStore(directory: directory.path)
        #expect(try reopened.object(key) == first)
        #expect(try reopened.object(other) == nil)
        #expect(try store.object(other) == second)
    }

    @Test("a row that was tampered with is an error that names its key and file, and costs no other row")
    func corruption() throws {
        let directory = try TemporaryDirectory()
        var objects = RandomObjects(seed: 8)
        let store = try SQLiteStore(directory: directory.path)
        let bad = Key(bucket: Array("cart".utf8), name: Array("1".utf8))
        let good = Key(bucket: Array("cart".utf8), name: Array("2".utf8))
        for key in [bad, good] { try store.putObject(key, objects.siblings()) }
        try store.commit(store.takeBatch())
        store.committed()
        try store.close()
        let file = directory.path + "/data.sqlite"
        try DatabaseQueue(path: file).write { db in
            let tampering = "UPDATE objects SET siblings = siblings || x'00' WHERE key = ?"
            try db.execute(sql: tampering, arguments: [Data(bad.name)])
        }
        let reopened = try SQLiteStore(directory: directory.path)
        var found: [StoreError] = []
        reopened.onCorruptRow = { found.append($0) }
        let expected = StoreError.corruptRow(path: file, key: "cart/1")
        #expect(throws: expected) { try reopened.object(bad) }
        #expect(try reopened.object(good) != nil)
        var seen: [Key] = []
        try reopened.forEachObject { key, _ in seen.append(key) }
        #expect(seen == [good])
        #expect(found == [expected])
        let mended = objects.siblings()
        try reopened.putObject(bad, mended)
        #expect(try reopened.object(bad) == mended)
        #expect(reopened.objectCount == 2)
    }

    @Test("a file that is no database, or of another format, is one clear error")
    func unusableFiles() throws {
        let directory = try TemporaryDirectory()
        try Data(repeating: 0x55, count: 8_192).write(to: URL(fileURLWithPath: directory.path + "/data.sqlite"))
        #expect(throws: StoreError.self) { try SQLiteStore(directory: directory.path) }
        let other = try TemporaryDirectory()
        try DatabaseQueue(path: other.path + "/data.sqlite").write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let expected = StoreError.unknownFormat(path: other.path + "/data.sqlite", version: 99)
        #expect(throws: expected) { try SQLiteStore(directory: other.path) }
    }

    @Test("hints come in pages, in order, however many there are")
    func pages() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(directory: directory.path)
        var objects = RandomObjects(seed: 9)
        var keys: [Key] = []
        for index in 0..<500 {
            let key = Key(bucket: [UInt8(index % 3)], name: Array("\(index)".utf8))
            keys.append(key)
            try store.putHint(HintedObject(key: key, home: "n2", siblings: objects.siblings(), incarnation: 3))
            // Some are on disk, some only applied, some deleted again.
            if index == 250 { try store.commit(store.takeBatch()) }
            if index == 251 { store.committed() }
            if index % 7 == 0 {
                try store.deleteHint(key, home: "n2")
                keys.removeLast()
            }
        }
        var found: [Key] = []
        while true {
            let page = try store.hints(home: "n2", after: found.last, limit: 33)
            if page.isEmpty { break }
            found += page.map(\.key)
        }
        #expect(found == keys.sorted())
        #expect(try store.hintCounts() == ["n2": keys.count])
    }

    @Test("one node a directory")
    func lock() throws {
        let directory = try TemporaryDirectory()
        let lock = try DirectoryLock(directory: directory.path)
        let expected = StoreError.inUse(directory: directory.path, holder: "process \(getpid())")
        #expect(throws: expected) { try DirectoryLock(directory: directory.path) }
        withExtendedLifetime(lock) {}
    }

    private func apply(_ objects: inout RandomObjects, _ store: SQLiteStore, _ model: inout StoreModel) throws {
        let key = objects.key()
        let home = "n\(1 + objects.int(3))"
        switch objects.int(8) {
        case 0, 1, 2:
            let siblings = objects.siblings()
            try store.putObject(key, siblings)
            model.applied.objects[key] = .some(siblings)
        case 7:
            try store.deleteObject(key)
            model.applied.objects[key] = .some(nil)
        case 3, 4:
            let hint = HintedObject(
                key: key, home: home, siblings: objects.siblings(), incarnation: objects.random.next())
            try store.putHint(hint)
            model.applied.hints[.init(home: home, key: key)] = .some(hint)
        case 5:
            try store.deleteHint(key, home: home)
            model.applied.hints[.init(home: home, key: key)] = .some(nil)
        default:
            let value = objects.random.next()
            try store.setNumber(home, value)
            model.applied.numbers[home] = value
            var properties = BucketProperties()
            properties.n = 1 + objects.int(5)
            properties.w = .count(objects.int(4))
            properties.allowMultiple = objects.flag()
            properties.nodeConfirms = .count(objects.int(3))
            properties.notfoundOK = objects.flag()
            let entry = BucketEntry(bucket: key.bucket, properties: properties, version: value, setBy: home)
            try store.putBucket(entry)
            model.applied.buckets[key.bucket] = entry
        }
    }

    private func compare(_ store: SQLiteStore, _ model: StoreModel, _ objects: inout RandomObjects) throws {
        let view = model.view
        let key = objects.key()
        let home = "n\(1 + objects.int(3))"
        let stored = model.objects
        #expect(try store.object(key) == stored[key])
        if objects.int(12) == 0 { try compareRanges(store, model, &objects) }
        #expect(try store.hint(key, home: home) == view.hints[.init(home: home, key: key)] ?? nil)
        #expect(try store.hints(key) == model.hints.filter { $0.key == key }.sorted { $0.home < $1.home })
        let after = objects.flag() ? objects.key() : nil
        let limit = 1 + objects.int(6)
        let ofHome = model.hints.filter { hint in hint.home == home && (after.map { $0 < hint.key } ?? true) }
        let expected = Array(ofHome.sorted { $0.key < $1.key }.prefix(limit))
        #expect(try store.hints(home: home, after: after, limit: limit) == expected)
        #expect(try store.hintCounts() == Dictionary(grouping: model.hints, by: \.home).mapValues(\.count))
        #expect(try store.number(home) == view.numbers[home])
        let buckets = view.buckets.values.sorted { $0.bucket.lexicographicallyPrecedes($1.bucket) }
        #expect(try store.buckets() == buckets)
        #expect(store.objectCount == stored.count)
        var seen: [Key: Siblings] = [:]
        try store.forEachObject { key, siblings in
            #expect(seen.updateValue(siblings, forKey: key) == nil)
        }
        #expect(seen == stored)
    }

    /// Entries of a random range, from a random key on.
    private func compareRanges(_ store: SQLiteStore, _ model: StoreModel, _ objects: inout RandomObjects) throws {
        let ends = [objects.key().position, objects.key().position].sorted()
        let after = objects.flag() ? objects.key() : nil
        let limit = 1 + objects.int(8)
        let expected = model.entries.filter { entry in
            (ends[0]...ends[1]).contains(entry.position)
                && (after.map { StoredEntry(position: $0.position, key: $0, hash: .zero) < entry } ?? true)
        }
        let found = try store.entries(from: ends[0], through: ends[1], after: after, limit: limit)
        #expect(found == Array(expected.prefix(limit)))
    }
}
