import CZlib

/// Inflates gzip piece by piece: any number of members, one after the other.
final class GzipDecoder {
    private let file: String
    private var stream = z_stream()
    private var isOpen = false
    /// Whether the bytes so far end with the end of a member.
    private var isBetweenMembers = false
    private var consumed = 0
    private var produced = 0
    private var output = [UInt8](repeating: 0, count: 1 << 18)

    /// - Parameter file: the name that errors carry.
    init(file: String) throws(HistoryError) {
        self.file = file
        // 16 more than the largest window: the stream is gzip, and nothing else.
        isOpen = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        if !isOpen { throw HistoryError(file: file, reason: "no memory to inflate it") }
    }

    deinit { if isOpen { inflateEnd(&stream) } }

    /// Inflates the next piece and hands what comes out of it to `sink`.
    func consume(
        _ input: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws(HistoryError) -> Void
    ) throws(HistoryError) {
        var rest = input
        while let base = rest.baseAddress, rest.count > 0 {
            if isBetweenMembers {
                inflateReset(&stream)
                isBetweenMembers = false
            }
            let size = min(rest.count, 1 << 30)
            stream.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
            stream.avail_in = UInt32(size)
            try inflateAll(sink)
            rest = UnsafeRawBufferPointer(rebasing: rest[(size - Int(stream.avail_in))...])
        }
    }

    /// Throws when the bytes so far are not whole members.
    func finish() throws(HistoryError) {
        if !isBetweenMembers {
            throw HistoryError(file: file, offset: consumed, reason: "the gzip stream is cut short")
        }
    }

    /// Inflates until the input is used up or a member ends.
    private func inflateAll(_ sink: (UnsafeRawBufferPointer) throws(HistoryError) -> Void) throws(HistoryError) {
        repeat {
            let (status, count) = inflateSome()
            produced += count
            // A small file must not become a history that fills the memory.
            if produced > NativeLayout.memoryLimit(fileSize: consumed) {
                throw HistoryError(
                    file: file, offset: consumed, reason: "the gzip stream inflates to far more than it can hold")
            }
            if count > 0 {
                var failure: HistoryError?
                output.withUnsafeBytes { bytes in
                    do throws(HistoryError) { try sink(UnsafeRawBufferPointer(rebasing: bytes[..<count])) } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
            }
            if status == Z_STREAM_END {
                isBetweenMembers = true
                return
            }
            guard status == Z_OK || status == Z_BUF_ERROR else {
                throw HistoryError(file: file, offset: consumed, reason: "the gzip stream is damaged")
            }
        } while stream.avail_out == 0 || stream.avail_in > 0
    }

    private func inflateSome() -> (status: Int32, count: Int) {
        output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(buffer.count)
            let before = stream.avail_in
            let status = inflate(&stream, Z_NO_FLUSH)
            consumed += Int(before - stream.avail_in)
            return (status, buffer.count - Int(stream.avail_out))
        }
    }
}

/// Deflates to gzip piece by piece, at level 6, without a time or a name: the same text gives the same bytes.
final class GzipEncoder {
    private let file: OutputFile
    private var stream = z_stream()
    private var isOpen = false
    private var output = [UInt8](repeating: 0, count: 1 << 18)

    init(_ file: OutputFile) throws(HistoryError) {
        self.file = file
        let size = Int32(MemoryLayout<z_stream>.size)
        isOpen = deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        if !isOpen { throw HistoryError(file: file.path, reason: "no memory to deflate it") }
    }

    deinit { if isOpen { deflateEnd(&stream) } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(HistoryError) {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let size = min(rest.count, 1 << 30)
            stream.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
            stream.avail_in = UInt32(size)
            try drain(Z_NO_FLUSH)
            rest = UnsafeRawBufferPointer(rebasing: rest[size...])
        }
    }

    func finish() throws(HistoryError) { try drain(Z_FINISH) }

    private func drain(_ flush: Int32) throws(HistoryError) {
        repeat {
            let count = output.withUnsafeMutableBufferPointer { buffer in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                _ = deflate(&stream, flush)
                return buffer.count - Int(stream.avail_out)
            }
            try file.write(Array(output[..<count]))
        } while stream.avail_out == 0
    }
}
