/// Numbers distinct operations from 0, in an open-addressing table that is emptied by a change of its epoch.
struct ClassTable {
    private struct Entry {
        var first: Int64 = 0
        var second: Int64 = 0
        var epoch: Int32 = 0
        var number: Int32 = 0
        var kind = OperationKind.read
    }

    private static let smallest = 64
    private var entries = ContiguousArray<Entry>(repeating: Entry(), count: ClassTable.smallest)
    private var epoch: Int32 = 1
    private(set) var count = 0

    mutating func clear() {
        count = 0
        if epoch == Int32.max || entries.count > 1 << 14 {
            entries = ContiguousArray(repeating: Entry(), count: ClassTable.smallest)
            epoch = 0
        }
        epoch += 1
    }

    /// The number of the class of operations like this one.
    mutating func number(_ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int32 {
        if count * 2 >= entries.count { grow() }
        let mask = entries.count - 1
        var place = ClassTable.hash(kind, first, second) & mask
        while entries[place].epoch == epoch {
            let entry = entries[place]
            if entry.first == first, entry.second == second, entry.kind == kind { return entry.number }
            place = (place + 1) & mask
        }
        entries[place] = Entry(first: first, second: second, epoch: epoch, number: Int32(count), kind: kind)
        count += 1
        return Int32(count - 1)
    }

    private mutating func grow() {
        let old = entries
        entries = ContiguousArray(repeating: Entry(), count: old.count * 2)
        let mask = entries.count - 1
        for entry in old where entry.epoch == epoch {
            var place = ClassTable.hash(entry.kind, entry.first, entry.second) & mask
            while entries[place].epoch == epoch { place = (place + 1) & mask }
            entries[place] = entry
        }
    }

    private static func hash(_ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int {
        let mixed = UInt64(bitPattern: first) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(kind.rawValue) << 56
        return Int(truncatingIfNeeded: fold(mixed ^ UInt64(bitPattern: second)) >> 1)
    }
}
