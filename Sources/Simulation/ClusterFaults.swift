import Dynamo

/// What is done to nodes, disks and the network.
extension Cluster {
    /// Kills a node: what its store had not synced is gone.
    public mutating func crash(_ name: String) {
        guard let node = index[name], let replica = nodes[node].replica else { return }
        nodes[node].disk = replica.store
        nodes[node].disk.loseUnsynced()
        nodes[node].replica = nil
        nodes[node].held = nil
        nodes[node].life += 1
        nodes[node].timers = [:]
        nodes[node].waitingTokens = []
        nodes[node].isSyncing = false
        for other in nodes.indices where nodes[other].replica != nil && network.connects(name, nodes[other].name) {
            // Connections that break at once tell the others.
            if refuses() { schedule(.unreachable(node, at: other, life: nodes[other].life), after: 200_000) }
        }
    }

    /// Starts a node that is down.
    ///
    /// - Parameter wiped: its disk is lost.
    /// - Throws: what the start of a replica throws.
    public mutating func restart(_ name: String, wiped: Bool = false) throws {
        guard let node = index[name], nodes[node].replica == nil else { return }
        if wiped { nodes[node].disk = MemoryStore() }
        try start(node)
    }

    /// Cuts the network between groups, in place of any earlier cut. A node in no group is cut off from nobody.
    public mutating func cut(_ groups: [[String]]) { network.cut(groups) }

    /// Ends every cut.
    public mutating func heal() { network.heal() }

    /// Lets nothing pass in some directions, in place of those before, beside what ``cut(_:)`` does.
    public mutating func block(_ links: [(from: String, to: String)]) {
        network.block(Set(links.map { Network.Link(from: $0.from, to: $0.to) }))
    }

    /// Loses so many of a thousand messages from or to a node; they are sent again, and arrive later.
    public mutating func lose(_ perThousand: Int, of name: String) { network.lose(perThousand, of: name) }

    /// Puts a node's wall clock so many microseconds ahead, or behind.
    public mutating func setClock(_ name: String, ahead microseconds: Int64) {
        if let node = index[name] { nodes[node].skew = microseconds }
    }

    /// Makes every sync of a node take so many nanoseconds longer.
    public mutating func slowDisk(_ name: String, by nanoseconds: Int64) {
        if let node = index[name] { nodes[node].syncLag = nanoseconds }
    }

    /// Makes every message from or to a node take so many nanoseconds longer.
    public mutating func delay(_ name: String, by nanoseconds: Int64) { network.delay(name, by: nanoseconds) }

    /// Stops a node without ending it: what happens to it happens when it resumes.
    public mutating func pause(_ name: String) {
        guard let node = index[name], nodes[node].replica != nil, nodes[node].held == nil else { return }
        nodes[node].held = []
    }

    public mutating func resume(_ name: String) {
        guard let node = index[name], let held = nodes[node].held else { return }
        nodes[node].held = nil
        for event in held { happen(event) }
    }

    /// Makes a node's storage fail, or work again: reads and writes at once, or syncs only.
    public mutating func failStorage(_ name: String, operations: Bool, syncs: Bool) {
        guard let node = index[name] else { return }
        nodes[node].replica?.store.isFailing = operations
        nodes[node].syncsFail = syncs
    }

    /// Flips bits of what a node has stored for a key.
    public mutating func corrupt(_ key: Key, at name: String) {
        guard let node = index[name] else { return }
        nodes[node].replica?.store.flip(key)
    }

    public func isUp(_ name: String) -> Bool { index[name].map { nodes[$0].replica != nil } ?? false }

    /// Counts a node's starts and deaths: a connection to it lasts no longer than this number stays.
    public func life(_ name: String) -> Int { index[name].map { nodes[$0].life } ?? 0 }
}
