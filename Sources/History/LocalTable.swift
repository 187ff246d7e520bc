/// Numbers the strings that one block uses, in the order of first use: an open-addressing table over identifiers.
///
/// Its size follows the block, not the interner, which may hold the strings of a whole run.
struct LocalTable {
    /// The strings of the block, by their local number.
    private(set) var identifiers = UncheckedArray<UInt32>()
    private var slots = UncheckedArray<UInt64>(repeating: LocalTable.free, count: 64)
    /// No identifier paired with no number.
    private static let free = UInt64.max

    var count: Int { identifiers.count }

    mutating func reset() {
        identifiers.removeAll()
        let size = slots.count
        slots.removeAll()
        slots.grow(to: size, filling: LocalTable.free)
    }

    /// The local number of a string, and whether this call gave it.
    @inline(__always)
    mutating func insert(_ identifier: UInt32) -> (number: Int, isNew: Bool) {
        let mask = slots.count - 1
        var slot = LocalTable.start(identifier, mask)
        while slots[slot] != LocalTable.free {
            if UInt32(truncatingIfNeeded: slots[slot]) == identifier { return (Int(slots[slot] >> 32), false) }
            slot = (slot + 1) & mask
        }
        return (add(identifier, at: slot), true)
    }

    @inline(__always)
    mutating func number(of identifier: UInt32) -> Int { insert(identifier).number }

    private mutating func add(_ identifier: UInt32, at slot: Int) -> Int {
        let number = identifiers.count
        slots[slot] = UInt64(number) << 32 | UInt64(identifier)
        identifiers.append(identifier)
        // Before it is half full: a search always ends at a free slot.
        if (identifiers.count + 1) * 2 > slots.count { grow() }
        return number
    }

    /// Puts the strings into the order of `areInIncreasingOrder` and numbers them anew.
    mutating func sort(by areInIncreasingOrder: (UInt32, UInt32) -> Bool) {
        let sorted = identifiers.buffer.sorted(by: areInIncreasingOrder)
        reset()
        for identifier in sorted { _ = insert(identifier) }
    }

    @inline(__always)
    private static func start(_ identifier: UInt32, _ mask: Int) -> Int {
        let product = UInt64(identifier) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product >> 32) & mask
    }

    private mutating func grow() {
        let old = slots
        slots = UncheckedArray(repeating: LocalTable.free, count: old.count * 2)
        for entry in old.buffer where entry != LocalTable.free {
            var slot = LocalTable.start(UInt32(truncatingIfNeeded: entry), slots.count - 1)
            while slots[slot] != LocalTable.free { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = entry
        }
    }
}
