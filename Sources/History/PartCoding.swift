/// How events lie in the stream of a part: numbers of 1 to 9 bytes whose length is in the low bits of the first byte, so that one load
/// and one shift read one, whatever its length. These streams are read by the process that writes them; they are no file format.
///
/// | first byte | the number |
/// | --- | --- |
/// | n - 1 bits 0, then 1, from the lowest | n bytes, 7 n bits of them above those |
/// | 0 | the 8 bytes that follow |
struct PartWriter {
    private(set) var cursor: UnsafeMutablePointer<UInt8>

    /// What must be free behind the cursor beyond the bytes of a number.
    static let slack = 16

    /// - Parameter cursor: memory that is known to suffice.
    init(_ cursor: UnsafeMutablePointer<UInt8>) { self.cursor = cursor }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        cursor.pointee = value
        cursor += 1
    }

    @inline(__always)
    mutating func number(_ value: UInt64) {
        let bits = UInt64.bitWidth - (value | 1).leadingZeroBitCount
        let place = UnsafeMutableRawPointer(cursor)
        if bits <= 56 {
            // Bits divided by 7, rounded up, for 1 to 56 of them.
            let length = ((bits + 6) * 37) >> 8
            let word = (value &<< UInt64(length)) | (1 &<< UInt64(length - 1))
            place.storeBytes(of: word.littleEndian, as: UInt64.self)
            cursor += length
        } else {
            place.storeBytes(of: 0, as: UInt8.self)
            (place + 1).storeBytes(of: value.littleEndian, as: UInt64.self)
            cursor += 9
        }
    }

    @inline(__always)
    mutating func signed(_ value: Int64) { number(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// A string's code: its stem, then its number.
    @inline(__always)
    mutating func code(_ value: UInt64) {
        number(value >> 32)
        number(value & 0xFFFF_FFFF)
    }
}

/// Reads what a ``PartWriter`` wrote, and never beyond its end by more than the padding.
struct PartReader {
    private var cursor: UnsafeRawPointer
    private let end: UnsafeRawPointer

    /// Bytes behind a stretch that are there to be loaded and mean nothing.
    static let padding = 16

    /// - Parameter stretch: some whole events of a stream, with ``padding`` behind them.
    init(_ stretch: UnsafeRawBufferPointer) {
        // An empty stretch may have no address; of one byte that is never read anything will do.
        cursor = stretch.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        end = cursor + stretch.count
    }

    @inline(__always)
    var isAtEnd: Bool { cursor >= end }

    @inline(__always)
    private func check() throws(NativeFault) {
        if cursor >= end { throw NativeFault("a stream ends too early") }
    }

    @inline(__always)
    mutating func byte() throws(NativeFault) -> UInt8 {
        try check()
        let value = cursor.load(as: UInt8.self)
        cursor += 1
        return value
    }

    @inline(__always)
    mutating func number() throws(NativeFault) -> UInt64 {
        try check()
        let word = UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self))
        if word & 1 != 0 {
            cursor += 1
            return word >> 1 & 0x7F
        }
        let length = (word | 0x100).trailingZeroBitCount + 1
        defer { cursor += length }
        if length <= 8 { return (word &>> UInt64(length)) & ~(~0 &<< UInt64(7 * length)) }
        return UInt64(littleEndian: (cursor + 1).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    mutating func signed() throws(NativeFault) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A number that must be less than `limit`.
    @inline(__always)
    mutating func index(below limit: Int) throws(NativeFault) -> Int {
        let value = try number()
        guard value < UInt64(limit) else { throw NativeFault("a position lies outside its table") }
        return Int(truncatingIfNeeded: value)
    }

    /// How many entries follow, each of them at least one byte.
    @inline(__always)
    mutating func count() throws(NativeFault) -> Int {
        let value = try number()
        guard value <= UInt64(max(end - cursor, 0)) else { throw NativeFault("a list is longer than its stream") }
        return Int(truncatingIfNeeded: value)
    }
}
