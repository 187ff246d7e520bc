import Dynamo
import Testing

struct MerkleTreeTests {
    private func tree(_ entries: some Sequence<(key: Key, hash: Hash128)>) -> MerkleTree {
        var tree = MerkleTree()
        for (key, hash) in entries { tree.set(key, at: key.position, hash) }
        return tree
    }

    private let entries = (0..<1000).map { (key: key("k\($0)"), hash: Hash128(high: UInt64($0), low: 1)) }

    @Test func theOrderOfWritesDoesNotMatter() {
        var one = tree(entries)
        var other = tree(entries.reversed())
        #expect(one.root() == other.root())
    }

    @Test func askingInBetweenDoesNotMatter() {
        var asked = MerkleTree()
        for (key, hash) in entries {
            asked.set(key, at: key.position, hash)
            _ = asked.root()
        }
        var plain = tree(entries)
        #expect(asked.root() == plain.root())
    }

    /// Under exclusive or, equal changes to two keys would cancel each other out (leveled#207, ferrosadb#339).
    @Test func equalChangesDoNotCancel() {
        var before = tree([])
        var after = before
        let hash = Hash128(high: 5, low: 5)
        let twins = entries.filter {
            MerkleTree.leaf(of: $0.key.position) == MerkleTree.leaf(of: entries[0].key.position)
        }
        for (key, _) in twins.prefix(2) { after.set(key, at: key.position, hash) }
        #expect(twins.count >= 2 && before.root() != after.root())
    }

    @Test func aKeyRemovedLeavesNoTrace() {
        var one = tree(entries)
        var other = tree(entries.dropLast())
        #expect(one.root() != other.root())
        let last = entries[999].key
        one.set(last, at: last.position, nil)
        #expect(one.root() == other.root())
        one.set(last, at: last.position, nil)
        #expect(one.root() == other.root())
    }

    @Test func differencesLeadToTheKey() {
        var one = tree(entries)
        var other = one
        let changed = entries[123].key
        other.set(changed, at: changed.position, Hash128(high: 9, low: 9))
        var positions = [0]
        for level in 0...MerkleTree.leafLevel {
            let mine = one.hashes(level: level, positions: positions)
            let theirs = other.hashes(level: level, positions: positions)
            let differing = positions.indices.filter { mine[$0] != theirs[$0] }.map { positions[$0] }
            #expect(differing.count == 1)
            positions = level == MerkleTree.leafLevel ? differing : differing.flatMap { $0 * 16..<$0 * 16 + 16 }
        }
        #expect(positions == [MerkleTree.leaf(of: changed.position)])
    }
}
