/// Writes the fields of protocol buffers messages by hand, as the generated code would: fields of default value are left
/// out. Field numbers must be below 16.
///
/// The messages of every request are written this way; see ``HotMessages``.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// Begins with the length of the frame's body as a big-endian uint32.
    init(bodyLength: Int) {
        bytes.reserveCapacity(4 + bodyLength)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bodyLength).bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func uint(_ field: UInt8, _ value: UInt64) {
        if value == 0 { return }
        bytes.append(field << 3)
        varint(value)
    }

    mutating func flag(_ field: UInt8, _ value: Bool) { uint(field, value ? 1 : 0) }

    mutating func block(_ field: UInt8, _ value: [UInt8]) {
        if value.isEmpty { return }
        open(field, length: value.count)
        bytes.append(contentsOf: value)
    }

    mutating func text(_ field: UInt8, _ value: String) {
        let count = value.utf8.count
        if count == 0 { return }
        open(field, length: count)
        bytes.append(contentsOf: value.utf8)
    }

    /// Begins a field of `length` bytes, to be written next: a message.
    mutating func open(_ field: UInt8, length: Int) {
        bytes.append(field << 3 | 2)
        varint(UInt64(length))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// How long fields are, as ``WireWriter`` writes them: a message's length stands before its fields.
enum WireSize {
    static func varint(_ value: UInt64) -> Int { (70 - (value | 1).leadingZeroBitCount) / 7 }

    static func uint(_ value: UInt64) -> Int { value == 0 ? 0 : 1 + varint(value) }

    static func flag(_ value: Bool) -> Int { value ? 2 : 0 }

    /// A block or a text of so many bytes.
    static func block(_ count: Int) -> Int { count == 0 ? 0 : message(count) }

    /// A message of so many bytes, which is written even when it is empty.
    static func message(_ count: Int) -> Int { 1 + varint(UInt64(count)) + count }
}
