import Causality

/// The siblings of one key as a replica stores and ships them: always the whole set.
public typealias Siblings = SiblingSet<Content>

/// What nodes say to each other. Every request carries a number that its sender chose; the answer repeats it.
public enum Message: Hashable, Sendable {
    // Replication, from a coordinator to the nodes of the preference list.
    /// Merge `siblings` into the key and make them durable. `hintFor` names the home that the receiver stands in for,
    /// if it does.
    case replicate(request: UInt64, key: Key, siblings: Siblings, hintFor: String?)
    /// `replicate` is durable at the sender (`ok`), or could not be stored.
    case replicated(request: UInt64, ok: Bool)
    /// Ask for what the receiver stores for the key (as home, or as hints).
    case fetch(request: UInt64, key: Key)
    /// The answer to `fetch`; nil when nothing is stored; `ok` false when storage failed.
    case fetched(request: UInt64, siblings: Siblings?, ok: Bool)

    // Forwarding, from a node that cannot coordinate to one that can.
    case forwardGet(request: UInt64, GetRequest)
    case forwardPut(request: UInt64, PutRequest)
    /// The coordinator's outcome, to be passed on to the client.
    case forwarded(request: UInt64, ClientReply)

    // Hinted handoff.
    /// A hinted object on its way home. The hint is deleted only once `handedOff` says that it is durable there.
    case handoff(request: UInt64, key: Key, siblings: Siblings)
    case handedOff(request: UInt64, ok: Bool)
    /// Keys, with the hashes of what the sender stores of them, that the receiver is home of and the sender is not (any
    /// more).
    case offer(request: UInt64, entries: [LeafEntry])
    /// Of an offer, the keys for which the receiver wants a ``handoff(request:key:siblings:)``: of all others it has the
    /// same, on disk. Not `ok`: it cannot tell now.
    case offered(request: UInt64, wanted: [Key], ok: Bool)

    // Anti-entropy: Merkle exchange.
    /// The roots of trees that the sender believes to share with the receiver, in the order of `trees`.
    case treeRoots(exchange: UInt64, trees: [Int], roots: [Hash128])
    /// Of those, the ones that are equal at the receiver and the ones that are not; it does not know the rest now.
    case rootsCompared(exchange: UInt64, equal: [Int], differing: [Int])
    /// The hashes of the sender's tree at `level` for the nodes `positions`; level 0 is the root.
    case treeHashes(exchange: UInt64, partition: Int, level: Int, positions: [Int], hashes: [Hash128])
    /// The positions at that level whose hashes differ at the receiver (empty: all agree).
    case treeDiffers(exchange: UInt64, partition: Int, level: Int, positions: [Int])
    /// The (key, hash of its siblings) pairs of the leaves `positions`.
    case leafKeys(exchange: UInt64, partition: Int, positions: [Int], entries: [LeafEntry])
    /// Objects that differ: sent by one side, merged by the other. `wanted` are keys that the receiver must send back.
    case repair(exchange: UInt64, partition: Int, objects: [KeyedSiblings], wanted: [Key])

    // Listing.
    case list(request: UInt64, ListQuestion)
    /// The answer; nil: the sender could not read.
    case listed(request: UInt64, ListAnswer?)

    // Reaping of tombstones; see `ReapRound`.
    /// Whether the receiver holds exactly these tombstones as home, and nothing else of the keys, and knows the same
    /// members.
    case reapCheck(round: UInt64, membership: UInt64, entries: [LeafEntry])
    /// The positions in the list of those that it does.
    case reapClear(round: UInt64, positions: [Int])
    /// Whether anything touched the keys since.
    case reapConfirm(round: UInt64)
    /// The positions of those that nothing touched.
    case reapConfirmed(round: UInt64, positions: [Int])
    /// All members agree: delete these tombstones.
    case reap(entries: [LeafEntry])
    /// Echoed as `flushed`: by then all that was sent before has arrived.
    case flush(request: UInt64)
    case flushed(request: UInt64)

    // Liveness and bucket properties.
    case ping(request: UInt64, incarnation: UInt64, bucketsVersion: UInt64)
    case pong(request: UInt64, incarnation: UInt64, bucketsVersion: UInt64, backlog: Backlog)
    /// Every bucket's properties that the sender knows; reconciled by version.
    case buckets([BucketEntry])

    // Membership. Nodes that the receiver does not know yet may say this much, and nothing else.
    /// What the sender knows of the membership. Who knows something else answers with ``membership(_:)``, who knows the
    /// same answers in kind if `answer` asks for it.
    case gossip(MembershipDigest, answer: Bool)
    /// All that the sender knows of the membership.
    case membership(MembershipState)
}

/// A key and the hash of its siblings: what a Merkle leaf holds.
public struct LeafEntry: Hashable, Sendable {
    public var key: Key
    public var hash: Hash128
    public init(key: Key, hash: Hash128) {
        self.key = key
        self.hash = hash
    }
}

/// A key with all its siblings.
public struct KeyedSiblings: Hashable, Sendable {
    public var key: Key
    public var siblings: Siblings
    public init(key: Key, siblings: Siblings) {
        self.key = key
        self.siblings = siblings
    }
}

/// What a node has yet to do, as it tells with every answer to a probe.
public struct Backlog: Hashable, Sendable {
    /// Ring partitions that it has yet to fetch.
    public var partitions: Int
    /// Objects found that belong elsewhere.
    public var surplus: Int
    /// Hints for others.
    public var hints: Int

    public init(partitions: Int = 0, surplus: Int = 0, hints: Int = 0) {
        self.partitions = partitions
        self.surplus = surplus
        self.hints = hints
    }

    public var isEmpty: Bool { self == Backlog() }
}

/// 128 bits of a hash; also a position on the ring.
public struct Hash128: Hashable, Comparable, Sendable {
    public var high: UInt64
    public var low: UInt64
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    public static let zero = Hash128(high: 0, low: 0)
    public static let max = Hash128(high: .max, low: .max)
    public static func < (left: Hash128, right: Hash128) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}
