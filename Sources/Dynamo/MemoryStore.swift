import Causality

/// A local store in memory that tells durable from applied: a crash takes back everything since the last completed
/// sync. The simulator crashes it; `dynamo-node --storage memory` serves from it, and syncs mean nothing there.
///
/// It keeps what was there before each write until a sync has covered the write; a crash goes back through that.
public struct MemoryStore: LocalStore, Sendable {
    /// Thrown while the store is told to fail.
    public struct Failure: LocalStoreError, CustomStringConvertible {
        public var isCorruption = false
        public var description: String { isCorruption ? "the object is corrupt" : "the disk fails" }
    }

    /// Reads and writes throw ``Failure``.
    public var isFailing = false

    private var objects: [Key: Siblings] = [:]
    /// Those that are not what was written; true once that was found.
    private var corrupt: [Key: Bool] = [:]
    private var found: [Key] = []
    /// The sound objects by their ring position.
    private var index = PositionIndex()
    private var hintsByHome: [String: [Key: HintedObject]] = [:]
    private var numbers: [String: UInt64] = [:]
    private var bucketEntries: [[UInt8]: BucketEntry] = [:]
    private var membershipState: MembershipState?

    /// What was there before a write.
    private enum Undo: Sendable {
        case object(Key, Siblings?)
        case hint(Key, home: String, HintedObject?)
        case number(String, UInt64?)
        case bucket([UInt8], BucketEntry?)
        case membership(MembershipState?)

        /// Whether both are about the same thing.
        func concerns(_ other: Undo) -> Bool {
            switch (self, other) {
            case (.object(let mine, _), .object(let theirs, _)): mine == theirs
            case (.hint(let mine, let home, _), .hint(let theirs, let otherHome, _)):
                mine == theirs && home == otherHome
            default: false
            }
        }
    }

    private var journal: [Undo] = []
    /// Writes since the store was made that a completed sync has covered.
    private var durableWrites = 0

    public init() {}

    // MARK: Durability

    /// The number of writes applied so far: what a sync that begins now will cover.
    public var appliedWrites: Int { durableWrites + journal.count }

    /// Whether anything was applied that no completed sync covers.
    public var hasUnsynced: Bool { !journal.isEmpty }

    /// Objects stored, durable or not.
    public var objectCount: Int { objects.count }

    /// A sync that began at that number of writes has completed.
    public mutating func completeSync(covering writes: Int) {
        let covered = max(0, min(writes - durableWrites, journal.count))
        journal.removeFirst(covered)
        durableWrites += covered
    }

    /// A sync that began at that number of writes has failed: what it covers is taken back, unless it was overwritten
    /// since. Numbers and buckets wait for the next sync instead.
    public mutating func refuseSync(covering writes: Int) {
        let covered = max(0, min(writes - durableWrites, journal.count))
        let refused = journal.prefix(covered)
        journal.removeFirst(covered)
        for undo in refused.reversed() {
            switch undo {
            case .number, .bucket, .membership: journal.insert(undo, at: 0)
            case .object, .hint:
                if let later = journal.firstIndex(where: { $0.concerns(undo) }) {
                    journal[later] = undo
                } else {
                    takeBack(undo)
                }
            }
        }
    }

    /// Takes back everything that no completed sync covers.
    public mutating func loseUnsynced() {
        for undo in journal.reversed() { takeBack(undo) }
        journal = []
    }

    private mutating func takeBack(_ undo: Undo) {
        switch undo {
        case .object(let key, let old): setObject(key, old)
        case .hint(let key, let home, let old): hintsByHome[home, default: [:]][key] = old
        case .number(let name, let old): numbers[name] = old
        case .bucket(let bucket, let old): bucketEntries[bucket] = old
        case .membership(let old): membershipState = old
        }
    }

    // MARK: LocalStore

    public func object(_ key: Key) throws -> Siblings? {
        try check()
        if corrupt[key] != nil { throw Failure(isCorruption: true) }
        return objects[key]
    }

    public mutating func verify(after: Key?, limit: Int) throws -> [Key] {
        try check()
        let page = index.entries(from: .zero, through: .max, after: after, limit: limit)
        for entry in page where corrupt[entry.key] == false {
            corrupt[entry.key] = true
            index.set(entry.key, hash: nil)
            found.append(entry.key)
        }
        return page.map(\.key)
    }

    public mutating func takeCorruptKeys() -> [Key] {
        defer { found = [] }
        return found
    }

    /// Bits of an object flip, if there is one; nobody notices before it is read.
    public mutating func flip(_ key: Key) {
        if objects[key] != nil { corrupt[key] = false }
    }

    public func hint(_ key: Key, home: String) throws -> HintedObject? {
        try check()
        return hintsByHome[home]?[key]
    }

    public func hints(_ key: Key) throws -> [HintedObject] {
        try check()
        return hintsByHome.keys.sorted().compactMap { hintsByHome[$0]?[key] }
    }

    public func hints(home: String, after: Key?, limit: Int) throws -> [HintedObject] {
        try check()
        guard let hints = hintsByHome[home] else { return [] }
        let keys = hints.keys.filter { key in after.map { $0 < key } ?? true }.sorted()
        return keys.prefix(limit).compactMap { hints[$0] }
    }

    public func hintCounts() throws -> [String: Int] {
        try check()
        return hintsByHome.mapValues(\.count).filter { $0.value > 0 }
    }

    public func forEachObject(_ body: (Key, Siblings) throws -> Void) throws {
        try check()
        for (key, siblings) in objects { try body(key, siblings) }
    }

    public func entries(from: Hash128, through: Hash128, after: Key?, limit: Int) throws -> [StoredEntry] {
        try check()
        return index.entries(from: from, through: through, after: after, limit: limit)
    }

    public mutating func putObject(_ key: Key, _ siblings: Siblings) throws {
        try check()
        journal.append(.object(key, objects[key]))
        setObject(key, siblings)
    }

    public mutating func deleteObject(_ key: Key) throws {
        try check()
        guard let old = objects[key] else { return }
        journal.append(.object(key, old))
        setObject(key, nil)
    }

    private mutating func setObject(_ key: Key, _ siblings: Siblings?) {
        objects[key] = siblings
        corrupt[key] = nil
        index.set(key, hash: siblings?.hash)
    }

    public mutating func putHint(_ hint: HintedObject) throws {
        try check()
        let old = hintsByHome[hint.home, default: [:]].updateValue(hint, forKey: hint.key)
        journal.append(.hint(hint.key, home: hint.home, old))
    }

    public mutating func deleteHint(_ key: Key, home: String) throws {
        try check()
        let old = hintsByHome[home]?.removeValue(forKey: key)
        if let old { journal.append(.hint(key, home: home, old)) }
    }

    public func number(_ name: String) throws -> UInt64? {
        try check()
        return numbers[name]
    }

    public mutating func setNumber(_ name: String, _ value: UInt64) throws {
        try check()
        journal.append(.number(name, numbers.updateValue(value, forKey: name)))
    }

    public func buckets() throws -> [BucketEntry] {
        try check()
        return bucketEntries.values.sorted { $0.bucket.lexicographicallyPrecedes($1.bucket) }
    }

    public mutating func putBucket(_ entry: BucketEntry) throws {
        try check()
        journal.append(.bucket(entry.bucket, bucketEntries.updateValue(entry, forKey: entry.bucket)))
    }

    public func membership() throws -> MembershipState? {
        try check()
        return membershipState
    }

    public mutating func setMembership(_ state: MembershipState) throws {
        try check()
        journal.append(.membership(membershipState))
        membershipState = state
    }

    private func check() throws {
        if isFailing { throw Failure() }
    }
}
