import Causality
import Dynamo

/// Objects: what is on its way to the database hides what is there.
extension SQLiteStore {
    public func object(_ key: Key) throws -> Siblings? {
        // The cache is as new as the newest layer.
        if let cached = cache.value(key) { return cached }
        if let change = layers.object(key) { return change.siblings }
        do throws(StoreError) {
            let siblings = try files.data.object(key)
            remember(key, siblings)
            return siblings
        } catch {
            if error.isCorruption { foundCorrupt(key, error) }
            throw error
        }
    }

    public func verify(after key: Key?, limit: Int) throws -> [Key] {
        let rows = try files.data.check(after: key, limit: limit)
        for row in rows where layers.object(row.key) == nil {
            if let siblings = row.siblings {
                // The object is sound, what entries tell of it is not: written anew, both are.
                if !row.isIndexed { try putObject(row.key, siblings) }
            } else {
                foundCorrupt(row.key, .corruptRow(path: files.data.path, key: row.key.readable))
            }
        }
        return rows.map(\.key)
    }

    public func putObject(_ key: Key, _ siblings: Siblings) throws {
        if try !exists(key) { layers.pending.objectsAdded += 1 }
        unmark(key)
        layers.pending.objects[key] = WriteBatch.ObjectChange(position: key.position, siblings: siblings)
        layers.pending.cost += Self.cost(key, siblings)
        remember(key, siblings)
    }

    public func deleteObject(_ key: Key) throws {
        let isThere = try exists(key)
        // What a batch under way deletes is back should the disk refuse it: then this deletion still holds.
        guard isThere || layers.writing?.objects[key] != nil else { return }
        if isThere { layers.pending.objectsAdded -= 1 }
        unmark(key)
        layers.pending.objects[key] = WriteBatch.ObjectChange(position: key.position, siblings: nil)
        layers.pending.cost += Self.cost(key, nil)
        remember(key, nil)
    }

    public func forEachObject(_ body: (Key, Siblings) throws -> Void) throws {
        var position: Key?
        repeat {
            let page = try objects(after: position, limit: 1_000)
            for (key, siblings) in page.objects { try body(key, siblings) }
            position = page.next
        } while position != nil
    }

    /// Up to about `limit` objects after a key, in ascending order of position; `next` continues, nil at the end.
    public func objects(after key: Key?, limit: Int) throws -> (objects: [(Key, Siblings)], next: Key?) {
        var page = try files.data.objects(after: key, limit: limit, corrupt: foundCorrupt)
        // A short page is the last: whatever is pending after it belongs to it as well.
        let next = page.last
        let first = key.map(StoredEntry.init), last = next.map(StoredEntry.init)
        var changes = layers.objects(
            from: first?.position ?? .zero, through: last?.position ?? .max, after: first)
        if let last { changes = changes.filter { !(last < StoredEntry($0.key)) } }
        if !changes.isEmpty {
            page.objects.removeAll { changes[$0.0] != nil }
            for (key, change) in changes {
                if let siblings = change.siblings { page.objects.append((key, siblings)) }
            }
            page.objects.sort { StoredEntry($0.0) < StoredEntry($1.0) }
        }
        return (page.objects, next)
    }

    public func entries(from: Hash128, through: Hash128, after key: Key?, limit: Int) throws -> [StoredEntry] {
        let after = key.map(StoredEntry.init).flatMap { $0.position < from ? nil : $0 }
        let changes = layers.objects(from: from, through: through, after: after)
        // Each change may hide one row: with that many more read, the first `limit` of what remains are the first of
        // all.
        let marked = layers.marked
        var found = try files.data.entries(
            from: from, through: through, after: after?.key, limit: limit + changes.count + marked.count)
        if changes.isEmpty, marked.isEmpty { return found }
        found.removeAll { changes[$0.key] != nil || marked.contains($0.key) }
        for (key, change) in changes {
            guard let siblings = change.siblings else { continue }
            found.append(StoredEntry(position: change.position, key: key, hash: siblings.hash))
        }
        found.sort()
        return Array(found.prefix(limit))
    }

    /// A row that is there but corrupt exists: its replacement is not one object more.
    private func exists(_ key: Key) throws -> Bool {
        do {
            return try object(key) != nil
        } catch StoreError.corruptRow {
            return true
        }
    }

    /// What is stored for a key from now on is sound.
    private func unmark(_ key: Key) {
        if corrupt.isEmpty { return }
        corrupt.remove(key)
        layers.pending.corrupt.remove(key)
    }

    private func remember(_ key: Key, _ siblings: Siblings?) {
        cache.insert(key, siblings, cost: Self.cost(key, siblings))
    }

    /// About the bytes that a decoded object takes.
    static func cost(_ key: Key, _ siblings: Siblings?) -> Int {
        let versions = siblings?.versions ?? []
        return versions.reduce(160 + key.bucket.count + key.name.count) { cost, version in
            cost + version.payload.value.count + 48 * version.clock.entries.count + 256
        }
    }
}

extension StoredEntry {
    /// The place of a key among all, for comparisons.
    fileprivate init(_ key: Key) { self.init(position: key.position, key: key, hash: .zero) }
}
