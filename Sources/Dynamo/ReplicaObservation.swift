import Causality

/// What observers read: status pages, the bench's inspector, tests.
extension Replica {
    /// Hints waiting, by home; homes without any are left out.
    ///
    /// - Throws: what the store throws.
    public var hintCounts: [String: Int] { get throws { try store.hintCounts() } }

    /// The root of the Merkle tree of a ring partition; nil when this node is not home of it. Mutating, since hashes
    /// are brought up to date only when somebody asks.
    public mutating func merkleRoot(partition: Int) -> Hash128? {
        var budget = Int.max
        return told(freshRoot(tree: partition, budget: &budget), tree: partition)
    }

    /// The ring partitions that this node is home of at the store's N, in ascending order.
    public var homePartitions: [Int] { forest.homePartitions(n: configuration.n) }

    /// Whether this node is one of the first N of the key's preference list; N is the bucket's.
    public func isHome(_ key: Key) -> Bool { forest.isHome(partition: partition(of: key), n: n(of: key.bucket)) }

    /// The ring partition in which a key lies.
    public func partition(of key: Key) -> Int { ring.partition(of: key.position) }

    /// The homes of a key in the order of its preference list.
    public func homes(of key: Key) -> [String] {
        Array(ring.preferenceList(partition(of: key)).prefix(n(of: key.bucket)))
    }

    /// Requests that are not over: answered or not, in this node's hands or forwarded.
    public var openRequests: Int { puts.count + gets.count + forwards.count }

    /// Every other member, in the order of the configuration.
    public var peerStates: [PeerState] { detector.peers }

    /// A bucket's properties as this node knows them, completed by those of its type.
    public func bucketProperties(_ bucket: [UInt8]) -> BucketProperties { catalog.properties(bucket) }

    /// What was set for a bucket itself, and not for its type.
    public func ownBucketProperties(_ bucket: [UInt8]) -> BucketProperties { catalog.ownProperties(bucket) }

    /// Whether this node knows the bucket's type.
    public func hasType(_ bucket: BucketName) -> Bool { catalog.hasType(bucket) }

    /// The number of replicas of a bucket's keys.
    func n(of bucket: [UInt8]) -> Int { catalog.properties(bucket).n ?? configuration.n }
}
