#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is written from its beginning to its end.
final class OutputFile {
    let path: String
    /// Bytes written so far.
    private(set) var count = 0
    private var descriptor: Int32

    /// Creates the file, or empties the one that is there.
    init(path: String) throws(HistoryError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure("cannot be created") }
    }

    deinit { if descriptor >= 0 { _ = systemClose(descriptor) } }

    func write(_ bytes: [UInt8]) throws(HistoryError) {
        var failed: HistoryError?
        bytes.withUnsafeBytes { buffer in
            do throws(HistoryError) { try write(buffer) } catch { failed = error }
        }
        if let failed { throw failed }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(HistoryError) {
        if descriptor < 0 { throw HistoryError(file: path, reason: "cannot be written: it is closed") }
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let written = systemWrite(descriptor, base, rest.count)
            if written < 0 && errno != EINTR { throw failure("cannot be written") }
            if written <= 0 { continue }
            count += written
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Marks the file as being written, until it is closed or this process ends. Where that cannot be, nothing is lost
    /// but that others see it.
    func lock() { _ = flock(descriptor, LOCK_EX | LOCK_NB) }

    /// Returns when what was written is on the disk.
    func synchronize() throws(HistoryError) {
        if fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS { throw failure("cannot be written") }
    }

    func close() throws(HistoryError) {
        if descriptor < 0 { return }
        let closing = descriptor
        descriptor = -1
        if systemClose(closing) != 0 { throw failure("cannot be written") }
    }

    private func failure(_ what: String) -> HistoryError {
        HistoryError(file: path, reason: "\(what): \(systemError())")
    }
}

private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, base, count)
}
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
