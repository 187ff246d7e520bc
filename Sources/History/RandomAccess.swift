/// Bytes of which any part can be read: a file, or memory that holds one.
protocol RandomAccess: ~Copyable {
    /// The name that errors carry.
    var path: String { get }
    /// The number of bytes.
    var byteCount: Int { get }

    /// Fills `buffer` from `offset` on. Throws when there are not as many bytes.
    borrowing func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(HistoryError)
}

extension RandomAccess where Self: ~Copyable {
    /// `count` bytes from `offset` on, which must lie inside.
    borrowing func bytes(_ count: Int, from offset: Int) throws(HistoryError) -> [UInt8] {
        var failure: HistoryError?
        let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(HistoryError) {
                try fill(
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]),
                    from: offset)
            } catch { failure = error }
            filled = failure == nil ? count : 0
        }
        if let failure { throw failure }
        return result
    }
}

/// A file whose bytes are all in memory.
struct MemoryFile: RandomAccess {
    let path: String
    let content: [UInt8]

    var byteCount: Int { content.count }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(HistoryError) {
        guard offset >= 0, buffer.count <= content.count - offset else {
            throw HistoryError(file: path, offset: offset, reason: "the file ends too early")
        }
        content.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
        }
    }
}

extension InputFile: RandomAccess {
    var byteCount: Int { size ?? 0 }
}
