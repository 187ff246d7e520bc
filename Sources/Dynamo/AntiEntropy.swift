import Causality

/// Beginning and driving Merkle exchanges (DeCandia et al. 2007, §4.7).
///
/// The timer takes the peers in turn, so that every one has had its turn within ``Limits/ticksPerSweep`` ticks, and
/// compares the roots of all trees shared with it in one message each way. Where roots differ, this node follows the
/// differing branches down to leaves, tells the peer the keys of a few leaves at a time, and the peer answers with its
/// siblings of the keys that differ and the keys that it wants. This node merges them and sends back what the peer
/// lacks: only what differs travels, at most twice.
extension Replica {
    /// A comparison of roots that this node began.
    struct Sweep {
        let number: UInt64
        let trees: Set<Int>
    }

    /// An exchange of one tree that this node began.
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
        let peers = detector.peers
        let turns = (peers.count + Limits.ticksPerSweep - 1) / Limits.ticksPerSweep
        for _ in 0..<turns {
            exchangeCursor = (exchangeCursor + 1) % peers.count
            let peer = peers[exchangeCursor]
            if !peer.suspected, sweeps[peer.name] == nil { beginSweep(peer.name) }
        }
    }

    /// Sends the roots of all trees shared with a peer, but for those that take too long to read now.
    private mutating func beginSweep(_ peer: String) {
        let open = Set(exchanges.values.filter { $0.peer == peer }.map(\.tree))
        readForest()
        var trees: [Int] = []
        var roots: [Hash128] = []
        for tree in forest.numbers where !open.contains(tree) && forest.peers(tree: tree).contains(peer) {
            if has(.skippedRanges), tree % 4 == 3 { continue }
            guard let root = told(forest.root(tree: tree), tree: tree) else { continue }
            trees.append(tree)
            roots.append(root)
        }
        if trees.isEmpty { return }
        let sweep = Sweep(number: number(), trees: Set(trees))
        sweeps[peer] = sweep
        send(.treeRoots(exchange: sweep.number, trees: trees, roots: roots), to: peer)
        awaitPeer(sweep.number)
    }

    /// The peer told which of the roots are its own: follow the others, as many as may be open at a time.
    mutating func rootsCompared(_ number: UInt64, equal: [Int], differing: [Int], from peer: String) {
        guard let sweep = sweeps[peer], sweep.number == number else { return }
        sweeps[peer] = nil
        effects.append(.cancelTimer(.stalled(number)))
        for tree in equal where sweep.trees.contains(tree) {
            note(.exchanged(partition: tree, peer: peer, keysDiffering: 0))
        }
        for tree in differing where sweep.trees.contains(tree) && exchanges.count < Limits.openExchanges {
            beginExchange(tree: tree, peer)
        }
    }

    mutating func beginExchange(tree: Int, _ peer: String) {
        let number = number()
        exchanges[number] = Exchange(tree: tree, peer: peer)
        sendHashes(number, level: 1, positions: Array(0..<MerkleShape.fanOut))
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
            exchange.leaves.isEmpty, forest.shape.has(positions, level: level)
        else { return }
        if positions.isEmpty { return endExchange(number, completed: true) }
        if level == forest.shape.leafLevel {
            exchanges[number]?.leaves = positions
            tellLeaves(number, after: [])
        } else {
            let children = positions.flatMap { $0 * MerkleShape.fanOut..<($0 + 1) * MerkleShape.fanOut }
            sendHashes(number, level: level + 1, positions: children)
        }
    }

    /// Tells the peer the keys of the next differing leaves, but not before it has got back the siblings of `keys`.
    mutating func tellLeaves(_ number: UInt64, after keys: [Key]) {
        guard let exchange = exchanges[number] else { return }
        if exchange.leaves.isEmpty || exchange.rounds >= Limits.exchangeRounds {
            return endExchange(number, completed: true)
        }
        var told = 0
        var entries: [LeafEntry] = []
        for leaf in exchange.leaves {
            guard let more = try? leafEntries(tree: exchange.tree, leaf: leaf) else {
                return endExchange(number, completed: false)
            }
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
        let bytes = objects.reduce(0) { $0 + $1.siblings.valueBytes }
        if !holds(number, exchange, after: given, bytes: bytes) { tellLeaves(number, after: given) }
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
        for (peer, sweep) in sweeps where sweep.number == number { sweeps[peer] = nil }
        guard exchanges[number] != nil else { return }
        endExchange(number, completed: false)
    }

    mutating func endExchange(_ number: UInt64, completed: Bool) {
        guard let exchange = exchanges.removeValue(forKey: number) else { return }
        effects.append(.cancelTimer(.stalled(number)))
        if completed {
            note(.exchanged(partition: exchange.tree, peer: exchange.peer, keysDiffering: exchange.keysDiffering))
        }
        transferEnded(exchange, completed: completed)
    }

    private mutating func awaitPeer(_ number: UInt64) {
        effects.append(.setTimer(.stalled(number), after: configuration.replicaTimeout * Limits.stallFactor))
    }

    /// Merges objects that a peer sent in an exchange, and makes them durable.
    mutating func merge(_ objects: [KeyedSiblings]) {
        var changed = false
        for object in objects {
            // What cannot be stored now still differs at the next exchange.
            if has(.exchangeSkipsDeletes), object.siblings.isGrave { continue }
            if has(.exchangeOverwrites) { try? putObject(object.key, object.siblings) }
            guard let isNews = try? mergeObject(object.key, object.siblings) else { continue }
            if isNews {
                changed = true
            } else {
                // The trees said that something differs, and nothing does: then this one was wrong, and is read again.
                forest.touch(object.key, n: n(of: object.key.bucket))
            }
        }
        if changed { sync(.nothing) }
    }
}
