import Causality

/// What a replica keeps: its objects, and apart from them its hints. Reads see every write applied so far, durable or
/// not; ``Effect/sync(_:)`` asks the shell to make the applied ones durable.
///
/// SQLite behind `dynamo-node` conforms, and ``MemoryStore`` in the simulator and, where asked for, behind `dynamo-node`, too.
public protocol LocalStore {
    /// The siblings of a key that this node is home of (or was), nil when there are none.
    func object(_ key: Key) throws -> Siblings?
    /// The hinted siblings held for `home`, nil when there are none.
    func hint(_ key: Key, home: String) throws -> HintedObject?
    /// Every hint of a key, by home, in ascending order of home.
    func hints(_ key: Key) throws -> [HintedObject]
    /// Up to `limit` hinted objects for `home`, in ascending order of key, after `after`.
    func hints(home: String, after: Key?, limit: Int) throws -> [HintedObject]
    /// How many hints wait for each home; homes without any are left out.
    func hintCounts() throws -> [String: Int]
    /// Calls `body` for every object, in any order.
    func forEachObject(_ body: (Key, Siblings) throws -> Void) throws
    /// Up to `limit` objects whose keys lie at ring positions `from ... through`, without their values, in ascending
    /// order of ``StoredEntry``. Fewer than `limit` are the last ones.
    ///
    /// Objects are kept in order of position, so a ring partition, and any part of one, costs no more than its own rows.
    ///
    /// - Parameter after: goes on behind this key: the last one of the page before.
    func entries(from: Hash128, through: Hash128, after: Key?, limit: Int) throws -> [StoredEntry]

    /// Reads up to `limit` objects in order of ring position, after a key or from the beginning, and checks that they
    /// are what was written. Returns the keys read, in order; fewer than `limit` are the last ones.
    mutating func verify(after: Key?, limit: Int) throws -> [Key]
    /// Keys whose objects were found to be not what was written, by any read, since this was asked last.
    ///
    /// To read such an object throws a ``LocalStoreError`` until it is stored anew, and there is no entry for it.
    mutating func takeCorruptKeys() -> [Key]

    /// Some of what the store had said to be on disk is missing, and nobody knows what: as after the loss of the disk, the
    /// replica must not go on counting where it finds its counters.
    var hasLostWrites: Bool { get }

    /// What the Merkle trees knew of exactly what is stored now, when the node ended; nil: not known. Given once.
    mutating func takeTrees() -> MerkleSnapshot?

    /// Stores an object in place of what was there.
    mutating func putObject(_ key: Key, _ siblings: Siblings) throws
    /// Removes what is stored for a key, if anything is.
    mutating func deleteObject(_ key: Key) throws
    /// Stores a hint in place of what was there for its key and home.
    mutating func putHint(_ hint: HintedObject) throws
    mutating func deleteHint(_ key: Key, home: String) throws
    /// Numbers that a replica must not forget, by name (incarnation, …).
    func number(_ name: String) throws -> UInt64?
    mutating func setNumber(_ name: String, _ value: UInt64) throws
    /// The membership as it was last set; nil in a new store.
    func membership() throws -> MembershipState?
    mutating func setMembership(_ state: MembershipState) throws
    func buckets() throws -> [BucketEntry]
    mutating func putBucket(_ entry: BucketEntry) throws
}

extension LocalStore {
    public var hasLostWrites: Bool { false }
    public mutating func takeTrees() -> MerkleSnapshot? { nil }
}

/// Why a store cannot serve.
public protocol LocalStoreError: Error {
    /// What is stored is not what was written, and will not be until it is stored anew; otherwise another try may do.
    var isCorruption: Bool { get }
}

/// An object as a replica's Merkle trees see it: where it lies on the ring, and a hash of all that is stored for it.
///
/// Ordered by position, then by key, should two keys ever share a position.
public struct StoredEntry: Hashable, Comparable, Sendable {
    public var position: Hash128
    public var key: Key
    /// Equal hashes mean equal siblings.
    public var hash: Hash128

    public init(position: Hash128, key: Key, hash: Hash128) {
        self.position = position
        self.key = key
        self.hash = hash
    }

    public static func < (left: StoredEntry, right: StoredEntry) -> Bool {
        left.position != right.position ? left.position < right.position : left.key < right.key
    }
}

/// Siblings held for a home that could not be reached.
public struct HintedObject: Hashable, Sendable {
    public var key: Key
    public var home: String
    public var siblings: Siblings
    /// The incarnation under which this node coordinates writes of the key for as long as the hint is held; 0: none
    /// yet.
    ///
    /// A delivered hint is deleted, and with it this node's knowledge of the dots that it assigned: the next hint
    /// begins a new one.
    public var incarnation: UInt64
    /// When something was last added, in microseconds since 1970; 0: not known.
    public var storedAt: UInt64

    public init(key: Key, home: String, siblings: Siblings, incarnation: UInt64, storedAt: UInt64 = 0) {
        self.key = key
        self.home = home
        self.siblings = siblings
        self.incarnation = incarnation
        self.storedAt = storedAt
    }
}
