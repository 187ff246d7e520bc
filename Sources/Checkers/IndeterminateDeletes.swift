import History

/// The deletes of each key that ended in `info`, in the order of invocation.
struct IndeterminateDeletes {
    private var deletes: [UInt32: ContiguousArray<Int32>] = [:]

    init(_ writes: WriteTable) {
        for number in writes.writes.indices {
            let write = writes.writes[number]
            if write.isDelete, write.outcome == .indeterminate { deletes[write.key, default: []].append(Int32(number)) }
        }
    }

    /// Those of a key.
    func of(_ key: UInt32) -> ContiguousArray<Int32> { deletes.isEmpty ? [] : deletes[key] ?? [] }
}
