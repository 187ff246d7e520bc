#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is read piece by piece and never mapped: one that shrinks under the reader is an error, not a signal.
struct InputFile: ~Copyable {
    let path: String
    /// The size when it was opened, in bytes; nil for what has none, such as a pipe.
    let size: Int?
    private let descriptor: Int32

    init(path: String) throws(HistoryError) {
        (descriptor, size) = try InputFile.opened(path)
        self.path = path
    }

    private static func opened(_ path: String) throws(HistoryError) -> (descriptor: Int32, size: Int?) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw HistoryError(file: path, reason: "cannot be opened: \(systemError())") }
        var status = stat()
        if fstat(descriptor, &status) != 0 {
            close(descriptor)
            throw HistoryError(file: path, reason: "cannot be read: \(systemError())")
        }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR {
            close(descriptor)
            throw HistoryError(file: path, reason: "cannot be read: it is a directory")
        }
        return (descriptor, kind == S_IFREG ? Int(status.st_size) : nil)
    }

    deinit { close(descriptor) }

    /// The size now, in bytes.
    borrowing func currentSize() throws(HistoryError) -> Int {
        var status = stat()
        if fstat(descriptor, &status) != 0 {
            throw HistoryError(file: path, reason: "cannot be read: \(systemError())")
        }
        return Int(status.st_size)
    }

    /// Whether a process has the file open for writing, as ``OutputFile/lock()`` marks it.
    borrowing func isHeldByWriter() -> Bool {
        if flock(descriptor, LOCK_SH | LOCK_NB) != 0 { return true }
        _ = flock(descriptor, LOCK_UN)
        return false
    }

    /// Reads up to the size of `buffer` from where the last read ended; 0 at the end.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(HistoryError) -> Int {
        while true {
            let count = systemRead(descriptor, buffer)
            if count >= 0 { return count }
            if errno != EINTR { throw HistoryError(file: path, reason: "cannot be read: \(systemError())") }
        }
    }

    /// Fills `buffer` from `offset` on. Throws when the file ends before.
    borrowing func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(HistoryError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, UnsafeMutableRawPointer(buffer.baseAddress.map { $0 + done }), buffer.count - done,
                off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw HistoryError(
                    file: path, offset: offset + done, reason: "the file became shorter while it was read")
            } else if errno != EINTR {
                throw HistoryError(file: path, offset: offset + done, reason: "cannot be read: \(systemError())")
            }
        }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

/// What the system says of the last call that failed.
func systemError() -> String { String(cString: strerror(errno)) }
