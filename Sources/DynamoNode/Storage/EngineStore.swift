import Dynamo

/// The store that a node's replica is made over: whichever engine the node was told to use.
///
/// A replica is made over one type of store, and the engine is chosen at run time.
struct EngineStore: LocalStore {
    private var engine: any StorageEngine

    init(engine: any StorageEngine) { self.engine = engine }

    func object(_ key: Key) throws -> Siblings? { try engine.object(key) }

    func hint(_ key: Key, home: String) throws -> HintedObject? { try engine.hint(key, home: home) }

    func hints(_ key: Key) throws -> [HintedObject] { try engine.hints(key) }

    func hints(home: String, after: Key?, limit: Int) throws -> [HintedObject] {
        try engine.hints(home: home, after: after, limit: limit)
    }

    func hintCounts() throws -> [String: Int] { try engine.hintCounts() }

    func forEachObject(_ body: (Key, Siblings) throws -> Void) throws { try engine.forEachObject(body) }

    func entries(from: Hash128, through: Hash128, after: Key?, limit: Int) throws -> [StoredEntry] {
        try engine.entries(from: from, through: through, after: after, limit: limit)
    }

    var hasLostWrites: Bool { engine.hasLostWrites }

    mutating func takeTrees() -> MerkleSnapshot? { engine.takeTrees() }

    mutating func verify(after: Key?, limit: Int) throws -> [Key] { try engine.verify(after: after, limit: limit) }

    mutating func takeCorruptKeys() -> [Key] { engine.takeCorruptKeys() }

    mutating func putObject(_ key: Key, _ siblings: Siblings) throws { try engine.putObject(key, siblings) }

    mutating func deleteObject(_ key: Key) throws { try engine.deleteObject(key) }

    mutating func putHint(_ hint: HintedObject) throws { try engine.putHint(hint) }

    mutating func deleteHint(_ key: Key, home: String) throws { try engine.deleteHint(key, home: home) }

    func number(_ name: String) throws -> UInt64? { try engine.number(name) }

    mutating func setNumber(_ name: String, _ value: UInt64) throws { try engine.setNumber(name, value) }

    func membership() throws -> MembershipState? { try engine.membership() }

    mutating func setMembership(_ state: MembershipState) throws { try engine.setMembership(state) }

    func buckets() throws -> [BucketEntry] { try engine.buckets() }

    mutating func putBucket(_ entry: BucketEntry) throws { try engine.putBucket(entry) }
}
