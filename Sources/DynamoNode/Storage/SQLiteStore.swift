import Causality
import Dynamo

/// A replica's store on disk: two SQLite databases, and in memory what is on its way there.
///
/// Everything is called from one thread but ``commit(_:)``, which another may run meanwhile. A write is applied to a
/// batch in memory; readers see it at once. ``takeBatch()`` hands the batch to whoever writes, who says with
/// ``committed()`` or ``refused()`` how it ended: of what was refused, readers see no more than what is on disk.
public final class SQLiteStore: LocalStore {
    /// Bytes of decoded objects kept in memory.
    private static let cacheCapacity = 12 << 20
    /// Bytes of decoded hints kept in memory.
    private static let hintCacheCapacity = 4 << 20

    private let files: StoreFiles
    private var pending = WriteBatch()
    private var writing: WriteBatch?
    private var cache = LRUCache<Key, Siblings?>(capacity: SQLiteStore.cacheCapacity)
    private var numbers: [String: UInt64]
    private var bucketEntries: [[UInt8]: BucketEntry]
    private var membershipState: MembershipState?
    private var hintIndex = HintIndex()
    private var hintCache = LRUCache<WriteBatch.HintKey, HintedObject>(capacity: SQLiteStore.hintCacheCapacity)
    /// Objects on disk.
    private var storedObjects: Int
    /// The last batch was refused by the disk, and none has been written since.
    public private(set) var isFailing = false
    /// Objects found corrupt since the start, and those of them that nobody was told of yet.
    private var corrupt: Set<Key> = []
    private var corruptUntold: [Key] = []
    /// Told of each corrupt row, once.
    public var onCorruptRow: (StoreError) -> Void = { _ in }

    /// Opens the databases in a directory and creates those that are missing.
    public init(directory: String) throws(StoreError) {
        files = try StoreFiles(directory: directory)
        numbers = try files.data.numbers()
        bucketEntries = [:]
        for entry in try files.data.buckets() { bucketEntries[entry.bucket] = entry }
        membershipState = try files.data.membership()
        storedObjects = try files.data.countObjects()
        for place in try files.hints.places() { hintIndex.add(place.key, home: place.home) }
    }

    // MARK: Objects

    /// Objects stored, durable or not.
    public var objectCount: Int { storedObjects + (writing?.objectsAdded ?? 0) + pending.objectsAdded }

    public func object(_ key: Key) throws -> Siblings? {
        if let change = pending.objects[key] ?? writing?.objects[key] { return change.siblings }
        if let cached = cache.value(key) { return cached }
        do throws(StoreError) {
            let siblings = try files.data.object(key)
            remember(key, siblings)
            return siblings
        } catch {
            if error.isCorruption { foundCorrupt(key, error) }
            throw error
        }
    }

    /// Marks a row that is not what was written.
    private func foundCorrupt(_ key: Key, _ error: StoreError) {
        guard pending.objects[key] == nil, writing?.objects[key] == nil, corrupt.insert(key).inserted else { return }
        pending.corrupt.insert(key)
        corruptUntold.append(key)
        cache.remove(key)
        onCorruptRow(error)
    }

    public func takeCorruptKeys() -> [Key] {
        if corruptUntold.isEmpty { return [] }
        defer { corruptUntold = [] }
        return corruptUntold
    }

    public func verify(after key: Key?, limit: Int) throws -> [Key] {
        let rows = try files.data.check(after: key, limit: limit)
        for row in rows where pending.objects[row.key] == nil && writing?.objects[row.key] == nil {
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
        if try !exists(key) { pending.objectsAdded += 1 }
        unmark(key)
        pending.objects[key] = WriteBatch.ObjectChange(position: key.position, siblings: siblings)
        remember(key, siblings)
    }

    public func deleteObject(_ key: Key) throws {
        let isThere = try exists(key)
        // What a batch under way deletes is back should the disk refuse it: then this deletion still holds.
        guard isThere || writing?.objects[key] != nil else { return }
        if isThere { pending.objectsAdded -= 1 }
        unmark(key)
        pending.objects[key] = WriteBatch.ObjectChange(position: key.position, siblings: nil)
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
        let changes = objectChanges(after: key.map(Place.init), through: next.map(Place.init))
        if !changes.isEmpty {
            page.objects.removeAll { changes[$0.0] != nil }
            for (key, change) in changes {
                if let siblings = change.siblings { page.objects.append((key, siblings)) }
            }
            page.objects.sort { Place($0.0) < Place($1.0) }
        }
        return (page.objects, next)
    }

    public func entries(from: Hash128, through: Hash128, after key: Key?, limit: Int) throws -> [StoredEntry] {
        let after = key.map(Place.init).flatMap { $0.position < from ? nil : $0 }
        let changes = objectChanges(after: after, through: nil).filter { change in
            (from...through).contains(change.value.position)
        }
        // Each change may hide one row: with that many more read, the first `limit` of what remains are the first of
        // all.
        let marked = pending.corrupt.union(writing?.corrupt ?? [])
        var found = try files.data.entries(
            from: from, through: through, after: after?.key, limit: limit + changes.count + marked.count)
        found.removeAll { changes[$0.key] != nil || marked.contains($0.key) }
        for (key, change) in changes {
            guard let siblings = change.siblings else { continue }
            found.append(StoredEntry(position: change.position, key: key, hash: siblings.hash))
        }
        found.sort()
        return Array(found.prefix(limit))
    }

    /// Where an object is among all.
    private typealias Place = StoredEntry

    /// What is not on disk yet, between two places.
    private func objectChanges(after: Place?, through: Place?) -> [Key: WriteBatch.ObjectChange] {
        var changes: [Key: WriteBatch.ObjectChange] = [:]
        for batch in [writing, pending] {
            guard let batch else { continue }
            for (key, change) in batch.objects {
                let place = Place(position: change.position, key: key, hash: .zero)
                if let after, !(after < place) { continue }
                if let through, through < place { continue }
                changes[key] = change
            }
        }
        return changes
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
        pending.corrupt.remove(key)
    }

    private func remember(_ key: Key, _ siblings: Siblings?) {
        cache.insert(key, siblings, cost: Self.cost(key, siblings))
    }

    /// About the bytes that a decoded object takes.
    private static func cost(_ key: Key, _ siblings: Siblings?) -> Int {
        let versions = siblings?.versions ?? []
        return versions.reduce(160 + key.bucket.count + key.name.count) { cost, version in
            cost + version.payload.value.count + 48 * version.clock.entries.count + 256
        }
    }

    // MARK: Hints

    public func hint(_ key: Key, home: String) throws -> HintedObject? {
        guard hintIndex.mayHave(key, home: home) else { return nil }
        let place = WriteBatch.HintKey(home: home, key: key)
        switch pending.hints[place] ?? writing?.hints[place] {
        case .store(let hint): return hint
        case .delete: return nil
        case nil: break
        }
        if let cached = hintCache.value(place) { return cached }
        let hint = try files.hints.hint(key, home: home)
        if let hint { remember(hint) }
        return hint
    }

    public func hints(_ key: Key) throws -> [HintedObject] {
        if hintIndex.isEmpty { return [] }
        return try hintIndex.homeNames.compactMap { home in try hint(key, home: home) }
    }

    public func hints(home: String, after key: Key?, limit: Int) throws -> [HintedObject] {
        guard hintIndex.hasAny(home: home) else { return [] }
        let changes = hintChanges(home: home, after: key)
        // Each change may hide one row: with that many more read, the first `limit` of what remains are the first of
        // all.
        let rows = try files.hints.hints(home: home, after: key, limit: limit + changes.count, corrupt: onCorruptRow)
        var found = rows.filter { changes[$0.key] == nil }
        for case .store(let hint) in changes.values { found.append(hint) }
        if !changes.isEmpty { found.sort { $0.key < $1.key } }
        return Array(found.prefix(limit))
    }

    public func hintCounts() throws -> [String: Int] { hintIndex.counts }

    public func putHint(_ hint: HintedObject) throws {
        let known: Bool
        do {
            known = try self.hint(hint.key, home: hint.home) != nil
        } catch StoreError.corruptRow {
            known = true
        }
        if !known { hintIndex.add(hint.key, home: hint.home) }
        pending.hints[WriteBatch.HintKey(home: hint.home, key: hint.key)] = .store(hint)
        remember(hint)
    }

    public func deleteHint(_ key: Key, home: String) throws {
        let place = WriteBatch.HintKey(home: home, key: key)
        let isThere = try hint(key, home: home) != nil
        guard isThere || writing?.hints[place] != nil else { return }
        if isThere { hintIndex.remove(key, home: home) }
        hintCache.remove(place)
        pending.hints[place] = .delete
    }

    private func remember(_ hint: HintedObject) {
        let place = WriteBatch.HintKey(home: hint.home, key: hint.key)
        hintCache.insert(place, hint, cost: Self.cost(hint.key, hint.siblings))
    }

    private func hintChanges(home: String, after key: Key?) -> [Key: WriteBatch.HintChange] {
        var changes: [Key: WriteBatch.HintChange] = [:]
        for batch in [writing, pending] {
            guard let batch else { continue }
            for (place, change) in batch.hints where place.home == home && (key.map { $0 < place.key } ?? true) {
                changes[place.key] = change
            }
        }
        return changes
    }

    // MARK: Numbers and buckets

    public func number(_ name: String) throws -> UInt64? { numbers[name] }

    public func setNumber(_ name: String, _ value: UInt64) throws {
        numbers[name] = value
        pending.numbers[name] = value
    }

    public func buckets() throws -> [BucketEntry] {
        bucketEntries.values.sorted { $0.bucket.lexicographicallyPrecedes($1.bucket) }
    }

    public func putBucket(_ entry: BucketEntry) throws {
        bucketEntries[entry.bucket] = entry
        pending.buckets[entry.bucket] = entry
    }

    public func membership() throws -> MembershipState? { membershipState }

    public func setMembership(_ state: MembershipState) throws {
        membershipState = state
        pending.membership = state
    }

    // MARK: Durability

    /// What has been applied since the last batch, to be handed to ``commit(_:)``; empty when nothing has.
    ///
    /// One batch at a time: the next may be taken after ``committed()`` or ``refused()``.
    public func takeBatch() -> WriteBatch {
        // To go on would drop the batch being written from sight, and with it writes that were promised to readers.
        precondition(writing == nil, "a batch is being written")
        let batch = pending
        pending = WriteBatch()
        writing = batch
        return batch
    }

    /// Whether anything was applied that no batch has taken yet.
    public var hasPending: Bool { !pending.isEmpty }

    /// Writes a batch: when this returns, it is on disk. May run on a thread of its own.
    public var commit: @Sendable (WriteBatch) throws(StoreError) -> Void { files.commit }

    /// Moves what the databases' logs hold into their files. May run on a thread of its own, beside a commit.
    public var checkpoint: @Sendable () throws(StoreError) -> Void { files.checkpoint }

    /// The batch taken last is on disk.
    public func committed() {
        if writing?.isEmpty == false { isFailing = false }
        storedObjects += writing?.objectsAdded ?? 0
        writing = nil
    }

    /// The batch taken last is not on disk, or not all of it: what readers see of it from now on is what the disk has.
    ///
    /// Numbers and buckets stay: a number that a replica has used must not come back, even if the write that used it
    /// failed.
    public func refused() {
        isFailing = true
        guard let batch = writing else { return }
        writing = nil
        for key in batch.objects.keys where pending.objects[key] == nil { cache.remove(key) }
        recount()
        for (place, change) in batch.hints where pending.hints[place] == nil {
            hintCache.remove(place)
            // A hint whose row cannot be looked up counts as there: to look for one in vain does no harm.
            let found = (try? files.hints.contains(place.key, home: place.home)) ?? true
            switch change {
            case .store where !found: hintIndex.remove(place.key, home: place.home)
            case .delete where found: hintIndex.add(place.key, home: place.home)
            default: break
            }
        }
        // Where an object that was to replace a corrupt row did not, the row is found corrupt again when it is read.
        pending.corrupt.formUnion(batch.corrupt.filter { corrupt.contains($0) })
        pending.numbers.merge(batch.numbers) { newer, _ in newer }
        pending.buckets.merge(batch.buckets) { newer, _ in newer }
        pending.membership = pending.membership ?? batch.membership
    }

    /// Counts objects anew from what is on disk and what waits to be. When the disk cannot even be read the counts stay
    /// as they are: they are for an operator to look at.
    private func recount() {
        if let count = try? files.data.countObjects() { storedObjects = count }
        pending.objectsAdded = pending.objects.reduce(0) { added, entry in
            guard let isStored = try? files.data.contains(entry.key) else { return added }
            return added + (entry.value.siblings == nil ? 0 : 1) - (isStored ? 1 : 0)
        }
    }

    /// Closes the databases. Nothing may be called after it.
    public func close() throws(StoreError) { try files.close() }
}

extension StoredEntry {
    /// The place of a key among all, for comparisons.
    fileprivate init(_ key: Key) { self.init(position: key.position, key: key, hash: .zero) }
}
