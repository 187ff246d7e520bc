/// How Merkle trees are cut: the same for every tree of a ring, on every node.
///
/// Fan-out 16; a leaf is a contiguous slice of its partition's positions. There are as many levels as give the whole
/// ring at most 2^18 leaves: a node's hashes then take some megabytes however many keys it holds and however the ring is
/// cut, and at a million keys a leaf holds a handful, so that finding a different key costs a few hundred bytes.
package struct MerkleShape: Hashable, Sendable {
    package static let fanOut = 16
    private static let mostLeaves = 1 << 18

    let partitions: Int
    /// Level 0 is the root, this level the leaves.
    package let leafLevel: Int

    package init(partitions: Int) {
        self.partitions = partitions
        var level = 1
        while level < 4, partitions << (4 * (level + 1)) <= MerkleShape.mostLeaves { level += 1 }
        leafLevel = level
    }

    package var leafCount: Int { width(of: leafLevel) }

    /// The number of nodes at a level.
    package func width(of level: Int) -> Int { 1 << (4 * level) }

    /// Whether positions exist at a level, and are no more than it has: what a peer sends is checked before it is used.
    func has(_ positions: [Int], level: Int) -> Bool {
        guard (0...leafLevel).contains(level), positions.count <= width(of: level) else { return false }
        return positions.allSatisfy { (0..<width(of: level)).contains($0) }
    }

    /// The leaf of its partition's tree that a ring position belongs to.
    package func leaf(of position: Hash128) -> Int { position.slice(of: partitions * leafCount) % leafCount }

    /// The positions that belong to some neighbouring leaves of a partition's tree.
    func positions(partition: Int, leaves: ClosedRange<Int>) -> ClosedRange<Hash128> {
        let first = partition * leafCount
        let count = partitions * leafCount
        let start = Hash128.slice(first + leaves.lowerBound, of: count).lowerBound
        return start...Hash128.slice(first + leaves.upperBound, of: count).upperBound
    }
}
