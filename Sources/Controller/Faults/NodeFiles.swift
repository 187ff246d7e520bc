import Foundation
import History
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// A node's files as the bench fills, probes and damages them.
struct NodeFiles {
    let node: String
    let directory: String

    private var ballast: String { directory + "/dyno-ballast" }
    private var probe: String { directory + "/dyno-probe" }

    /// Gives the directory a file system of its own in memory, so that it can be full without anything else being full.
    ///
    /// - Parameter bytes: its size.
    func mountOwnFileSystem(bytes: Int) throws(NodeProcessError) {
        guard mount("dyno", directory, "tmpfs", UInt(MS_NOSUID | MS_NODEV), "size=\(bytes)") == 0 else {
            throw failure("cannot have a file system of its own on \(directory)")
        }
    }

    // MARK: - Full

    /// Takes all space that is left. Throws when a probe can be written all the same.
    func fill() throws(NodeProcessError) {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 || errno == ENOSPC else { throw failure("cannot write \(ballast)") }
        defer { close(descriptor) }
        // What is free in one piece at once; the rest byte by byte.
        var space = statvfs()
        if fstatvfs(descriptor, &space) == 0 {
            _ = posix_fallocate(descriptor, 0, off_t(space.f_bavail) * off_t(space.f_frsize))
            lseek(descriptor, 0, SEEK_END)
        }
        let chunk = [UInt8](repeating: 0x5a, count: 1 << 16)
        // Down to the last byte: where a page no longer fits, a byte may.
        for size in [chunk.count, 4096, 1] {
            while write(descriptor, chunk, size) > 0 {}
        }
        if isWritable { throw failure("there is space on \(directory) although it was filled") }
    }

    /// Gives the space back. Throws when nothing can be written then.
    func free() throws(NodeProcessError) {
        unlink(ballast)
        unlink(probe)
        if !isWritable { throw failure("there is no space on \(directory) although it was freed") }
    }

    /// Whether a page can be written now.
    private var isWritable: Bool {
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer {
            close(descriptor)
            unlink(probe)
        }
        let page = [UInt8](repeating: 0, count: 4096)
        return write(descriptor, page, page.count) == page.count && fsync(descriptor) == 0
    }

    // MARK: - Damage

    /// Deletes everything that the node stored.
    func wipe() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        for name in names { try FileManager.default.removeItem(atPath: directory + "/" + name) }
        return "\(names.count) files of \(node) were deleted"
    }

    /// Cuts the largest file in half.
    func truncate() throws -> String {
        let (path, size) = try files()[0]
        guard Glibc.truncate(path, off_t(size / 2)) == 0 else { throw failure("cannot cut \(path)") }
        return "\(path.split(separator: "/").last ?? "") of \(node) went from \(size) to \(size / 2) bytes"
    }

    /// Where a file says what it is, in bytes from its begin: damaged there, it is no file of its kind any more.
    private static let head = 4096

    /// Changes single bytes inside long runs of printable characters in the largest file: stored values, not the pages around
    /// them, as a disk's silent errors mostly hit.
    func rot(places: Int, using generator: inout SeededGenerator) throws -> String {
        // The largest file that holds values: some hold only what is derived from them.
        let files = try self.files()
        for (path, size) in files where size > 2 * Self.head {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            var changed: Set<Int> = []
            for _ in 0..<places * 500 where changed.count < places {
                let place = Self.head + 12 + generator.below(size - Self.head - 25)
                if bytes[(place - 12)...(place + 12)].allSatisfy({ (0x20...0x7e).contains($0) }) {
                    changed.insert(place)
                }
            }
            guard !changed.isEmpty else { continue }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            for place in changed.sorted() {
                try file.seek(toOffset: UInt64(place))
                try file.write(contentsOf: [bytes[place] ^ 0x01])
            }
            try file.close()
            return "\(changed.count) bytes of \(path.split(separator: "/").last ?? "") of \(node) were changed"
        }
        throw failure("found no stored value in the \(files.count) files of \(directory)")
    }

    /// The node's files, the largest first, logs left out: a damaged log is cut off at the damage when it is read, which is
    /// another fault.
    private func files() throws -> [(path: String, size: Int)] {
        var found: [(path: String, size: Int)] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
            if name.hasSuffix("-wal") || name.hasSuffix("-shm") { continue }
            let path = directory + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            found.append((path, (attributes[.size] as? NSNumber)?.intValue ?? 0))
        }
        guard !found.isEmpty else { throw failure("has no files in \(directory)") }
        return found.sorted { $0.size > $1.size }
    }

    private func failure(_ what: String) -> NodeProcessError {
        NodeProcessError(node: node, reason: errno == 0 ? what : "\(what) (\(String(cString: strerror(errno))))")
    }
}
