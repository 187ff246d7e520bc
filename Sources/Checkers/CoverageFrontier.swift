import History

/// Writes that every later read (of a client, of a replica) must cover, and the check that it does.
///
/// Asking for each write at each read would cost writes × reads. But most of them are long behind a few newer ones: a
/// write that was found behind a version s is hung below s, and as long as a read covers s it covers all that hangs
/// there. What hangs below s is itself such a tree, so that a read which does not cover s asks only for what was
/// topmost before. A sound history keeps about as many trees as a read has versions.
struct CoverageFrontier {
    /// A write, and the trees of what is behind it.
    private struct Node: BitwiseCopyable {
        var write: Int32
        /// The event since which the write must be covered; -1 when it only stands for what is below.
        var source: Int32
        var firstChild: Int32 = -1
        var nextSibling: Int32 = -1
        /// Whether the last set checked was not behind it, and a delete excused that.
        var isStray = false
        var isRequired: Bool { source >= 0 }
    }

    /// A write that a read does not cover, and the event since which it should have been.
    struct Loss {
        var write: Int32
        var source: Int32
    }

    private var nodes = UncheckedArray<Node>()
    /// The topmost nodes.
    private var roots = UncheckedArray<Int32>()
    /// During a check: the node of each version of the set, -1 for none yet; and nodes that stay topmost by themselves.
    private var slots = UncheckedArray<Int32>()
    private var strays = UncheckedArray<Int32>()
    private var pending = UncheckedArray<Int32>()

    /// From how many questions on (trees × versions) one walk back from the read is cheaper than asking.
    private static let spreadThreshold = 256

    /// Forgets every write.
    mutating func removeAll() {
        nodes.removeAll()
        roots.removeAll()
    }

    /// From here on `write` must be covered, because of the event `source`.
    mutating func add(_ write: Int32, source: Int32) {
        roots.append(newNode(write, source))
    }

    /// Finds the writes that the loaded set does not cover, appends them to `losses` and forgets them.
    ///
    /// - Parameters:
    ///   - settled: no later check is of a set seen before this event, so that a write deleted for certain by then
    ///     need not be asked for again.
    ///   - remember: the event since which the puts of this set must be covered, too; -1: they need not.
    mutating func check(
        _ coverage: inout Coverage, _ subject: Subject, settled: Int32, remember: Int32 = -1,
        losses: inout ContiguousArray<Loss>
    ) {
        spreadIfMany(&coverage, subject)
        slots.removeAll()
        slots.grow(to: coverage.content.count, filling: -1)
        strays.removeAll()
        for root in roots.buffer {
            pending.append(root)
            while let node = pending.popLast() {
                let slot = coverage.slot(behind: nodes[Int(node)].write)
                if slot >= 0 {
                    hang(node, at: Int(slot), coverage.content[Int(slot)])
                } else {
                    dissolve(node, &coverage, subject, settled: settled, losses: &losses)
                }
            }
        }
        if remember >= 0 { self.remember(coverage, subject, source: remember) }
        roots.removeAll()
        for node in slots.buffer where node >= 0 { roots.append(node) }
        for node in strays.buffer { roots.append(node) }
    }

    /// Prepares the loaded set for many questions at once.
    ///
    /// Strays have no say in how far back to go: they are old, most likely still not behind the set, and that is soon
    /// told for each of them.
    private func spreadIfMany(_ coverage: inout Coverage, _ subject: Subject) {
        guard roots.count * coverage.content.count > CoverageFrontier.spreadThreshold else { return }
        var asked = 0
        var lowest = Int32.max
        for root in roots.buffer {
            let node = nodes[Int(root)]
            if node.isStray || coverage.contains(node.write) { continue }
            asked += 1
            lowest = min(lowest, subject.order.level[Int(node.write)])
        }
        if asked * coverage.content.count > CoverageFrontier.spreadThreshold { coverage.spread(downTo: lowest) }
    }

    /// Judges a write that is not behind the loaded set, and leaves what hangs below it to be asked for.
    private mutating func dissolve(
        _ node: Int32, _ coverage: inout Coverage, _ subject: Subject, settled: Int32,
        losses: inout ContiguousArray<Loss>
    ) {
        var child = nodes[Int(node)].firstChild
        nodes[Int(node)].firstChild = -1
        while child >= 0 {
            let next = nodes[Int(child)].nextSibling
            nodes[Int(child)].nextSibling = -1
            pending.append(child)
            child = next
        }
        let (write, source) = (nodes[Int(node)].write, nodes[Int(node)].source)
        guard source >= 0, subject.horizon.earliestAckedDelete[Int(write)] >= settled else { return }
        if coverage.excusesAbsence(of: write) {
            nodes[Int(node)].isStray = true
            strays.append(node)
        } else {
            losses.append(Loss(write: write, source: source))
        }
    }

    /// Hangs a tree below the version of the set that it is behind, or makes it that version's own.
    private mutating func hang(_ node: Int32, at slot: Int, _ version: Int32) {
        nodes[Int(node)].isStray = false
        var below = node
        if nodes[Int(node)].write == version {
            below = slots[slot]
            slots[slot] = node
            guard below >= 0 else { return }
        } else if slots[slot] < 0 {
            slots[slot] = newNode(version, -1)
        }
        let top = Int(slots[slot])
        nodes[Int(below)].nextSibling = nodes[top].firstChild
        nodes[top].firstChild = below
    }

    private mutating func remember(_ coverage: Coverage, _ subject: Subject, source: Int32) {
        for slot in 0..<slots.count {
            let version = coverage.content[slot]
            if subject.writes.writes[Int(version)].isDelete { continue }
            if slots[slot] < 0 {
                slots[slot] = newNode(version, source)
            } else if !nodes[Int(slots[slot])].isRequired {
                nodes[Int(slots[slot])].source = source
            }
        }
    }

    private mutating func newNode(_ write: Int32, _ source: Int32) -> Int32 {
        nodes.append(Node(write: write, source: source))
        return Int32(nodes.count - 1)
    }
}
