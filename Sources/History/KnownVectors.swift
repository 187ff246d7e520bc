/// The highest counter of each actor that the versions of each key of a block have shown: the "known vector" of
/// Format.md.
struct KnownVectors {
    private let counters: UncheckedArray<UInt64>
    /// How many nodes a vector has an entry for: all of the block's, or none where vectors are not kept.
    let nodes: Int

    /// - Parameter rows: one for each key, and one for the events without.
    init(rows: Int, nodes: Int) {
        let isKept = nodes <= NativeLayout.knownNodeLimit && rows * nodes <= NativeLayout.knownCounterLimit
        self.nodes = isKept ? nodes : 0
        counters = UncheckedArray(repeating: 0, count: isKept ? rows * nodes : 0)
    }

    /// - Parameters: a row and a node that there are.
    subscript(row: Int, actor: Int) -> UInt64 { nodes == 0 ? 0 : counters[row * nodes + actor] }

    @inline(__always)
    func raise(_ row: Int, _ actor: Int, to counter: UInt64) {
        if nodes == 0 { return }
        let place = row * nodes + actor
        if counters[place] < counter { counters[place] = counter }
    }
}
