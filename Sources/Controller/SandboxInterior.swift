import CLinux
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What the inner process does first: tie its life to the outer one's, and mount what its namespaces need.
public enum SandboxInterior {
    /// Prepares the inside of the sandbox. Call once, before anything else.
    public static func prepare() throws(SandboxError) {
        // Not for the nodes: whoever waits for the end of this pipe waits for the end of this process.
        if let watched = ProcessInfo.processInfo.environment[Sandbox.watchedVariable].flatMap({ Int32($0) }) {
            _ = fcntl(watched, F_SETFD, FD_CLOEXEC)
        }
        dieWithOuterProcess()
        // Nothing mounted from here on may show outside, nor what is mounted outside later show here.
        try mountFileSystem("none", at: "/", type: nil, flags: UInt(MS_REC | MS_PRIVATE))
        // What is mounted and unmounted here follows in the nodes' own mount namespaces (`ip netns exec` makes one each), so
        // that a disk can be taken away under them.
        try mountFileSystem("none", at: "/", type: nil, flags: UInt(MS_REC | MS_SHARED))
        // /proc must tell of this pid namespace; /run is where `ip netns` keeps its names.
        try mountFileSystem("proc", at: "/proc", type: "proc", flags: UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC))
        try mountFileSystem("tmpfs", at: "/run", type: "tmpfs", flags: UInt(MS_NOSUID | MS_NODEV))
    }

    /// As pid 1 of its namespace this process takes everything with it when it goes.
    private static func dieWithOuterProcess() {
        _ = clinux_die_with_parent(SIGKILL)
        // The outer process may have died before the line above: its end of the pipe tells that too.
        guard let text = ProcessInfo.processInfo.environment[Sandbox.lifelineVariable], let lifeline = Int32(text)
        else {
            return
        }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(lifeline, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { _exit(255) }
            }
        }
    }

    private static func mountFileSystem(
        _ source: String, at target: String, type: String?, flags: UInt
    ) throws(SandboxError) {
        guard mount(source, target, type, flags, nil) == 0 else {
            throw SandboxError("cannot mount \(type ?? source) on \(target) in the sandbox: \(Sandbox.errorText())")
        }
    }
}
