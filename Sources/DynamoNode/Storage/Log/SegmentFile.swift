import Glibc

/// An open segment of the commit log.
final class SegmentFile: Sendable {
    let number: UInt64
    let path: String
    private let descriptor: CInt

    /// Opens a segment that is there.
    init(number: UInt64, path: String) throws(StoreError) {
        self.number = number
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .writeFailed(path: path, reason: SystemError.text(errno)) }
    }

    deinit { close(descriptor) }

    /// Writes bytes; when this returns, they are on disk.
    func write(_ bytes: [UInt8], at place: Int) throws(StoreError) {
        try Self.write(bytes, at: place, to: descriptor, path: path)
        guard fdatasync(descriptor) == 0 else { throw .writeFailed(path: path, reason: SystemError.text(errno)) }
    }

    /// Writes bytes to a file, all of them.
    static func write(_ bytes: [UInt8], at place: Int, to descriptor: CInt, path: String) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(place + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .writeFailed(path: path, reason: SystemError.text(count < 0 ? errno : ENOSPC))
            }
            written += count
        }
    }

    /// All bytes of a file.
    static func read(_ path: String) throws(StoreError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: SystemError.text(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path: path, reason: SystemError.text(errno)) }
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count {
                let more = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if more < 0, errno == EINTR { continue }
                if more < 0 { failure = errno }
                if more <= 0 { break }
                count += more
            }
        }
        guard failure == 0 else { throw .readFailed(path: path, reason: SystemError.text(failure)) }
        return bytes
    }
}
