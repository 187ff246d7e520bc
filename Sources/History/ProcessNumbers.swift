/// Numbers the processes of a block in the order of their first event.
struct ProcessNumbers {
    private var table = LocalTable()
    /// What stands in the table for processes that are far: with very large numbers, or with names of their own.
    private var far: [Int64: UInt32] = [:]
    private static let farStart: UInt32 = 1 << 31

    mutating func reset() {
        table.reset()
        if !far.isEmpty { far.removeAll() }
    }

    /// The number of a process, and whether this call gave it.
    @inline(__always)
    mutating func insert(_ process: Process) -> (number: Int, isNew: Bool) {
        // The three named ones are near, too: an inspector may have a good part of a block.
        let shifted = process.rawValue &- Process.inspector.rawValue
        let isNear = shifted >= 0 && shifted < Int64(ProcessNumbers.farStart)
        return table.insert(isNear ? UInt32(truncatingIfNeeded: shifted) : standIn(process))
    }

    private mutating func standIn(_ process: Process) -> UInt32 {
        if let known = far[process.rawValue] { return known }
        let next = ProcessNumbers.farStart + UInt32(far.count)
        far[process.rawValue] = next
        return next
    }
}
