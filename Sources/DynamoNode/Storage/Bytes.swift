/// Writes the compact forms that the node keeps on disk and hands to clients: varints, and bytes after their length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, least significant first, as protocol buffers have them.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func block(_ value: [UInt8]) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func block(_ value: String) { block(Array(value.utf8)) }

    /// Four bytes, most significant first.
    mutating func word(_ value: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}

/// Reads what ``ByteWriter`` wrote. Every length is checked against what is left before memory is taken.
struct ByteReader {
    /// The bytes end early, or say something impossible.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], upTo end: Int? = nil) {
        self.bytes = bytes
        self.end = min(end ?? bytes.count, bytes.count)
        position = 0
    }

    var remaining: Int { end - position }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard position < end else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            let bits = UInt64(byte & 0x7F)
            guard shift < 63 || bits <= 1 else { throw Malformed() }
            value |= bits << shift
            if byte < 0x80 { return value }
        }
        throw Malformed()
    }

    /// A number of things that take at least one byte each: never more than the bytes left.
    mutating func count() throws(Malformed) -> Int {
        let value = try varint()
        guard value <= UInt64(remaining) else { throw Malformed() }
        return Int(value)
    }

    mutating func block() throws(Malformed) -> [UInt8] {
        let length = try count()
        defer { position += length }
        return Array(bytes[position..<(position + length)])
    }

    mutating func text() throws(Malformed) -> String {
        guard let text = String(validating: try block(), as: UTF8.self) else { throw Malformed() }
        return text
    }
}
