/// Checksums for readers of other files.
public enum Checksum {
    /// CRC-32 as zlib and gzip reckon it.
    ///
    /// - Parameter sum: that of the bytes in front of these.
    public static func crc32(_ bytes: UnsafeRawBufferPointer, goingOnFrom sum: UInt32 = 0) -> UInt32 {
        Zlib.crc(bytes, seed: sum)
    }
}
