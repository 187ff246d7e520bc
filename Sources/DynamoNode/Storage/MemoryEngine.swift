import Dynamo

/// Local persistence that persists nothing: for caches, for tests, and to see what of a latency is the disk's.
///
/// A node that restarts with it has lost its disk, as it were: it draws a new incarnation, assigns no dot of its earlier
/// life, and is filled by the other homes.
public final class MemoryEngine: StorageEngine {
    private var store = MemoryStore()
    private var writing: Int?

    public init() {}

    public var objectCount: Int { store.objectCount }
    public var isFailing: Bool { false }
    /// Never called: memory is taken at its word.
    public var onCorruptRow: (StoreError) -> Void = { _ in }

    // MARK: Objects

    public func object(_ key: Key) throws -> Siblings? { try store.object(key) }

    public func objects(after key: Key?, limit: Int) throws -> (objects: [(Key, Siblings)], next: Key?) {
        let page = try store.entries(from: .zero, through: .max, after: key, limit: limit)
        let objects = try page.compactMap { entry in try store.object(entry.key).map { (entry.key, $0) } }
        return (objects, page.count < limit ? nil : page.last?.key)
    }

    public func forEachObject(_ body: (Key, Siblings) throws -> Void) throws { try store.forEachObject(body) }

    public func entries(from: Hash128, through: Hash128, after: Key?, limit: Int) throws -> [StoredEntry] {
        try store.entries(from: from, through: through, after: after, limit: limit)
    }

    public func verify(after: Key?, limit: Int) throws -> [Key] { try store.verify(after: after, limit: limit) }

    public func takeCorruptKeys() -> [Key] { store.takeCorruptKeys() }

    public func putObject(_ key: Key, _ siblings: Siblings) throws { try store.putObject(key, siblings) }

    public func deleteObject(_ key: Key) throws { try store.deleteObject(key) }

    // MARK: Hints

    public func hint(_ key: Key, home: String) throws -> HintedObject? { try store.hint(key, home: home) }

    public func hints(_ key: Key) throws -> [HintedObject] { try store.hints(key) }

    public func hints(home: String, after: Key?, limit: Int) throws -> [HintedObject] {
        try store.hints(home: home, after: after, limit: limit)
    }

    public func hintCounts() throws -> [String: Int] { try store.hintCounts() }

    public func putHint(_ hint: HintedObject) throws { try store.putHint(hint) }

    public func deleteHint(_ key: Key, home: String) throws { try store.deleteHint(key, home: home) }

    // MARK: Numbers, membership and buckets

    public func number(_ name: String) throws -> UInt64? { try store.number(name) }

    public func setNumber(_ name: String, _ value: UInt64) throws { try store.setNumber(name, value) }

    public func membership() throws -> MembershipState? { try store.membership() }

    public func setMembership(_ state: MembershipState) throws { try store.setMembership(state) }

    public func buckets() throws -> [BucketEntry] { try store.buckets() }

    public func putBucket(_ entry: BucketEntry) throws { try store.putBucket(entry) }

    // MARK: Durability, of which there is none

    public var hasPending: Bool { store.hasUnsynced }

    public func takeBatch() -> WriteBatch {
        writing = store.appliedWrites
        return WriteBatch()
    }

    public var commit: @Sendable (WriteBatch) throws(StoreError) -> Void { { _ throws(StoreError) in } }

    public func committed() {
        if let writing { store.completeSync(covering: writing) }
        writing = nil
    }

    /// Never called: no commit fails. What was applied stays.
    public func refused() { committed() }

    public var unfilled: (rows: Int, bytes: Int) { (0, 0) }

    public func takeFilling() -> Filling? { nil }

    public var fill: @Sendable (Filling) throws(StoreError) -> Void { { _ throws(StoreError) in } }

    public func filled(ok: Bool) {}

    public func close(keeping trees: MerkleSnapshot?) throws(StoreError) {}
}
