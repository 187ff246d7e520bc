/// Reading the forest's trees from the store, a bounded piece at a time: a node of a million keys starts without having
/// read any, and goes on serving while its trees are read.
extension Replica {
    /// Plants the trees that this node needs now, and keeps what is known of those that it had.
    mutating func plantForest() {
        forest.follow(membership)
        let counts = catalog.replicaCounts
        forest.setTrees(forest.homeTrees(replicaCounts: counts), gained: forest.treesToGain(replicaCounts: counts))
        planTransfer()
    }

    /// A bucket's N has changed: its keys have other trees now.
    mutating func replantForest() {
        plantForest()
        forest.touchAll()
    }

    /// The root of a tree; nil when there is no such tree, when it takes more than `budget` rows to know it, or when the
    /// store cannot be read: then it is not compared now.
    mutating func freshRoot(tree: Int, budget: inout Int) -> Hash128? {
        if let root = forest.root(tree: tree) { return root }
        let store = store, catalog = catalog
        let n = forest.n(tree: tree), storeN = configuration.n
        let isPlain = catalog.replicaCounts.isEmpty
        try? forest.refresh(tree: tree, budget: &budget) { key in
            isPlain || (catalog.properties(key.bucket).n ?? storeN) == n
        } read: { range, after, limit in
            try store.entries(from: range.lowerBound, through: range.upperBound, after: after, limit: limit)
        }
        return forest.root(tree: tree)
    }

    /// The entries of a leaf, at most ``Limits/leafRows`` of them.
    func leafEntries(tree: Int, leaf: Int) throws -> [StoredEntry] {
        let range = forest.positions(tree: tree, leaf: leaf)
        let entries = try store.entries(
            from: range.lowerBound, through: range.upperBound, after: nil, limit: Limits.leafRows)
        let n = forest.n(tree: tree)
        return entries.filter { self.n(of: $0.key.bucket) == n }
    }

    /// Reads on while there are stale leaves, as much as one input may, beginning where it was left.
    mutating func readForest() {
        var budget = Limits.forestRows
        let numbers = forest.numbers
        let first = numbers.firstIndex { $0 >= forestCursor } ?? 0
        for tree in numbers[first...] + numbers[..<first] {
            _ = freshRoot(tree: tree, budget: &budget)
            if budget <= 0 {
                forestCursor = tree
                effects.append(.setTimer(.forest, after: Limits.forestPause))
                return
            }
        }
    }
}
