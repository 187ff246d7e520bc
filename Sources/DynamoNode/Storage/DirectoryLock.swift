import Glibc

/// Keeps a second node off a data directory, for as long as the process lives: the kernel drops the lock however it
/// dies.
public final class DirectoryLock: Sendable {
    private let descriptor: CInt

    public init(directory: String) throws(StoreError) {
        let path = directory + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: SystemError.text(errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw .inUse(directory: directory, holder: holder)
        }
        self.descriptor = descriptor
        Self.write(pid: getpid(), to: descriptor)
    }

    deinit { close(descriptor) }

    /// Who has the lock, as it wrote itself down.
    private static func holder(_ descriptor: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 32)
        let length = pread(descriptor, &buffer, buffer.count, 0)
        guard length > 0 else { return "process unknown" }
        return "process " + String(decoding: buffer[..<length].prefix { $0 != 0x0A }, as: UTF8.self)
    }

    /// Only to name the holder in a message: nothing depends on it, so a full disk is no reason to fail.
    private static func write(pid: pid_t, to descriptor: CInt) {
        let line = Array("\(pid)\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
    }
}

/// What the system says of an error number.
enum SystemError {
    static func text(_ code: CInt) -> String {
        guard let message = strerror(code) else { return "error \(code)" }
        return String(cString: message)
    }
}
