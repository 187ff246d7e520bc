import History

/// The causal order of the clients (SEMANTICS section 2): a ≺ b when a path of `seen` leads from b back to a.
///
/// A question is answered from labels given once to every write, in time and space linear in writes and `seen` ids:
///
/// - its *level*, the length of the longest path to it; a ≺ b only if a's is lower;
/// - its place in two depth-first walks from the newest writes back, one the mirror of the other. In each, everything
///   that a write reaches lies in one interval of ranks (so: outside, not reached), and what the walk found below it
///   in another (so: inside, reached). This is the reachability index known as GRAIL, with tree intervals.
///
/// Only when both walks leave it open is the graph searched, and the search prunes by the same labels.
struct CausalOrder {
    /// Every write, no write before one that it has seen.
    private(set) var topological = ContiguousArray<Int32>()
    /// The length of the longest chain of writes before each write.
    private(set) var level: ContiguousArray<Int32>
    private var forward: ContiguousArray<Label>
    private var mirrored: ContiguousArray<Label>

    /// A write's place in one depth-first walk.
    private struct Label {
        /// When the walk left the write; -1: not yet.
        var rank: Int32 = -1
        /// The lowest rank of all that the write reaches.
        var lowest: Int32 = 0
        /// The lowest rank among what the walk found below this write.
        var subtree: Int32 = 0
    }

    init(writes: WriteTable) {
        level = ContiguousArray(repeating: 0, count: writes.count)
        forward = ContiguousArray(repeating: Label(), count: writes.count)
        mirrored = forward
        sortTopologically(writes)
        let roots = CausalOrder.unseen(writes)
        CausalOrder.walk(writes, from: roots, mirrored: false, into: &forward)
        CausalOrder.walk(writes, from: roots.reversed(), mirrored: true, into: &mirrored)
    }

    /// Whether a ≺ b as far as the labels alone can tell.
    @inline(__always)
    fileprivate func decide(_ a: Int32, _ b: Int32) -> Bool? {
        let a = Int(a), b = Int(b)
        if level[a] >= level[b] { return false }
        let inner = forward[a], outer = forward[b]
        if inner.rank > outer.rank || inner.lowest < outer.lowest { return false }
        if inner.rank >= outer.subtree { return true }
        let innerMirrored = mirrored[a], outerMirrored = mirrored[b]
        if innerMirrored.rank > outerMirrored.rank || innerMirrored.lowest < outerMirrored.lowest { return false }
        if innerMirrored.rank >= outerMirrored.subtree { return true }
        return nil
    }

    /// The writes that no write has seen, where the walks begin.
    private static func unseen(_ writes: WriteTable) -> ContiguousArray<Int32> {
        var isSeen = ContiguousArray(repeating: false, count: writes.count)
        for number in 0..<Int32(writes.count) {
            for position in writes.seenRange(of: number) { isSeen[Int(writes.seenWrite(position))] = true }
        }
        return ContiguousArray((0..<Int32(writes.count)).filter { !isSeen[Int($0)] })
    }
}

extension Subject {
    /// Whether a ≺ b. `search` is working memory, of one caller at a time.
    func precedes(_ a: Int32, _ b: Int32, _ search: inout CausalSearch) -> Bool {
        if let answer = order.decide(a, b) { return answer }
        search.begin()
        search.push(b)
        while let next = search.pop() {
            for position in writes.seenRange(of: next) {
                let parent = writes.seenWrite(position)
                if parent == a { return true }
                guard search.visit(parent) else { continue }
                switch order.decide(a, parent) {
                case true?: return true
                case false?: continue
                case nil: search.push(parent)
                }
            }
        }
        return false
    }
}

extension CausalOrder {
    /// Fills ``topological`` and ``level`` by a walk that leaves a write only after all that it has seen.
    ///
    /// The order of invocation will not do: nothing forbids that a `seen` names an id invoked further down.
    private mutating func sortTopologically(_ writes: WriteTable) {
        topological.reserveCapacity(writes.count)
        var entered = ContiguousArray(repeating: false, count: writes.count)
        var path = ContiguousArray<(write: Int32, next: Int)>()
        for root in 0..<Int32(writes.count) where !entered[Int(root)] {
            entered[Int(root)] = true
            path.append((root, writes.seenRange(of: root).lowerBound))
            while let (write, next) = path.last {
                if next < writes.seenRange(of: write).upperBound {
                    path[path.count - 1].next += 1
                    let parent = writes.seenWrite(next)
                    if !entered[Int(parent)] {
                        entered[Int(parent)] = true
                        path.append((parent, writes.seenRange(of: parent).lowerBound))
                    }
                } else {
                    path.removeLast()
                    topological.append(write)
                    for position in writes.seenRange(of: write) {
                        let parent = Int(writes.seenWrite(position))
                        level[Int(write)] = max(level[Int(write)], level[parent] + 1)
                    }
                }
            }
        }
    }

    private static func walk(
        _ writes: WriteTable, from roots: some Sequence<Int32>, mirrored: Bool,
        into labels: inout ContiguousArray<Label>
    ) {
        var rank: Int32 = 0
        var entered = ContiguousArray(repeating: false, count: writes.count)
        var path = ContiguousArray<(write: Int32, taken: Int)>()
        for root in roots {
            entered[Int(root)] = true
            labels[Int(root)].subtree = rank
            path.append((root, 0))
            while let (write, taken) = path.last {
                let seen = writes.seenRange(of: write)
                if taken < seen.count {
                    path[path.count - 1].taken += 1
                    let position = mirrored ? seen.upperBound - 1 - taken : seen.lowerBound + taken
                    let parent = writes.seenWrite(position)
                    if !entered[Int(parent)] {
                        entered[Int(parent)] = true
                        labels[Int(parent)].subtree = rank
                        path.append((parent, 0))
                    }
                } else {
                    path.removeLast()
                    var lowest = labels[Int(write)].subtree
                    for position in seen { lowest = min(lowest, labels[Int(writes.seenWrite(position))].lowest) }
                    labels[Int(write)].lowest = lowest
                    labels[Int(write)].rank = rank
                    rank += 1
                }
            }
        }
    }
}

/// Working memory of searches through the causal order: which writes were met, and which are still to be looked at.
struct CausalSearch {
    private let met: UncheckedArray<Int32>
    private var round: Int32 = 0
    private var stack = ContiguousArray<Int32>()

    init(writes: Int) {
        met = UncheckedArray(repeating: 0, count: writes)
    }

    /// Forgets the previous search.
    mutating func begin() {
        // A stamp a search instead of clearing an array a search; the stamps run out after two thousand million.
        if round == Int32.max {
            for index in 0..<met.count { met[index] = 0 }
            round = 0
        }
        round += 1
        stack.removeAll(keepingCapacity: true)
    }

    /// Marks a write as met; false when it was already.
    mutating func visit(_ write: Int32) -> Bool {
        if met[Int(write)] == round { return false }
        met[Int(write)] = round
        return true
    }

    mutating func push(_ write: Int32) { stack.append(write) }
    mutating func pop() -> Int32? { stack.popLast() }
}
