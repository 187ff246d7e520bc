import CLinux
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A file system (ext4) of a node's own on a loop device, whose power can fail. Needs root.
///
/// Nothing of it can stay behind: the image has no name once it is attached, the kernel frees the device as soon as nothing has
/// it open or mounted, and the mount lives in the run's own mount namespace.
final class LoopDisk: Sendable {
    private static let type = "ext4"
    private static let synced = "synced"

    let node: String
    let directory: String
    private let device: Int32
    private let devicePath: String
    private var probe: String { directory + "/dyno-power-probe" }

    /// Makes an empty file system of `bytes` and mounts it on the directory.
    init(node: String, directory: String, bytes: Int) throws {
        self.node = node
        self.directory = directory
        let image = directory + ".img"
        let file = open(image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, off_t(bytes)) == 0 else {
            throw Self.failure(node, "cannot make \(image)")
        }
        defer {
            close(file)
            unlink(image)
        }
        try Tool.run(["mkfs.ext4", "-q", "-F", "-E", "nodiscard", image])
        var path = [CChar](repeating: 0, count: 32)
        device = clinux_attach_loop(file, &path)
        devicePath = String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard device >= 0 else { throw Self.failure(node, "cannot have a loop device") }
        guard Glibc.mount(devicePath, directory, Self.type, UInt(MS_NOSUID | MS_NODEV), nil) == 0 else {
            let error = Self.failure(node, "cannot mount \(devicePath) on \(directory)")
            close(device)
            throw error
        }
        // The node finds an empty directory, as it would without this disk.
        try? FileManager.default.removeItem(atPath: directory + "/lost+found")
    }

    deinit { close(device) }

    /// Leaves one line synced and one that is not, for ``restore()`` to look at.
    func writeProbe() throws {
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(node, "cannot write \(probe)") }
        defer { close(descriptor) }
        guard write(descriptor, Self.synced, Self.synced.utf8.count) == Self.synced.utf8.count, fsync(descriptor) == 0,
            try syncDirectory(), write(descriptor, ", not synced", 12) == 12
        else { throw Self.failure(node, "cannot write \(probe)") }
    }

    private func syncDirectory() throws -> Bool {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    /// The power fails.
    func cut() throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(node, "cannot open \(directory)") }
        defer { close(descriptor) }
        guard clinux_shut_down_ext4(descriptor) == 0 else {
            throw Self.failure(node, "its file system cannot be shut down")
        }
    }

    /// The power is back: mounts what reached the disk. May be called again.
    ///
    /// Throws when the probe that was not synced is still there: then no power was lost.
    func restore() throws -> String {
        defer { unlink(probe) }
        if Self.isMounted(directory) {
            // A process that has just ended may hold the last file for a moment.
            var attempts = 0
            while umount2(directory, 0) != 0 {
                attempts += 1
                guard errno == EBUSY, attempts < 400 else { throw Self.failure(node, "cannot unmount \(directory)") }
                usleep(5_000)
            }
        }
        guard Glibc.mount(devicePath, directory, Self.type, UInt(MS_NOSUID | MS_NODEV), nil) == 0 else {
            throw Self.failure(node, "cannot mount \(devicePath) again")
        }
        // Zeros stand where the length of a file was written and its bytes were not.
        let found = ((try? String(contentsOfFile: probe, encoding: .utf8)) ?? "no probe").replacing("\0", with: "")
        guard found == Self.synced else {
            errno = 0
            throw Self.failure(node, "found \"\(found)\" after the power loss, and only \"\(Self.synced)\" was synced")
        }
        return "\(node) kept what was synced and lost what was not"
    }

    private static func isMounted(_ directory: String) -> Bool {
        let real = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        return mounts.split(separator: "\n").contains { line in
            line.split(separator: " ").dropFirst().first.map(String.init) == real
        }
    }

    private static func failure(_ node: String, _ what: String) -> NodeProcessError {
        NodeProcessError(node: node, reason: errno == 0 ? what : "\(what) (\(String(cString: strerror(errno))))")
    }
}
