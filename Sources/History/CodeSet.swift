/// A set of string codes (see ``Interner``), a bit each: the numbers of one stem come in sequence, so that 64 of them
/// share an entry of an open-addressing table.
struct CodeSet: Sendable {
    private struct Entry: Sendable, BitwiseCopyable {
        var key: UInt64 = 0
        /// A bit for each of 64 neighbouring codes; 0 marks a free entry.
        var bits: UInt64 = 0
    }

    private var entries = UncheckedArray<Entry>()
    private var used = 0
    private let secret = StemTable.secret

    /// Adds a code; false when it was there already.
    @inline(__always)
    mutating func insert(_ code: UInt64) -> Bool {
        if (used + 1) * 2 > entries.count { grow() }
        let (key, bit) = (code >> 6, UInt64(1) << (code & 63))
        let mask = entries.count - 1
        var place = Int(truncatingIfNeeded: StemTable.fold(key, secret)) & mask
        while entries[place].bits != 0 {
            if entries[place].key == key {
                if entries[place].bits & bit != 0 { return false }
                entries[place].bits |= bit
                return true
            }
            place = (place + 1) & mask
        }
        entries[place] = Entry(key: key, bits: bit)
        used += 1
        return true
    }

    private mutating func grow() {
        let old = entries
        entries = UncheckedArray(repeating: Entry(), count: max(64, old.count * 2))
        let mask = entries.count - 1
        for entry in old.buffer where entry.bits != 0 {
            var place = Int(truncatingIfNeeded: StemTable.fold(entry.key, secret)) & mask
            while entries[place].bits != 0 { place = (place + 1) & mask }
            entries[place] = entry
        }
    }
}
