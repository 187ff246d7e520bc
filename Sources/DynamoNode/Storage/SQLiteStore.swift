import Causality
import Dynamo

/// A replica's store on disk: a commit log, two SQLite databases behind it, and in memory what is on its way there.
///
/// Everything is called from one thread but ``commit(_:)`` and ``fill(_:)``, which others may run meanwhile. A write is
/// applied to a batch in memory; readers see it at once. ``takeBatch()`` hands the batch to whoever writes it to the log,
/// who says with ``committed()`` or ``refused()`` how it ended: of what was refused, readers see no more than what is on
/// disk. Now and then ``takeFilling()`` hands all that the log holds to whoever fills the databases with it.
public final class SQLiteStore: LocalStore {
    /// Bytes of decoded objects kept in memory.
    private static let cacheCapacity = 12 << 20
    /// Bytes of decoded hints kept in memory.
    private static let hintCacheCapacity = 4 << 20

    let files: StoreFiles
    var layers = Layers()
    var cache = LRUCache<Key, Siblings?>(capacity: SQLiteStore.cacheCapacity)
    var hintIndex = HintIndex()
    /// Hints that the index counts although the disk could not be asked for them.
    var doubtfulHints: Set<WriteBatch.HintKey> = []
    var hintCache = LRUCache<WriteBatch.HintKey, HintedObject>(capacity: SQLiteStore.hintCacheCapacity)
    private var numbers: [String: UInt64]
    private var bucketEntries: [[UInt8]: BucketEntry]
    private var membershipState: MembershipState?
    /// Objects in the database.
    private var storedObjects: Int
    /// The log's last record, and the segment that the next one goes to.
    private var lastRecord: UInt64
    private var segment: UInt64
    /// Where the log is once the databases have taken what they are being filled with.
    private var fillingMark = CommitLog.Mark(segment: 0, record: 0)
    /// The last batch was refused by the disk and none has been written since, or the databases could not be filled.
    public var isFailing: Bool { isRefusing || isFillingFailed }
    private var isRefusing = false
    private var keptTrees: MerkleSnapshot?
    private var isFillingFailed = false
    /// The commit log is not as it was left: some of what this node acknowledged may be lost.
    public let hasLostWrites: Bool
    /// Objects found corrupt since the start, and those of them that nobody was told of yet.
    var corrupt: Set<Key> = []
    private var corruptUntold: [Key] = []
    /// Told of each corrupt row, once.
    public var onCorruptRow: (StoreError) -> Void = { _ in }

    /// Opens the files in a directory and creates those that are missing. What the log holds is read; the databases are
    /// filled with it later.
    public init(directory: String) throws(StoreError) {
        files = try StoreFiles(directory: directory)
        numbers = try files.data.numbers()
        bucketEntries = [:]
        for entry in try files.data.buckets() { bucketEntries[entry.bucket] = entry }
        membershipState = try files.data.membership()
        storedObjects = try files.data.countObjects()
        for place in try files.hints.places() { hintIndex.add(place.key, home: place.home) }
        let mark = try files.data.mark()
        let recovery = try files.log.recover(mark)
        (segment, lastRecord, hasLostWrites) = (recovery.segment, recovery.record, recovery.isDamaged)
        if mark.segment == 0, !hasLostWrites { try files.beginLog() }
        let trees = files.trees.take(at: mark)
        if !hasLostWrites, recovery.changes.isEmpty { keptTrees = trees }
        try replay(recovery.changes)
    }

    private func replay(_ recovered: Memtable) throws(StoreError) {
        let changes = recovered.changes
        numbers.merge(changes.numbers) { $1 }
        bucketEntries.merge(changes.buckets) { $1 }
        membershipState = changes.membership ?? membershipState
        for (place, change) in changes.hints {
            let isStored = try files.hints.contains(place.key, home: place.home)
            switch change {
            case .store where !isStored: hintIndex.add(place.key, home: place.home)
            case .delete where isStored: hintIndex.remove(place.key, home: place.home)
            default: break
            }
        }
        layers.logged = recovered
        var added = 0
        for (key, change) in changes.objects {
            let isStored = try files.data.contains(key)
            added += (change.siblings == nil ? 0 : 1) - (isStored ? 1 : 0)
        }
        layers.logged.setObjectsAdded(added)
    }

    /// Marks a row that is not what was written.
    func foundCorrupt(_ key: Key, _ error: StoreError) {
        guard layers.object(key) == nil, corrupt.insert(key).inserted else { return }
        layers.pending.corrupt.insert(key)
        corruptUntold.append(key)
        cache.remove(key)
        onCorruptRow(error)
    }

    public func takeCorruptKeys() -> [Key] {
        if corruptUntold.isEmpty { return [] }
        defer { corruptUntold = [] }
        return corruptUntold
    }

    /// Objects stored, durable or not.
    public var objectCount: Int { storedObjects + layers.objectsAdded }

    public func takeTrees() -> MerkleSnapshot? {
        defer { keptTrees = nil }
        return keptTrees
    }

    // MARK: Numbers and buckets

    public func number(_ name: String) throws -> UInt64? { numbers[name] }

    public func setNumber(_ name: String, _ value: UInt64) throws {
        numbers[name] = value
        layers.pending.numbers[name] = value
    }

    public func buckets() throws -> [BucketEntry] {
        bucketEntries.values.sorted { $0.bucket.lexicographicallyPrecedes($1.bucket) }
    }

    public func putBucket(_ entry: BucketEntry) throws {
        bucketEntries[entry.bucket] = entry
        layers.pending.buckets[entry.bucket] = entry
    }

    public func membership() throws -> MembershipState? { membershipState }

    public func setMembership(_ state: MembershipState) throws {
        membershipState = state
        layers.pending.membership = state
    }

    // MARK: Durability

    /// What has been applied since the last batch, to be handed to ``commit(_:)``; empty when nothing has.
    ///
    /// One batch at a time: the next may be taken after ``committed()`` or ``refused()``.
    public func takeBatch() -> WriteBatch {
        // To go on would drop the batch being written from sight, and with it writes that were promised to readers.
        precondition(layers.writing == nil, "a batch is being written")
        var batch = layers.pending
        batch.record = lastRecord + 1
        batch.segment = segment
        layers.pending = WriteBatch()
        layers.writing = batch
        return batch
    }

    /// Whether anything was applied that no batch has taken yet.
    public var hasPending: Bool { !layers.pending.isEmpty }

    /// Writes a batch to the log: when this returns, it is on disk. May run on a thread of its own.
    public var commit: @Sendable (WriteBatch) throws(StoreError) -> Void { files.commit }

    /// The batch taken last is on disk.
    public func committed() {
        guard let batch = layers.writing, !batch.isEmpty else {
            layers.writing = nil
            return
        }
        isRefusing = false
        lastRecord = batch.record
        layers.writing = nil
        layers.logged.absorb(batch)
        if !doubtfulHints.isEmpty { settleDoubts() }
    }

    /// The batch taken last is not on disk, or not all of it: what readers see of it from now on is what the disk has.
    ///
    /// Numbers and buckets stay: a number that a replica has used must not come back, even if the write that used it
    /// failed.
    public func refused() {
        isRefusing = true
        guard let batch = layers.writing else { return }
        layers.writing = nil
        for key in batch.objects.keys where layers.pending.objects[key] == nil { cache.remove(key) }
        recount()
        for (place, change) in batch.hints where layers.pending.hints[place] == nil {
            hintCache.remove(place)
            switch change {
            case .store where !isDurable(place): hintIndex.remove(place.key, home: place.home)
            case .delete where isDurable(place): hintIndex.add(place.key, home: place.home)
            default: break
            }
        }
        // Where an object that was to replace a corrupt row did not, the row is found corrupt again when it is read.
        layers.pending.corrupt.formUnion(batch.corrupt.filter { corrupt.contains($0) })
        layers.pending.numbers.merge(batch.numbers) { newer, _ in newer }
        layers.pending.buckets.merge(batch.buckets) { newer, _ in newer }
        layers.pending.membership = layers.pending.membership ?? batch.membership
    }

    /// Counts anew what the next batch adds to what is on disk. When the disk cannot even be read the count stays as it
    /// is: it is for an operator to look at.
    private func recount() {
        layers.pending.objectsAdded = layers.pending.objects.reduce(0) { added, entry in
            let isStored: Bool
            if let change = layers.durable(entry.key) {
                isStored = change.siblings != nil
            } else if let found = try? files.data.contains(entry.key) {
                isStored = found
            } else {
                return added
            }
            return added + (entry.value.siblings == nil ? 0 : 1) - (isStored ? 1 : 0)
        }
    }

    // MARK: Filling the databases

    /// How much the log holds that the databases do not: as rows, and as about the bytes that they take in memory.
    public var unfilled: (rows: Int, bytes: Int) {
        (layers.logged.count + (layers.filling?.count ?? 0), layers.logged.cost + (layers.filling?.cost ?? 0))
    }

    /// All that is in the log, to be handed to ``fill(_:)``; nil when there is nothing. What failed to be filled comes
    /// first, again.
    ///
    /// While a batch is being written, what it holds would be in a segment that the filling frees: call it between
    /// batches only, and not before ``filled(_:)``.
    public func takeFilling() -> Filling? {
        precondition(layers.writing == nil, "a batch is being written")
        if layers.filling == nil {
            if layers.logged.isEmpty { return nil }
            layers.filling = layers.logged
            layers.logged = Memtable()
            segment += 1
            fillingMark = CommitLog.Mark(segment: segment, record: lastRecord)
        }
        return layers.filling.map { Filling(changes: $0.changes, mark: fillingMark) }
    }

    /// Writes what the log holds to the databases, and frees its segments. May run on a thread of its own, beside a
    /// commit.
    public var fill: @Sendable (Filling) throws(StoreError) -> Void { files.fill }

    /// How ``fill(_:)`` ended. After a failure all of it stays in the log and in memory, until it is tried again.
    public func filled(ok: Bool) {
        isFillingFailed = !ok
        guard ok, let filling = layers.filling else { return }
        storedObjects += filling.changes.objectsAdded
        layers.filling = nil
    }

    /// Fills the databases with what the log holds and closes all files. Nothing may be called after it, and no fill may
    /// be under way.
    public func close(keeping trees: MerkleSnapshot?) throws(StoreError) {
        // What failed to be filled before comes first, then the rest.
        while let filling = takeFilling() {
            try files.fill(filling)
            filled(ok: true)
        }
        if let trees, !hasPending { try files.trees.write(trees, at: try files.data.mark()) }
        try files.close()
    }
}
