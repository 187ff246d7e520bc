import History

/// For every write, whether a delete may have had it in its past: the third clause of *covers* (SEMANTICS section 2).
struct DeleteHorizon {
    /// The invocation of the earliest invoked acked delete d with w ≺ d; ``never`` when there is none.
    private(set) var earliestAckedDelete: ContiguousArray<Int32>
    /// Whether w ≺ d for a delete d that ended in `info`.
    private(set) var hasIndeterminateDelete: ContiguousArray<Bool>

    static let never = Int32.max

    init(writes: WriteTable, order: CausalOrder) {
        earliestAckedDelete = ContiguousArray(repeating: DeleteHorizon.never, count: writes.count)
        hasIndeterminateDelete = ContiguousArray(repeating: false, count: writes.count)
        for number in order.topological.reversed() {
            let write = writes.writes[Int(number)]
            var earliest = earliestAckedDelete[Int(number)]
            var indeterminate = hasIndeterminateDelete[Int(number)]
            if write.isDelete {
                if write.isAcked { earliest = min(earliest, write.invocation) }
                if write.outcome == .indeterminate { indeterminate = true }
            }
            for position in writes.seenRange(of: number) {
                let parent = Int(writes.seenWrite(position))
                if earliest < earliestAckedDelete[parent] { earliestAckedDelete[parent] = earliest }
                if indeterminate { hasIndeterminateDelete[parent] = true }
            }
        }
    }

    /// Whether w ≺ a possible delete, whenever that was invoked.
    func precedesPossibleDelete(_ write: Int32) -> Bool {
        earliestAckedDelete[Int(write)] != DeleteHorizon.never || hasIndeterminateDelete[Int(write)]
    }
}
