import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Runs a system tool to its end, text in and text out. For `ip` and `nft`, which answer in milliseconds.
///
/// Not Foundation's `Process`: that one needs a run loop with sockets of its own, which a fresh network namespace does not give.
enum Tool {
    /// Runs `arguments` with `input` on standard input and waits at most `limit` seconds.
    ///
    /// Throws ``ToolError`` with the tool's own words when it fails, cannot be started or takes too long.
    @discardableResult
    static func run(_ arguments: [String], input: String = "", limit: Int = 10) throws(ToolError) -> String {
        let files = try (0..<3).map { _ throws(ToolError) in try scratchFile(arguments) }
        defer { for file in files { close(file) } }
        write(input, to: files[0])
        var environment = ProcessInfo.processInfo.environment
        // Tools of the administrator live in sbin, which a user's PATH may leave out.
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let pid: pid_t
        do {
            pid = try Spawn.start(
                executable: "/usr/bin/env", arguments: ["env"] + arguments, environment: environment, input: files[0],
                output: files[1], errors: files[2], isDetached: true)
        } catch {
            throw ToolError(tool: arguments, reason: error.reason)
        }
        guard let status = wait(for: pid, limit: limit) else {
            throw ToolError(tool: arguments, reason: "no end after \(limit) s")
        }
        guard Spawn.exitCode(waitStatus: status) == 0 else {
            throw ToolError(tool: arguments, reason: text(of: files[2]).trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return text(of: files[1])
    }

    /// The status of a child that ended; nil when it did not within the limit, and was killed.
    private static func wait(for pid: pid_t, limit: Int) -> Int32? {
        let deadline = ContinuousClock.now + .seconds(limit)
        var status: Int32 = 0
        while true {
            let result = waitpid(pid, &status, WNOHANG)
            if result == pid { return status }
            if result < 0 && errno != EINTR { return nil }
            if ContinuousClock.now >= deadline {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                return nil
            }
            usleep(300)
        }
    }

    /// An unnamed file for a child's input or output: unlike a pipe it never blocks either side.
    private static func scratchFile(_ tool: [String]) throws(ToolError) -> Int32 {
        var template = Array("/tmp/dyno-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ToolError(tool: tool, reason: "cannot write to /tmp: \(String(cString: strerror(errno)))")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    private static func text(of descriptor: Int32) -> String {
        lseek(descriptor, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}

/// A system tool that failed, in its own words.
public struct ToolError: Error, CustomStringConvertible, Sendable {
    public let tool: [String]
    public let reason: String

    public var description: String {
        let missing = reason.contains("No such file or directory") && reason.contains("env:")
        return "\(tool.joined(separator: " ")): \(reason)\(missing ? " (make setup installs it)" : "")"
    }
}
