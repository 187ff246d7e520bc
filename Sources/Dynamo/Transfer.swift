import Causality

/// Fetching what this node gains, before it becomes a home of it.
///
/// It compares the Merkle tree of each ring partition that it gains with those of the current homes and takes what it
/// lacks: only what moves travels, and after a crash at either end only what has not arrived yet. Writes made meanwhile
/// reach it by themselves (``Placement/coming``), from the moment that everybody who coordinates knows of the change;
/// so it begins when all have said so. A partition is fetched from one home; the others are compared with after that, and
/// give only what the first did not have. It is done when an exchange with every current home that answers, and with one
/// at least, has found nothing more.
extension Replica {
    /// A tree and a node that it is fetched from.
    struct TransferPair: Hashable {
        var tree: Int
        var peer: String
    }

    struct Transfer {
        /// The trees to be fetched, ascending.
        let trees: [Int]
        /// By tree: homes that have nothing more to give.
        var settled: [Int: Set<String>] = [:]
        /// Exchanges that did find something.
        var attempts: [TransferPair: Int] = [:]
        /// Exchanges that came to no end: the home is asked again after the others.
        var failures: [TransferPair: Int] = [:]
        /// Keys that have been fetched so far.
        var fetched = 0
        /// When the next piece may be asked for; see ``Configuration/transferRate``.
        var nextFree: Instant = 0
        /// Exchanges that wait for that, and the keys that were sent back in them.
        var paused: [(exchange: UInt64, keys: [Key])] = []
    }

    /// Begins anew with what there is to fetch now.
    mutating func planTransfer() {
        transfer = nil
        let target = membership.digest.target
        if membership.state.pending.isEmpty || membership.state.mark(of: node)?.ready == target { return }
        let trees = forest.gainedTrees
        if trees.isEmpty { return }
        transfer = Transfer(trees: trees)
        effects.append(.setTimer(.transfer, after: 0))
    }

    mutating func transferTick() {
        guard let transfer else { return }
        effects.append(.setTimer(.transfer, after: configuration.transferInterval))
        let paused = transfer.paused
        self.transfer?.paused = []
        for (number, keys) in paused { tellLeaves(number, after: keys) }
        if everybodyKnows() { fetch() }
    }

    /// Whether every member that is not suspected has said that it knows of all changes; asks those that have not.
    private mutating func everybodyKnows() -> Bool {
        let digest = membership.digest
        let ignorant = detector.peers.filter { peer in
            !peer.suspected && membership.isMember(peer.name) && membership.told[peer.name]?.target != digest.target
        }
        for peer in ignorant { send(.gossip(digest, answer: true), to: peer.name) }
        return ignorant.isEmpty
    }

    /// Goes on with what has not been compared yet, or says that all of it has been.
    private mutating func fetch() {
        guard let transfer else { return }
        let open = Set(exchanges.values.map(\.tree))
        var free = Limits.openTransfers - exchanges.values.count { transfer.trees.contains($0.tree) }
        var isDone = true
        for tree in transfer.trees {
            let homes = forest.peers(tree: tree).filter { !detector.suspects($0) }
            let settled = transfer.settled[tree] ?? []
            let next = homes.filter { !settled.contains($0) }.min { left, right in
                transfer.failures[TransferPair(tree: tree, peer: left)] ?? 0
                    < transfer.failures[TransferPair(tree: tree, peer: right)] ?? 0
            }
            if homes.isEmpty { isDone = false }
            guard let next else { continue }
            isDone = false
            // One at a time: two would both give the same objects.
            if free > 0, !open.contains(tree) {
                free -= 1
                beginExchange(tree: tree, next)
            }
        }
        let target = membership.digest.target
        if isDone || has(.readyWithoutData) { mark { $0.ready = target } }
    }

    /// An exchange that this node began is over.
    mutating func transferEnded(_ exchange: Exchange, completed: Bool) {
        guard let transfer, transfer.trees.contains(exchange.tree) else { return }
        let pair = TransferPair(tree: exchange.tree, peer: exchange.peer)
        self.transfer?.fetched += exchange.keysDiffering
        if exchange.keysDiffering > 0 { note(.transferred(keys: exchange.keysDiffering)) }
        let attempts = transfer.attempts[pair] ?? 0
        // Under steady writes there is always something that has reached one node and not the other. After everything
        // else has been fetched, that is all that can still differ, and it is on its way to both.
        let isQuiet = exchange.keysDiffering == 0 || attempts >= 2 && exchange.keysDiffering <= Limits.keysInFlight
        if completed, isQuiet {
            self.transfer?.settled[exchange.tree, default: []].insert(exchange.peer)
        } else if completed {
            self.transfer?.attempts[pair] = attempts + 1
        } else {
            self.transfer?.failures[pair, default: 0] += 1
            return
        }
        if everybodyKnows() { fetch() }
    }

    /// Holds the next piece of an exchange back when a transfer is faster than it may be; true when it is held.
    mutating func holds(_ number: UInt64, _ exchange: Exchange, after keys: [Key], bytes: Int) -> Bool {
        guard let transfer, transfer.trees.contains(exchange.tree), configuration.transferRate > 0 else { return false }
        let cost = Int64(bytes) * 1_000_000_000 / configuration.transferRate
        let free = max(now, transfer.nextFree) + cost
        self.transfer?.nextFree = free
        if free - now < configuration.transferInterval { return false }
        self.transfer?.paused.append((number, keys))
        effects.append(.cancelTimer(.stalled(number)))
        effects.append(.setTimer(.transfer, after: free - now))
        return true
    }

    /// What a sync that failed covered may have to be fetched again.
    mutating func transferLost() { transfer?.settled = [:] }

    /// Says something new of this node.
    mutating func mark(_ change: (inout MembershipState.Mark) -> Void) {
        var mark = membership.recorded.mark(of: node) ?? .init(node: node)
        let before = mark
        change(&mark)
        if mark == before { return }
        mark.counter += 1
        var state = membership.recorded
        state.take(mark)
        record(state, for: nil)
    }
}
