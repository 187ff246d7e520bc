import Dynamo
import Testing

struct MerkleTreeTests {
    /// Entries and a tree of them, kept as a replica keeps them: what is written is touched, and read again later.
    private struct Planted {
        var index = PositionIndex()
        var tree: MerkleTree
        let shape = MerkleShape(partitions: 1)

        init(_ entries: some Sequence<(key: Key, hash: Hash128)> = []) {
            tree = MerkleTree(partition: 0, shape: shape)
            for (key, hash) in entries { set(key, hash) }
        }

        mutating func set(_ key: Key, _ hash: Hash128?) {
            index.set(key, hash: hash)
            tree.touch(key.position)
        }

        /// Reads at most about so many rows.
        mutating func read(_ rows: Int) {
            var budget = rows
            let index = index
            try? tree.refresh(budget: &budget, includes: { _ in true }) { range, after, limit in
                index.entries(from: range.lowerBound, through: range.upperBound, after: after, limit: limit)
            }
        }

        mutating func root() -> Hash128? {
            read(.max)
            return tree.root
        }
    }

    private let entries = (0..<300).map { (key: key("k\($0)"), hash: Hash128(high: UInt64($0), low: 1)) }

    @Test func equalSetsHaveEqualRootsHoweverTheyCameAbout() {
        var one = Planted(entries)
        var other = Planted(entries.reversed())
        #expect(one.root() != nil)
        #expect(one.root() == other.root())
        var random = SplitMix64(seed: 1)
        var wandering = Planted()
        for _ in 0..<600 {
            let (key, hash) = entries[Int(random.next() % 300)]
            wandering.set(key, random.next() % 3 == 0 ? nil : hash)
            // Some leaves are read in between, some are not.
            if random.next() % 10 == 0 { wandering.read(50) }
        }
        for (key, hash) in entries { wandering.set(key, hash) }
        #expect(wandering.root() == one.root())
    }

    @Test func anyChangeChangesTheRoot() {
        var planted = Planted(entries)
        var roots: Set<Hash128?> = [planted.root(), nil]
        for (index, (key, _)) in entries.enumerated().prefix(40) {
            planted.set(key, index.isMultiple(of: 2) ? nil : Hash128(high: UInt64(index), low: 2))
            #expect(roots.insert(planted.root()).inserted)
        }
    }

    /// Under exclusive or, equal changes to two keys would cancel each other out (leveled#207, ferrosadb#339).
    @Test func equalChangesDoNotCancel() {
        var before = Planted()
        var after = before
        for (key, _) in entries.prefix(2) { after.set(key, Hash128(high: 5, low: 5)) }
        var once = before
        once.set(entries[0].key, Hash128(high: 5, low: 5))
        #expect(before.root() != after.root())
        #expect(once.root() != after.root())
    }

    /// Also the last key of a leaf, and the last of all (riak_core#828).
    @Test func aKeyRemovedLeavesNoTrace() {
        var one = Planted(entries)
        var other = Planted(entries.dropLast())
        #expect(one.root() != other.root())
        one.set(entries[299].key, nil)
        #expect(one.root() == other.root())
        one.set(entries[299].key, nil)
        #expect(one.root() == other.root())
        var none = Planted()
        for (key, _) in entries { one.set(key, nil) }
        #expect(one.root() == none.root())
    }

    @Test func aRootIsToldOnlyOnceAllIsRead() {
        var planted = Planted(entries)
        var reads = 0
        while planted.tree.root == nil {
            planted.read(20)
            reads += 1
        }
        var whole = Planted(entries)
        #expect(planted.tree.root == whole.root())
        #expect(reads > 10, "a budget bounds what is read at a time")
        planted.tree.touch(entries[0].key.position)
        #expect(planted.tree.root == nil)
        #expect(planted.tree.staleLeaves == 1)
    }

    @Test func differencesLeadToTheKey() {
        var one = Planted(entries)
        var other = one
        let changed = entries[123].key
        other.set(changed, Hash128(high: 9, low: 9))
        _ = (one.root(), other.root())
        var positions = [0]
        for level in 0...one.shape.leafLevel {
            let mine = one.tree.hashes(level: level, positions: positions)
            let theirs = other.tree.hashes(level: level, positions: positions)
            let differing = positions.indices.filter { mine[$0] != theirs[$0] }.map { positions[$0] }
            #expect(differing.count == 1)
            positions = level == one.shape.leafLevel ? differing : differing.flatMap { $0 * 16..<$0 * 16 + 16 }
        }
        #expect(positions == [one.shape.leaf(of: changed.position)])
    }
}
