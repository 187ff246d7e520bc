/// The Merkle trees of a node: one for each ring partition that it is home of (DeCandia et al. 2007, §4.7).
///
/// Buckets may have an N of their own, and with it other homes for the same partition; such keys have trees of their
/// own. A tree is numbered by its partition, plus Q times N where N is not the store's.
struct MerkleForest {
    let shape: MerkleShape
    private let ring: Ring
    private let storeN: Int
    /// By partition: this node's place in the preference list.
    private let ranks: [Int]
    private let node: String
    private let membership: Membership
    var trees: [Int: MerkleTree] = [:]
    /// The trees of what the node is to become a home of, ascending.
    private(set) var gainedTrees: [Int] = []

    init(_ membership: Membership, node: String) {
        self.membership = membership
        let ring = membership.current
        self.ring = ring
        self.node = node
        storeN = membership.state.n
        shape = MerkleShape(partitions: ring.partitions)
        ranks = (0..<ring.partitions).map { ring.preferenceList($0).firstIndex(of: node) ?? .max }
    }

    func isHome(partition: Int, n: Int) -> Bool { ranks[partition] < n }

    func homePartitions(n: Int) -> [Int] { ranks.indices.filter { ranks[$0] < n } }

    /// The trees of the partitions that this node is home of, at the store's N and each of the buckets'.
    func homeTrees(replicaCounts: [Int]) -> Set<Int> {
        Set(([storeN] + replicaCounts).flatMap { n in homePartitions(n: n).map { tree($0, n: n) } })
    }

    /// The trees of the partitions that this node is to become a home of, likewise.
    func treesToGain(replicaCounts: [Int]) -> Set<Int> {
        Set(([storeN] + replicaCounts).flatMap { n in membership.gained(by: node, n: n).map { tree($0, n: n) } })
    }

    /// Makes the trees those with these numbers, and those to be gained: what is known of the ones that stay is kept, new ones are read from the
    /// store bit by bit.
    mutating func setTrees(_ homes: Set<Int>, gained: Set<Int>) {
        let numbers = homes.union(gained)
        trees = trees.filter { numbers.contains($0.key) }
        let seedling = MerkleTree(partition: 0, shape: shape)
        for number in numbers where trees[number] == nil {
            trees[number] = seedling.planted(at: number % ring.partitions)
        }
        gainedTrees = gained.sorted()
    }

    /// Keys may have moved from tree to tree: everything has to be read again.
    mutating func touchAll() {
        for number in trees.keys { trees[number]?.touchAll() }
    }

    /// Another ring, or another one to come.
    mutating func follow(_ membership: Membership) {
        var forest = MerkleForest(membership, node: node)
        forest.trees = trees
        self = forest
    }

    /// The homes that a tree is exchanged with: those that share it, without this node.
    func peers(tree: Int) -> [String] {
        ring.preferenceList(tree % ring.partitions).prefix(n(tree: tree)).filter { $0 != node }
    }

    /// All trees, ascending.
    var numbers: [Int] { trees.keys.sorted() }

    func contains(tree: Int) -> Bool { trees[tree] != nil }

    /// What is stored for a key has changed; false where there is no tree for it, since this node neither is a home of
    /// it nor is to become one.
    @discardableResult
    mutating func touch(_ key: Key, n: Int) -> Bool {
        let position = key.position
        return trees[tree(ring.partition(of: position), n: n)]?.touch(position) != nil
    }

    /// The tree that a key belongs to, whether this node has it or not.
    func tree(of key: Key, n: Int) -> Int { tree(ring.partition(of: key.position), n: n) }

    /// The number of replicas of a tree's keys.
    func n(tree: Int) -> Int { tree < ring.partitions ? storeN : tree / ring.partitions }

    /// Nil while leaves are stale, or when there is no such tree.
    func root(tree: Int) -> Hash128? { trees[tree]?.root }

    /// See ``MerkleTree/refresh(budget:includes:read:)``.
    mutating func refresh(
        tree: Int, budget: inout Int, includes: (Key) -> Bool, read: MerkleTree.Read
    ) throws {
        try trees[tree]?.refresh(budget: &budget, includes: includes, read: read)
    }

    func hashes(tree: Int, level: Int, positions: [Int]) -> [Hash128] {
        trees[tree]?.hashes(level: level, positions: positions) ?? []
    }

    /// The ring positions of a tree's leaf.
    func positions(tree: Int, leaf: Int) -> ClosedRange<Hash128> {
        shape.positions(partition: tree % ring.partitions, leaves: leaf...leaf)
    }

    private func tree(_ partition: Int, n: Int) -> Int { n == storeN ? partition : partition + n * ring.partitions }
}
