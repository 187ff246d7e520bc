/// Maps each distinct string to a small integer and back, so that hot loops compare integers.
///
/// Identifiers are dense and given in the order of first sight: `0, 1, 2, …`. Two strings are the same when their
/// UTF-8 is: a store that normalises Unicode differently from its client must not look right, so the canonical
/// equivalence of `String` is no use here. The bytes of all strings lie in one array, which spares an allocation a
/// string.
public struct Interner: Sendable {
    /// The identifier that stands for "no string".
    public static let none = UInt32.max

    /// The UTF-8 of every string, one after the other.
    private var bytes = ContiguousArray<UInt8>()
    /// Where each string ends in ``bytes``; it starts where the one before it ends.
    private var ends = ContiguousArray<Int>()
    /// An open-addressing table: the low 32 bits hold an identifier (``none``: free slot), the high 32 bits its hash.
    private var slots = ContiguousArray<UInt64>()
    private static let freeSlot = UInt64(Interner.none)

    public init() {}

    /// How many distinct strings are known.
    public var count: Int { ends.count }

    /// Memory held by the strings and their tables, in bytes.
    public var footprint: Int { bytes.count + ends.count * 8 + slots.count * 8 }

    /// Every string, at the position of its identifier; built anew at every call.
    public var strings: [String] { (0..<count).map { self[UInt32($0)] } }

    /// The identifier of `string`, given to it now if it had none.
    public mutating func intern(_ string: String) -> UInt32 {
        var string = string
        return string.withUTF8 { intern(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// The identifier of the string whose UTF-8 is `utf8`, which the caller has found valid, given to it now if it
    /// had none.
    public mutating func intern(utf8: UnsafeRawBufferPointer) -> UInt32 {
        if (ends.count + 1) * 4 > slots.count * 3 { grow() }
        let hash = Interner.hash(utf8)
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != Interner.freeSlot {
            if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash {
                let known = UInt32(truncatingIfNeeded: slots[slot])
                if matches(known, utf8) { return known }
            }
            slot = (slot + 1) & mask
        }
        let identifier = UInt32(ends.count)
        slots[slot] = UInt64(hash) << 32 | UInt64(identifier)
        bytes.append(contentsOf: utf8)
        ends.append(bytes.count)
        return identifier
    }

    /// The identifier of `string`, or nil when it was never interned.
    public func identifier(of string: String) -> UInt32? {
        var string = string
        return string.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    /// The string behind `identifier`; empty for ``none``.
    public subscript(identifier: UInt32) -> String {
        withUTF8(of: identifier) { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the UTF-8 of the string behind `identifier`, no bytes for ``none``.
    @inlinable
    public func withUTF8<Result>(of identifier: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withBytes { all in body(UnsafeRawBufferPointer(rebasing: all[range(of: identifier)])) }
    }

    /// Where the UTF-8 of a string lies in the bytes of ``withBytes(_:)``; empty for ``none``.
    public func range(of identifier: UInt32) -> Range<Int> {
        if identifier == Interner.none { return 0..<0 }
        let index = Int(identifier)
        return (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// Calls `body` with the UTF-8 of all strings; see ``range(of:)``.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes(body)
    }

    private func find(_ utf8: UnsafeRawBufferPointer) -> UInt32? {
        if slots.isEmpty { return nil }
        let hash = Interner.hash(utf8)
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != Interner.freeSlot {
            let known = UInt32(truncatingIfNeeded: slots[slot])
            if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash, matches(known, utf8) { return known }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func matches(_ identifier: UInt32, _ utf8: UnsafeRawBufferPointer) -> Bool {
        let range = range(of: identifier)
        guard range.count == utf8.count else { return false }
        return bytes.withUnsafeBytes { all in
            for index in 0..<utf8.count where all[range.lowerBound + index] != utf8[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        let old = slots
        slots = ContiguousArray(repeating: Interner.freeSlot, count: max(16, old.count * 2))
        let mask = slots.count - 1
        for entry in old where entry != Interner.freeSlot {
            var slot = Int(truncatingIfNeeded: entry >> 32) & mask
            while slots[slot] != Interner.freeSlot { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }

    /// A secret of this process, so that nobody can prepare a file whose strings all collide. No result depends on it.
    private static let secret: UInt64 = {
        var hasher = Hasher()
        hasher.combine("interner")
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }()

    /// Multiply-and-fold over eight bytes at a time.
    private static func hash(_ utf8: UnsafeRawBufferPointer) -> UInt32 {
        var state = secret ^ UInt64(utf8.count)
        var index = 0
        while index + 8 <= utf8.count {
            state = fold(state ^ utf8.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < utf8.count {
            rest = rest << 8 | UInt64(utf8[index])
            index += 1
        }
        state = fold(state ^ rest)
        return UInt32(truncatingIfNeeded: state ^ state >> 32)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = (value ^ secret).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
