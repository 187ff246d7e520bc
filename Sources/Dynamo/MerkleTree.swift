/// The hashes of one ring partition's keys: equal roots mean equal contents, and where roots differ, following the
/// differing branches finds the keys that do at a cost in proportion to the difference (DeCandia et al. 2007, §4.7).
///
/// A leaf's hash is the MD5 of its entries in order, each position and hash, and a node's is that of its children's in
/// order: hashes are never combined by exclusive or, under which equal changes would cancel out. The tree holds hashes
/// only. A write marks its leaf as stale, and a stale leaf is hashed anew from what the store has in its range: whatever
/// happened to a key, what the tree says of it is what was read.
package struct MerkleTree: Sendable {
    /// Reads entries as ``LocalStore/entries(from:through:after:limit:)`` does.
    package typealias Read = (_ range: ClosedRange<Hash128>, _ after: Key?, _ limit: Int) throws -> [StoredEntry]

    private static let readLimit = 512
    private static let leavesPerRead = 256
    /// What a read costs beside its rows.
    private static let readCost = 8

    private var partition: Int
    private let shape: MerkleShape
    var levels: [[Hash128]]
    var isStale: [Bool]
    /// Leaves that the next ``root`` waits for.
    package internal(set) var staleLeaves: Int

    /// A tree of which nothing has been read yet.
    package init(partition: Int, shape: MerkleShape) {
        self.partition = partition
        self.shape = shape
        let empty = MerkleTree.empty
        // All nodes of a level are alike in a tree without keys.
        levels = (0...shape.leafLevel).map { level in
            Array(repeating: empty[shape.leafLevel - level], count: shape.width(of: level))
        }
        isStale = Array(repeating: true, count: shape.leafCount)
        staleLeaves = shape.leafCount
    }

    /// The same tree for another partition: as long as neither has keys, they share their memory.
    func planted(at partition: Int) -> MerkleTree {
        var tree = self
        tree.partition = partition
        return tree
    }

    /// The hashes of a leaf without entries, of a node above such leaves, and so on.
    private static let empty: [Hash128] = (0..<4).reduce(into: [MD5().digest()]) { hashes, _ in
        var digest = MD5()
        for _ in 0..<MerkleShape.fanOut { digest.update(hashes[hashes.count - 1]) }
        hashes.append(digest.digest())
    }

    /// Something was stored or removed at a position.
    package mutating func touch(_ position: Hash128) {
        let leaf = shape.leaf(of: position)
        if isStale[leaf] { return }
        isStale[leaf] = true
        staleLeaves += 1
    }

    /// Nothing that was read counts any more.
    mutating func touchAll() {
        isStale = Array(repeating: true, count: shape.leafCount)
        staleLeaves = shape.leafCount
    }

    /// The root's hash; nil while leaves are stale.
    package var root: Hash128? { staleLeaves == 0 ? levels[0][0] : nil }

    /// The hashes at a level; positions outside it are a caller's error and give zero.
    package func hashes(level: Int, positions: [Int]) -> [Hash128] {
        positions.map { levels[level].indices.contains($0) ? levels[level][$0] : .zero }
    }

    /// Hashes stale leaves anew until none is left or the budget is used up.
    ///
    /// - Parameters:
    ///   - budget: how many rows may be read, about; what was read is taken off.
    ///   - includes: which keys belong to the tree.
    /// - Throws: what `read` throws; leaves read before that are no longer stale.
    package mutating func refresh(budget: inout Int, includes: (Key) -> Bool, read: Read) throws {
        var changed: [Int] = []
        defer { rehash(above: changed) }
        var next = 0
        while staleLeaves > 0, budget > 0, let first = isStale[next...].firstIndex(of: true) {
            var last = first
            while last + 1 < isStale.count, isStale[last + 1], last - first + 1 < MerkleTree.leavesPerRead { last += 1 }
            try refresh(first...last, &changed, &budget, includes, read)
            next = last + 1
            if next == isStale.count { break }
        }
    }

    private mutating func refresh(
        _ leaves: ClosedRange<Int>, _ changed: inout [Int], _ budget: inout Int, _ includes: (Key) -> Bool, _ read: Read
    ) throws {
        let range = shape.positions(partition: partition, leaves: leaves)
        var digests: [Int: MD5] = [:]
        var last: Key?
        while true {
            let page = try read(range, last, MerkleTree.readLimit)
            for entry in page where includes(entry.key) {
                let leaf = shape.leaf(of: entry.position)
                digests[leaf, default: MD5()].update(entry.position)
                digests[leaf, default: MD5()].update(entry.hash)
            }
            budget -= page.count + MerkleTree.readCost
            if page.count < MerkleTree.readLimit { break }
            last = page.last?.key
        }
        for leaf in leaves {
            let hash = digests[leaf]?.digest() ?? MerkleTree.empty[0]
            if levels[shape.leafLevel][leaf] != hash {
                levels[shape.leafLevel][leaf] = hash
                changed.append(leaf)
            }
            isStale[leaf] = false
        }
        staleLeaves -= leaves.count
    }

    /// Brings the hashes above some leaves, ascending, up to date.
    private mutating func rehash(above leaves: [Int]) {
        var changed = leaves
        for level in stride(from: shape.leafLevel - 1, through: 0, by: -1) {
            var parents: [Int] = []
            for child in changed where parents.last != child / MerkleShape.fanOut {
                parents.append(child / MerkleShape.fanOut)
            }
            for parent in parents { levels[level][parent] = nodeHash(level: level, parent) }
            changed = parents
        }
    }

    private func nodeHash(level: Int, _ node: Int) -> Hash128 {
        var digest = MD5()
        for child in node * MerkleShape.fanOut..<(node + 1) * MerkleShape.fanOut {
            digest.update(levels[level + 1][child])
        }
        return digest.digest()
    }
}
