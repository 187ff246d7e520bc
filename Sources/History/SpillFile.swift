#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A temporary file that has no name from the moment it is opened.
final class SpillFile {
    private let descriptor: Int32
    private let directory: String
    private var size = 0

    init(directory: String) throws(HistoryError) {
        self.directory = directory
        var template = Array("\(directory)/dyno-partition-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        if descriptor < 0 {
            throw HistoryError(file: directory, reason: "no temporary file can be made here: \(systemError())")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Appends bytes and gives where they begin.
    func append(_ bytes: UnsafeRawBufferPointer) throws(HistoryError) -> Int {
        let offset = size
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            if count < 0 && errno != EINTR {
                throw HistoryError(file: directory, reason: "the temporary file cannot be written: \(systemError())")
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
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count == 0 || count < 0 && errno != EINTR {
                throw HistoryError(file: directory, reason: "the temporary file cannot be read: \(systemError())")
            }
            done += max(count, 0)
        }
    }
}
