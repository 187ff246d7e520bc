#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes that are appended to a temporary file and read again.
final class SpillFile {
    private let file: TemporaryFile
    private var size = 0

    init(directory: String) throws(HistoryError) { file = try TemporaryFile(directory: directory) }

    /// Appends bytes and gives where they begin.
    func append(_ bytes: UnsafeRawBufferPointer) throws(HistoryError) -> Int {
        let offset = size
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                file.descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            if count < 0 && errno != EINTR {
                throw HistoryError(
                    file: file.directory, reason: "the temporary file cannot be written: \(systemError())")
            }
            done += max(count, 0)
        }
        size += bytes.count
        return offset
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(HistoryError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                file.descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count == 0 || count < 0 && errno != EINTR {
                throw HistoryError(file: file.directory, reason: "the temporary file cannot be read: \(systemError())")
            }
            done += max(count, 0)
        }
    }
}
