/// The Merkle trees of a node: one for each ring partition that it is home of (DeCandia et al. 2007, §4.7).
///
/// Buckets may have an N of their own, and with it other homes for the same partition; such keys have trees of their
/// own. A tree is numbered by its partition, plus Q times N where N is not the store's.
struct MerkleForest {
    private let ring: Ring
    private let storeN: Int
    /// By partition: this node's place in the preference list.
    private let ranks: [Int]
    private let node: String
    private var trees: [Int: MerkleTree] = [:]

    init(ring: Ring, node: String, n: Int) {
        self.ring = ring
        self.node = node
        storeN = n
        ranks = (0..<ring.partitions).map { ring.preferenceList($0).firstIndex(of: node) ?? .max }
    }

    func isHome(partition: Int, n: Int) -> Bool { ranks[partition] < n }

    func homePartitions(n: Int) -> [Int] { ranks.indices.filter { ranks[$0] < n } }

    /// Fells everything and plants empty trees for the store's N and for each of the buckets'.
    mutating func clear(replicaCounts: [Int]) {
        trees = [:]
        for n in [storeN] + replicaCounts {
            for partition in homePartitions(n: n) { trees[tree(partition, n: n)] = MerkleTree() }
        }
    }

    /// The homes that a tree is exchanged with: those that share it, without this node.
    func peers(tree: Int) -> ArraySlice<String> {
        let n = tree < ring.partitions ? storeN : tree / ring.partitions
        return ring.preferenceList(tree % ring.partitions).prefix(n).filter { $0 != node }[...]
    }

    /// All trees, ascending.
    var numbers: [Int] { trees.keys.sorted() }

    func contains(tree: Int) -> Bool { trees[tree] != nil }

    /// Sets the hash of a key in its tree; nothing happens where this node is no home of it.
    mutating func set(_ key: Key, n: Int, _ hash: Hash128?) {
        let position = key.position
        trees[tree(ring.partition(of: position), n: n)]?.set(key, at: position, hash)
    }

    /// The tree that a key belongs to, whether this node has it or not.
    func tree(of key: Key, n: Int) -> Int { tree(ring.partition(of: key.position), n: n) }

    mutating func root(tree: Int) -> Hash128? { trees[tree]?.root() }

    mutating func hashes(tree: Int, level: Int, positions: [Int]) -> [Hash128] {
        trees[tree]?.hashes(level: level, positions: positions) ?? []
    }

    /// The keys of a leaf, in order of their positions.
    func entries(tree: Int, leaf: Int) -> [MerkleTree.Entry] { trees[tree]?.entries(leaf: leaf) ?? [] }

    private func tree(_ partition: Int, n: Int) -> Int { n == storeN ? partition : partition + n * ring.partitions }
}

extension Replica {
    /// Builds every tree anew from the store.
    mutating func plantForest() throws {
        forest.clear(replicaCounts: catalog.replicaCounts)
        var forest = forest
        let catalog = catalog
        let storeN = configuration.n
        try store.forEachObject { key, siblings in
            forest.set(key, n: catalog.properties(key.bucket).n ?? storeN, siblings.hash)
        }
        self.forest = forest
        pairs = forest.numbers.flatMap { tree in forest.peers(tree: tree).map { ExchangePair(tree: tree, peer: $0) } }
    }
}
