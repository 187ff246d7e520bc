/// The hashes of one ring partition's keys: equal roots mean equal contents, and where roots differ, following the
/// differing branches finds the keys that do at a cost in proportion to the difference (DeCandia et al. 2007, §4.7).
///
/// Fan-out 16 over 256 leaves; a key's leaf comes from the last bits of its ring position (the first ones chose the
/// partition). A node's hash is the MD5 of its children's in order, a leaf's that of its entries sorted by position:
/// hashes are never combined by exclusive or, under which equal changes would cancel out. Writes mark their leaf, and
/// only marked branches are hashed anew.
package struct MerkleTree {
    package static let fanOut = 16
    /// Level 0 is the root, this level the leaves.
    package static let leafLevel = 2
    package static let leafCount = 256

    struct Entry {
        var position: Hash128
        var key: Key
        var hash: Hash128
    }

    private var leaves: [[Entry]]
    private var levels: [[Hash128]]
    private var stale: [Bool]
    private var anyStale = true

    /// A tree without keys. All begin as copies of one, whose hashes are computed once.
    package init() { self = MerkleTree.empty }

    private static let empty: MerkleTree = {
        var tree = MerkleTree(leaves: leafCount)
        tree.refresh()
        return tree
    }()

    private init(leaves leafCount: Int) {
        levels = (0...MerkleTree.leafLevel).map { level in
            Array(repeating: .zero, count: MerkleTree.width(of: level))
        }
        leaves = Array(repeating: [], count: leafCount)
        stale = Array(repeating: true, count: leafCount)
    }

    /// The number of nodes at a level.
    package static func width(of level: Int) -> Int { 1 << (4 * level) }

    /// Whether positions exist at a level, and are no more than it has: what a peer sends is checked before it is used.
    static func has(_ positions: [Int], level: Int) -> Bool {
        guard (0...leafLevel).contains(level), positions.count <= width(of: level) else { return false }
        return positions.allSatisfy { (0..<width(of: level)).contains($0) }
    }

    package static func leaf(of position: Hash128) -> Int { Int(position.low & UInt64(leafCount - 1)) }

    /// Sets the hash of a key's siblings; nil when nothing is stored for it any more.
    package mutating func set(_ key: Key, at position: Hash128, _ hash: Hash128?) {
        let leaf = MerkleTree.leaf(of: position)
        let index = leaves[leaf].firstIndex(notBefore: position, key)
        let present = index < leaves[leaf].count && leaves[leaf][index].key == key
        switch (present, hash) {
        case (true, let hash?): leaves[leaf][index].hash = hash
        case (true, nil): leaves[leaf].remove(at: index)
        case (false, let hash?): leaves[leaf].insert(Entry(position: position, key: key, hash: hash), at: index)
        case (false, nil): return
        }
        stale[leaf] = true
        anyStale = true
    }

    package mutating func root() -> Hash128 {
        refresh()
        return levels[0][0]
    }

    /// The hashes at a level; positions outside it are a caller's error and give zero.
    package mutating func hashes(level: Int, positions: [Int]) -> [Hash128] {
        refresh()
        return positions.map { levels[level].indices.contains($0) ? levels[level][$0] : .zero }
    }

    func count(leaf: Int) -> Int { leaves[leaf].count }

    /// The keys of a leaf, in order of their positions.
    func entries(leaf: Int) -> [Entry] { leaves[leaf] }

    private mutating func refresh() {
        if !anyStale { return }
        var changed = stale.indices.filter { stale[$0] }
        for leaf in changed {
            levels[MerkleTree.leafLevel][leaf] = leafHash(leaf)
            stale[leaf] = false
        }
        for level in stride(from: MerkleTree.leafLevel - 1, through: 0, by: -1) {
            var parents: [Int] = []
            for child in changed where parents.last != child / MerkleTree.fanOut {
                parents.append(child / MerkleTree.fanOut)
            }
            for parent in parents { levels[level][parent] = nodeHash(level: level, parent) }
            changed = parents
        }
        anyStale = false
    }

    private func leafHash(_ leaf: Int) -> Hash128 {
        var digest = MD5()
        for entry in leaves[leaf] {
            digest.update(entry.position)
            digest.update(entry.hash)
        }
        return digest.digest()
    }

    private func nodeHash(level: Int, _ node: Int) -> Hash128 {
        var digest = MD5()
        for child in node * MerkleTree.fanOut..<(node + 1) * MerkleTree.fanOut {
            digest.update(levels[level + 1][child])
        }
        return digest.digest()
    }
}

extension [MerkleTree.Entry] {
    /// The first index whose entry is not before the given one: by position, then by key, should two keys ever share a
    /// position.
    fileprivate func firstIndex(notBefore position: Hash128, _ key: Key) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let entry = self[middle]
            let before = entry.position != position ? entry.position < position : entry.key < key
            if before { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
