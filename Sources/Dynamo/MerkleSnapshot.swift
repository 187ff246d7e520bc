/// What a node's Merkle trees know, to be kept while the node does not run: a start then need not read every row again.
public struct MerkleSnapshot: Hashable, Sendable {
    /// One tree: the hashes of all its nodes, and which of its leaves have to be read again.
    public struct Tree: Hashable, Sendable {
        /// As ``MerkleForest`` numbers trees.
        public var number: Int
        /// From the root down to the leaves.
        public var levels: [[Hash128]]
        public var isStale: [Bool]

        public init(number: Int, levels: [[Hash128]], isStale: [Bool]) {
            self.number = number
            self.levels = levels
            self.isStale = isStale
        }
    }

    /// Partitions of the ring, by which trees are cut.
    public var partitions: Int
    /// In ascending order of their numbers.
    public var trees: [Tree]

    public init(partitions: Int, trees: [Tree]) {
        self.partitions = partitions
        self.trees = trees
    }

    /// The numbers of nodes on the levels of each tree of a ring of so many partitions.
    public static func widths(partitions: Int) -> [Int] {
        let shape = MerkleShape(partitions: partitions)
        return (0...shape.leafLevel).map(shape.width)
    }
}

extension MerkleTree {
    var snapshot: (levels: [[Hash128]], isStale: [Bool]) { (levels, isStale) }

    /// Takes over what another life of the node knew; does nothing when it is of another shape.
    mutating func adopt(_ tree: MerkleSnapshot.Tree) {
        guard tree.levels.map(\.count) == levels.map(\.count), tree.isStale.count == isStale.count else { return }
        levels = tree.levels
        isStale = tree.isStale
        staleLeaves = isStale.count { $0 }
    }
}

extension MerkleForest {
    var snapshot: MerkleSnapshot {
        MerkleSnapshot(
            partitions: shape.partitions,
            trees: numbers.compactMap { number in
                trees[number].map { tree in
                    let known = tree.snapshot
                    return MerkleSnapshot.Tree(number: number, levels: known.levels, isStale: known.isStale)
                }
            })
    }

    /// Takes over what is known of the trees that there are.
    mutating func adopt(_ snapshot: MerkleSnapshot) {
        guard snapshot.partitions == shape.partitions else { return }
        for tree in snapshot.trees { trees[tree.number]?.adopt(tree) }
    }
}

extension Replica {
    /// What the Merkle trees know of the store as it is now, for ``LocalStore/takeTrees()`` of the next life.
    public var merkleSnapshot: MerkleSnapshot { forest.snapshot }
}
