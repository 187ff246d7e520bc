/// Why bytes are not what the native format says they should be. The place in the file is added by who knows it.
struct NativeFault: Error {
    let reason: StaticString
    init(_ reason: StaticString) { self.reason = reason }
}

/// One column of a block being written.
struct ColumnWriter {
    private var storage = UncheckedArray<UInt8>()

    var count: Int { storage.count }
    var bytes: [UInt8] { Array(storage.buffer) }

    mutating func reset() { storage.removeAll() }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            storage.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        storage.append(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func varint(_ value: UInt32) { varint(UInt64(value)) }
    @inline(__always)
    mutating func varint(_ value: Int) { varint(UInt64(bitPattern: Int64(value))) }

    @inline(__always)
    mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func append(_ utf8: UnsafeRawBufferPointer) { storage.append(contentsOf: utf8.bindMemory(to: UInt8.self)) }
    mutating func append(_ other: ColumnWriter) { storage.append(contentsOf: other.storage.buffer) }

    /// `u32` and `u64` of fixed width, little-endian.
    mutating func fixed(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { append($0) }
    }
}

/// Reads a column, or any part of a file, and never past its end. The memory belongs to the caller.
struct ColumnReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Bytes not yet read: an upper bound for the number of entries to come, known before memory is taken for them.
    var remaining: Int { end - position }

    @inline(__always)
    mutating func varint() throws(NativeFault) -> UInt64 {
        if position < end {
            let byte = bytes[position]
            if byte < 0x80 {
                position += 1
                return UInt64(byte)
            }
            if end - position > 2 {
                let second = bytes[position + 1], third = bytes[position + 2]
                if second < 0x80 {
                    position += 2
                    return UInt64(byte & 0x7F) | UInt64(second) << 7
                }
                if third < 0x80 {
                    position += 3
                    return UInt64(byte & 0x7F) | UInt64(second & 0x7F) << 7 | UInt64(third) << 14
                }
            }
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(NativeFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            if shift == 63 && byte > 1 { throw NativeFault("a number is wider than 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw NativeFault("a column ends too early")
    }

    @inline(__always)
    mutating func byte() throws(NativeFault) -> UInt8 {
        guard position < end else { throw NativeFault("a column ends too early") }
        position += 1
        return bytes[position - 1]
    }

    @inline(__always)
    mutating func zigzag() throws(NativeFault) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A varint that must be less than `limit`.
    @inline(__always)
    mutating func index(below limit: Int) throws(NativeFault) -> Int {
        let value = try varint()
        guard value < UInt64(limit) else { throw NativeFault("a position lies outside its table") }
        return Int(truncatingIfNeeded: value)
    }

    /// A varint that says how many entries follow, each of them at least one byte of `column`.
    mutating func count(of column: ColumnReader, atMost limit: Int) throws(NativeFault) -> Int {
        let value = try varint()
        guard value <= UInt64(column.remaining), value <= UInt64(limit) else {
            throw NativeFault("a list is longer than the block allows")
        }
        return Int(truncatingIfNeeded: value)
    }

    mutating func bytes(_ count: Int) throws(NativeFault) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw NativeFault("a column ends too early") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    /// So many bytes as the varint before them says.
    mutating func counted() throws(NativeFault) -> UnsafeRawBufferPointer {
        let count = try varint()
        guard count <= UInt64(remaining) else { throw NativeFault("a column ends too early") }
        return try bytes(Int(truncatingIfNeeded: count))
    }

    mutating func fixed<Value: FixedWidthInteger>(_ type: Value.Type) throws(NativeFault) -> Value {
        Value(littleEndian: try bytes(MemoryLayout<Value>.size).loadUnaligned(as: type))
    }

    /// Every byte of a column belongs to something.
    func checkEnd() throws(NativeFault) {
        if position != end { throw NativeFault("a column has bytes that belong to no event") }
    }
}
