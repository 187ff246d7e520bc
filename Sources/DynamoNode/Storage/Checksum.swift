import CZlib

/// CRC-32 (zlib's), over several pieces in turn.
struct Checksum {
    private var state = crc32(0, nil, 0)

    mutating func add(_ bytes: [UInt8]) { add(bytes[...]) }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBufferPointer { pointer in
            var offset = 0
            // zlib takes a uInt at a time.
            while offset < pointer.count, let base = pointer.baseAddress {
                let length = min(pointer.count - offset, 1 << 30)
                state = crc32(state, base + offset, uInt(length))
                offset += length
            }
        }
    }

    /// Adds a piece's length and then the piece, so that no two lists of pieces look the same.
    mutating func addCounted(_ bytes: [UInt8]) {
        let count = UInt64(bytes.count)
        add((0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) })
        add(bytes)
    }

    var value: UInt32 { UInt32(truncatingIfNeeded: state) }
}
