import Dynamo

/// What was applied to the store and is not known to be on disk: the next record of the commit log, and until then the
/// truth for readers.
public struct WriteBatch: Sendable {
    struct HintKey: Hashable, Sendable {
        var home: String
        var key: Key
    }

    /// A hint that was stored, or deleted: then readers must not find the row that is still there.
    enum HintChange: Sendable {
        case store(HintedObject)
        case delete
    }

    /// An object that was stored, or deleted.
    struct ObjectChange: Sendable {
        let position: Hash128
        /// Nil: deleted.
        let siblings: Siblings?
    }

    var objects: [Key: ObjectChange] = [:]
    /// Objects whose rows are corrupt, to be marked so.
    var corrupt: Set<Key> = []
    /// How many objects more there are after the batch than before.
    var objectsAdded = 0
    var hints: [HintKey: HintChange] = [:]
    var numbers: [String: UInt64] = [:]
    var buckets: [[UInt8]: BucketEntry] = [:]
    var membership: MembershipState?
    /// About the bytes that it takes in memory.
    var cost = 0
    /// Its number in the commit log, and the segment that it goes to.
    var record: UInt64 = 0
    var segment: UInt64 = 0

    public init() {}

    public var isEmpty: Bool { !touchesData && hints.isEmpty }
    /// Rows that the batch writes.
    public var count: Int { objects.count + hints.count + numbers.count + buckets.count + (membership == nil ? 0 : 1) }
    var touchesData: Bool {
        !(objects.isEmpty && corrupt.isEmpty && numbers.isEmpty && buckets.isEmpty && membership == nil)
    }
}
