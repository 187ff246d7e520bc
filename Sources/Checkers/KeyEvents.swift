import History

/// The events of each key in their order, so that a checker can take key after key.
struct KeyEvents {
    /// Every key of the history, by first appearance.
    let keys: ContiguousArray<UInt32>
    private let start: ContiguousArray<Int32>
    private let indices: ContiguousArray<Int32>

    init(_ index: HistoryIndex) {
        keys = index.keys
        start = index.keyStart
        indices = index.keyEvents
    }

    /// The indexes of the events of the key at `position` of ``keys``, ascending.
    func events(at position: Int) -> ContiguousArray<Int32>.SubSequence {
        indices[Int(start[position])..<Int(start[position + 1])]
    }
}
