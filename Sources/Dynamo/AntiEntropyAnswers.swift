import Causality

/// Answering Merkle exchanges that a peer drives. Nothing is remembered between messages: each carries all that its
/// answer needs.
extension Replica {
    mutating func receiveExchange(_ message: Message, from peer: String) {
        switch message {
        case .treeRoots(let number, let trees, let roots): compareRoots(number, trees, roots, from: peer)
        case .rootsCompared(let number, let equal, let differing):
            rootsCompared(number, equal: equal, differing: differing, from: peer)
        case .treeHashes(let number, let tree, let level, let positions, let hashes):
            compare(number, tree: tree, level: level, positions, hashes, from: peer)
        case .treeDiffers(let number, let tree, let level, let positions):
            branchesDiffer(number, tree: tree, level: level, positions: positions, from: peer)
        case .leafKeys(let number, let tree, let positions, let entries):
            compareLeaves(number, tree: tree, positions, entries, from: peer)
        case .repair(let number, _, let objects, let wanted):
            // The answer within an exchange of this node's own, or what a peer gives back.
            if exchanges[number]?.peer == peer {
                repairs(number, objects, wanted: wanted, from: peer)
            } else {
                merge(objects)
            }
        default: break
        }
    }

    private mutating func compareRoots(_ number: UInt64, _ trees: [Int], _ roots: [Hash128], from peer: String) {
        guard trees.count == roots.count, yields(to: peer) else { return }
        readForest()
        var equal: [Int] = []
        var differing: [Int] = []
        for (tree, root) in zip(trees, roots) {
            guard let own = told(forest.root(tree: tree), tree: tree) else { continue }
            if own == root { equal.append(tree) } else { differing.append(tree) }
        }
        send(.rootsCompared(exchange: number, equal: equal, differing: differing), to: peer)
    }

    /// Two nodes that begin to compare roots with each other at once would send everything twice: the one whose name
    /// comes first goes on.
    private mutating func yields(to peer: String) -> Bool {
        guard let sweep = sweeps[peer] else { return true }
        if node < peer { return false }
        sweeps[peer] = nil
        effects.append(.cancelTimer(.stalled(sweep.number)))
        return true
    }

    private mutating func compare(
        _ number: UInt64, tree: Int, level: Int, _ positions: [Int], _ hashes: [Hash128], from peer: String
    ) {
        var budget = Limits.forestRows
        guard positions.count == hashes.count, forest.shape.has(positions, level: level),
            freshRoot(tree: tree, budget: &budget) != nil
        else { return }
        let own = forest.hashes(tree: tree, level: level, positions: positions)
        let differing = positions.indices.filter { own[$0] != hashes[$0] }.map { positions[$0] }
        send(.treeDiffers(exchange: number, partition: tree, level: level, positions: differing), to: peer)
    }

    private mutating func compareLeaves(
        _ number: UInt64, tree: Int, _ positions: [Int], _ entries: [LeafEntry], from peer: String
    ) {
        guard forest.contains(tree: tree), forest.shape.has(positions, level: forest.shape.leafLevel),
            let differences = try? differences(tree: tree, positions, entries)
        else { return }
        let objects = differences.lacking.map { KeyedSiblings(key: $0.key, siblings: $0.siblings) }
        release(
            .repair(exchange: number, partition: tree, objects: objects, wanted: differences.wanted),
            of: objects.map(\.key), to: peer)
    }

    /// What the peer lacks of the keys in some leaves, and the keys of which it has something that this node lacks, up
    /// to the size of a message. Which of two different sets is the later one only a merge can tell, so such a key is
    /// among both.
    private func differences(tree: Int, _ positions: [Int], _ entries: [LeafEntry]) throws -> (
        lacking: [KeyedSiblings], wanted: [Key]
    ) {
        if configuration.flaw == .noExchange { return ([], []) }
        var lacking: [KeyedSiblings] = []
        var bytes = 0
        let theirs = Dictionary(entries.map { ($0.key, $0.hash) }, uniquingKeysWith: { first, _ in first })
        var common: Set<Key> = []
        var wanted: [Key] = []
        for entry in try positions.flatMap({ try leafEntries(tree: tree, leaf: $0) }) {
            if theirs[entry.key] != nil { common.insert(entry.key) }
            if theirs[entry.key] == entry.hash { continue }
            if lacking.count >= Limits.repairObjects || bytes >= Limits.repairBytes { continue }
            guard let siblings = try? store.object(entry.key) else { continue }
            lacking.append(KeyedSiblings(key: entry.key, siblings: siblings))
            bytes += siblings.valueBytes
            if theirs[entry.key] != nil { wanted.append(entry.key) }
        }
        for entry in entries where wanted.count < Limits.repairObjects {
            // In the order in which the peer told them, so that the order of a hash table reaches nobody.
            if !common.contains(entry.key), partitionTree(of: entry.key) == tree { wanted.append(entry.key) }
        }
        return (lacking, wanted)
    }

    private func partitionTree(of key: Key) -> Int { forest.tree(of: key, n: n(of: key.bucket)) }
}
