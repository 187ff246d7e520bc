import Causality

/// Beginning and driving Merkle exchanges (DeCandia et al. 2007, §4.7).
///
/// The timer takes the pairs of (tree, peer) in turn, several a tick, so that every pair is compared within
/// ``Limits/ticksPerSweep`` ticks; where nothing differs that costs one hash each way. Where the roots differ, this
/// node follows the differing branches down to leaves, tells the peer the keys of a few leaves at a time, and the peer
/// answers with its siblings of the keys that differ and the keys that it wants. This node merges them and sends back
/// what the peer lacks: only what differs travels, at most twice.
extension Replica {
    /// A tree and a node that shares it.
    struct ExchangePair: Hashable {
        var tree: Int
        var peer: String
    }

    /// An exchange that this node began.
    struct Exchange {
        let tree: Int
        let peer: String
        /// The level whose hashes were sent last.
        var level = 0
        /// Differing leaves, the ones just told first.
        var leaves: [Int] = []
        /// How many of ``leaves`` were told last.
        var told = 0
        var rounds = 0
        /// What the last answer was about: the same again means that there is no progress.
        var lastKeys: [Key] = []
        var keysDiffering = 0
    }

    mutating func exchangeTick() {
        effects.append(.setTimer(.exchange, after: configuration.exchangeInterval))
        let open = Set(exchanges.values.map { ExchangePair(tree: $0.tree, peer: $0.peer) })
        let turns = (pairs.count + Limits.ticksPerSweep - 1) / Limits.ticksPerSweep
        for _ in 0..<turns {
            exchangeCursor = (exchangeCursor + 1) % pairs.count
            let pair = pairs[exchangeCursor]
            if exchanges.count >= Limits.openExchanges { break }
            if !detector.suspects(pair.peer), !open.contains(pair) { beginExchange(pair) }
        }
    }

    private mutating func beginExchange(_ pair: ExchangePair) {
        let number = number()
        exchanges[number] = Exchange(tree: pair.tree, peer: pair.peer)
        sendHashes(number, level: 0, positions: [0])
    }

    private mutating func sendHashes(_ number: UInt64, level: Int, positions: [Int]) {
        guard let exchange = exchanges[number] else { return }
        exchanges[number]?.level = level
        let hashes = forest.hashes(tree: exchange.tree, level: level, positions: positions)
        send(
            .treeHashes(exchange: number, partition: exchange.tree, level: level, positions: positions, hashes: hashes),
            to: exchange.peer)
        awaitPeer(number)
    }

    /// The peer told which of the hashes differ there.
    mutating func branchesDiffer(_ number: UInt64, tree: Int, level: Int, positions: [Int], from peer: String) {
        guard let exchange = exchanges[number], exchange.peer == peer, exchange.tree == tree, exchange.level == level,
            exchange.leaves.isEmpty, MerkleTree.has(positions, level: level)
        else { return }
        if positions.isEmpty { return endExchange(number, completed: true) }
        if level == MerkleTree.leafLevel {
            exchanges[number]?.leaves = positions
            tellLeaves(number, after: [])
        } else {
            let children = positions.flatMap { $0 * MerkleTree.fanOut..<($0 + 1) * MerkleTree.fanOut }
            sendHashes(number, level: level + 1, positions: children)
        }
    }

    /// Tells the peer the keys of the next differing leaves, but not before it has got back the siblings of `keys`.
    private mutating func tellLeaves(_ number: UInt64, after keys: [Key]) {
        guard let exchange = exchanges[number] else { return }
        if exchange.leaves.isEmpty || exchange.rounds >= Limits.exchangeRounds {
            return endExchange(number, completed: true)
        }
        var told = 0
        var entries: [LeafEntry] = []
        for leaf in exchange.leaves {
            let more = forest.entries(tree: exchange.tree, leaf: leaf)
            if told > 0, entries.count + more.count > Limits.leafEntries { break }
            entries += more.map { LeafEntry(key: $0.key, hash: $0.hash) }
            told += 1
        }
        exchanges[number]?.told = told
        exchanges[number]?.rounds += 1
        let leaves = Array(exchange.leaves.prefix(told))
        release(
            .leafKeys(exchange: number, partition: exchange.tree, positions: leaves, entries: entries), of: keys,
            to: exchange.peer)
        awaitPeer(number)
    }

    /// The peer sent what differs: merge it, send back what it lacks, and go on with the same leaves until nothing
    /// differs there.
    mutating func repairs(_ number: UInt64, _ objects: [KeyedSiblings], wanted: [Key], from peer: String) {
        guard let exchange = exchanges[number], exchange.peer == peer, exchange.told > 0 else { return }
        merge(objects)
        let given = giveBack(number, exchange, objects, wanted)
        let keys = objects.map(\.key) + wanted
        if keys.isEmpty || keys == exchange.lastKeys {
            exchanges[number]?.leaves.removeFirst(exchange.told)
        } else {
            // A key of which both sides lack something is among the objects and among those wanted.
            exchanges[number]?.keysDiffering += Set(keys).count
        }
        exchanges[number]?.lastKeys = keys
        tellLeaves(number, after: given)
    }

    /// Sends the siblings that the peer wants, where they are not what it has: their keys.
    private mutating func giveBack(
        _ number: UInt64, _ exchange: Exchange, _ objects: [KeyedSiblings], _ wanted: [Key]
    ) -> [Key] {
        var back: [KeyedSiblings] = []
        var bytes = 0
        for key in wanted.prefix(Limits.repairObjects) where bytes < Limits.repairBytes {
            // What cannot be read now still differs at the next exchange.
            guard let siblings = try? store.object(key) else { continue }
            if !objects.contains(KeyedSiblings(key: key, siblings: siblings)) {
                back.append(KeyedSiblings(key: key, siblings: siblings))
                bytes += siblings.valueBytes
            }
        }
        let keys = back.map(\.key)
        if !back.isEmpty {
            release(
                .repair(exchange: number, partition: exchange.tree, objects: back, wanted: []), of: keys,
                to: exchange.peer)
        }
        return keys
    }

    mutating func exchangeStalled(_ number: UInt64) {
        guard exchanges[number] != nil else { return }
        endExchange(number, completed: false)
    }

    mutating func endExchange(_ number: UInt64, completed: Bool) {
        guard let exchange = exchanges.removeValue(forKey: number) else { return }
        effects.append(.cancelTimer(.stalled(number)))
        if completed {
            note(.exchanged(partition: exchange.tree, peer: exchange.peer, keysDiffering: exchange.keysDiffering))
        }
    }

    private mutating func awaitPeer(_ number: UInt64) {
        effects.append(.setTimer(.stalled(number), after: configuration.replicaTimeout * Limits.stallFactor))
    }

    /// Merges objects that a peer sent in an exchange, and makes them durable.
    mutating func merge(_ objects: [KeyedSiblings]) {
        var changed = false
        for object in objects {
            // What cannot be stored now still differs at the next exchange.
            if (try? mergeObject(object.key, object.siblings)) == true { changed = true }
        }
        if changed { sync(.nothing) }
    }
}
