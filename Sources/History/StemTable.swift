/// Maps byte strings to small integers and back: the part of an ``Interner`` that holds bytes.
///
/// The bytes of all strings lie in one array, which spares an allocation a string.
struct StemTable: Sendable {
    /// The UTF-8 of every string, one after the other.
    private var bytes = ContiguousArray<UInt8>()
    /// Where each string ends in ``bytes``; it starts where the one before it ends.
    private var ends = ContiguousArray<Int>()
    /// An open-addressing table: the low 32 bits hold a number (all ones: free slot), the high 32 bits its hash.
    private var slots = ContiguousArray<UInt64>()
    private static let freeSlot = UInt64(UInt32.max)

    /// The length of the longest string, in bytes.
    private(set) var longest = 0

    /// How many distinct strings are known.
    var count: Int { ends.count }

    /// Memory held, in bytes.
    var footprint: Int { bytes.count + ends.count * 8 + slots.count * 8 }

    /// The number of the string, given to it now if it had none.
    mutating func intern(_ utf8: UnsafeRawBufferPointer) -> UInt32 {
        if (ends.count + 1) * 4 > slots.count * 3 { grow() }
        let hash = StemTable.hash(utf8)
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != StemTable.freeSlot {
            if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash {
                let known = UInt32(truncatingIfNeeded: slots[slot])
                if matches(known, utf8) { return known }
            }
            slot = (slot + 1) & mask
        }
        let number = UInt32(ends.count)
        slots[slot] = UInt64(hash) << 32 | UInt64(number)
        bytes.append(contentsOf: utf8)
        ends.append(bytes.count)
        longest = max(longest, utf8.count)
        return number
    }

    /// The number of the string, or nil when it was never interned.
    func find(_ utf8: UnsafeRawBufferPointer) -> UInt32? {
        if slots.isEmpty { return nil }
        let hash = StemTable.hash(utf8)
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != StemTable.freeSlot {
            let known = UInt32(truncatingIfNeeded: slots[slot])
            if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash, matches(known, utf8) { return known }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Where the UTF-8 of a string lies in the bytes of ``withBytes(_:)``.
    func range(of number: UInt32) -> Range<Int> {
        let index = Int(number)
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// Calls `body` with the UTF-8 of all strings; see ``range(of:)``.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { bytes.withUnsafeBytes(body) }

    private func matches(_ number: UInt32, _ utf8: UnsafeRawBufferPointer) -> Bool {
        let range = range(of: number)
        guard range.count == utf8.count else { return false }
        return bytes.withUnsafeBytes { all in
            for index in 0..<utf8.count where all[range.lowerBound + index] != utf8[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        let old = slots
        slots = ContiguousArray(repeating: StemTable.freeSlot, count: max(16, old.count * 2))
        let mask = slots.count - 1
        for entry in old where entry != StemTable.freeSlot {
            var slot = Int(truncatingIfNeeded: entry >> 32) & mask
            while slots[slot] != StemTable.freeSlot { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }

    /// A secret of this process, so that nobody can prepare a file whose strings all collide. No result depends on it.
    static let secret: UInt64 = {
        var hasher = Hasher()
        hasher.combine("interner")
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }()

    /// Multiply-and-fold over eight bytes at a time.
    private static func hash(_ utf8: UnsafeRawBufferPointer) -> UInt32 {
        var state = secret ^ UInt64(utf8.count)
        var index = 0
        while index + 8 <= utf8.count {
            state = fold(state ^ utf8.loadUnaligned(fromByteOffset: index, as: UInt64.self), secret)
            index += 8
        }
        var rest: UInt64 = 0
        while index < utf8.count {
            rest = rest << 8 | UInt64(utf8[index])
            index += 1
        }
        state = fold(state ^ rest, secret)
        return UInt32(truncatingIfNeeded: state ^ state >> 32)
    }

    @inline(__always)
    static func fold(_ value: UInt64, _ secret: UInt64) -> UInt64 {
        let product = (value ^ secret).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
