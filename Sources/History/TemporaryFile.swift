#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A temporary file that has no name from the moment it is opened, and is gone with whoever holds it, however that ends.
final class TemporaryFile: Sendable {
    let descriptor: Int32
    let directory: String
    /// What the system calls the descriptor, by which the file can be opened once more.
    let path: String

    init(directory: String) throws(HistoryError) {
        self.directory = directory
        var template = Array("\(directory)/dyno-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        if descriptor < 0 {
            throw HistoryError(file: directory, reason: "no temporary file can be made here: \(systemError())")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = "/dev/fd/\(descriptor)"
    }

    deinit { close(descriptor) }

    /// The error as it is told to people, who know of no such file.
    func naming(_ error: HistoryError) -> HistoryError {
        HistoryError(file: directory, reason: "a temporary file there \(error.reason)")
    }
}
