import CDeflate

/// Deflate streams and checksums, without pointers and codes: what zlib writes and reads, by libdeflate, which does the
/// same several times faster where a stream is in memory as a whole.
enum Zlib {
    /// CRC-32 of `bytes`, going on from `seed`.
    static func crc(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return seed }
        return libdeflate_crc32(seed, base, bytes.count)
    }

    static func crc(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc($0) } }

    /// Deflates `bytes` as one raw stream; nil when there is no memory for it.
    ///
    /// - Parameter level: 1 (fast) to 12 (small).
    static func deflated(_ bytes: [UInt8], level: Int32 = 1) -> [UInt8]? {
        guard let compressor = libdeflate_alloc_compressor(level) else { return nil }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_deflate_compress_bound(compressor, bytes.count)
        let result = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = bytes.withUnsafeBytes { input in
                libdeflate_deflate_compress(compressor, input.baseAddress, input.count, output.baseAddress, bound)
            }
        }
        return result.isEmpty ? nil : result
    }

    /// Inflates one raw stream that must fill `output` exactly and use up `input`. Says whether it did.
    static func inflated(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard let decompressor = libdeflate_alloc_decompressor() else { return false }
        defer { libdeflate_free_decompressor(decompressor) }
        var used = 0
        let status = libdeflate_deflate_decompress_ex(
            decompressor, input.baseAddress, input.count, output.baseAddress, output.count, &used, nil)
        return status == LIBDEFLATE_SUCCESS && used == input.count
    }
}
