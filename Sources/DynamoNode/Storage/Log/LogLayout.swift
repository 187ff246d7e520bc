/// How a segment of the commit log is laid out. Whole numbers are little-endian.
///
/// A header of 64 bytes (`dynolog1`, the segment's number, the size that was set aside for it, a CRC-32 of these), then
/// records, each at a multiple of eight: the segment's tag (8), the payload's length (4), a CRC-32 (4), the record's
/// number in the whole log (8), the payload. The CRC-32 covers all that, padding left out. Eight zero bytes stand where
/// the next record will begin, written together with the record before it: so the end of the log is told from a record
/// that was spoilt. What lies beyond them is left over from an earlier use of the file, and has another tag.
enum LogLayout {
    static let headerLength = 64
    static let recordHeaderLength = 24
    static let terminatorLength = 8
    /// Bytes set aside for a segment: writing to them, a sync need not write where the file's blocks are as well.
    static let segmentSize = 2 << 20
    /// A segment that has grown beyond this takes nothing more: whoever fills the databases behind it has failed for long.
    static let largestSegment = 128 << 20
    private static let magic: [UInt8] = Array("dynolog1".utf8)

    /// What the records of a segment begin with; never zero, and different for every segment.
    static func tag(of segment: UInt64) -> UInt64 {
        // The finalizer of splitmix64, a bijection: it spreads neighbouring numbers.
        var mixed = segment &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return mixed == 0 ? 1 : mixed
    }

    /// The header of a segment, and the zero bytes that say that nothing follows it.
    static func header(of segment: UInt64, size: Int) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(headerLength + terminatorLength)
        append(segment, to: &bytes)
        append(UInt64(size), to: &bytes)
        var checksum = Checksum()
        checksum.add(bytes)
        append(UInt64(checksum.value), to: &bytes)
        bytes += Array(repeating: 0, count: headerLength + terminatorLength - bytes.count)
        return bytes
    }

    /// The size in a segment's header; nil when the header is not that of the segment.
    static func size(inHeader bytes: [UInt8], of segment: UInt64) -> Int? {
        guard bytes.count >= headerLength, let size = Int(exactly: word(bytes, at: 16)),
            bytes.starts(with: header(of: segment, size: size).prefix(headerLength))
        else { return nil }
        return size
    }

    /// A record with the zero bytes after it.
    static func record(_ payload: [UInt8], number: UInt64, segment: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        let length = recordLength(payload: payload.count)
        bytes.reserveCapacity(length + terminatorLength)
        append(tag(of: segment), to: &bytes)
        append(UInt64(payload.count), to: &bytes)
        append(number, to: &bytes)
        bytes += payload
        var checksum = Checksum()
        checksum.add(bytes)
        for place in 0..<4 { bytes[12 + place] = UInt8(truncatingIfNeeded: checksum.value >> (8 * place)) }
        bytes += Array(repeating: 0, count: length + terminatorLength - bytes.count)
        return bytes
    }

    /// The bytes that a record takes, padding included.
    static func recordLength(payload: Int) -> Int { (recordHeaderLength + payload + 7) & ~7 }

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The whole number at a place, which must have eight bytes after it.
    static func word(_ bytes: [UInt8], at place: Int) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }
    }
}
