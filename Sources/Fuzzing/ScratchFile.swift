import Foundation

/// A file for input after input that must be read from one: without a name, so that nothing stays behind whatever becomes
/// of the process, and in memory where the system has files there, so that millions of inputs wait for no disk.
struct ScratchFile: Sendable {
    private let descriptor: Int32

    /// Where temporary files are the fastest.
    static let directory =
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path

    init?() {
        var template = Array("\(ScratchFile.directory)/fuzz-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        if descriptor < 0 { return nil }
        unlink(template)
    }

    /// Makes the file one of these bytes; the path under which it can be opened, or nil when it cannot be written.
    func path(with bytes: [UInt8]) -> String? {
        guard ftruncate(descriptor, 0) == 0, bytes.isEmpty || pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
        else { return nil }
        return "/dev/fd/\(descriptor)"
    }
}
