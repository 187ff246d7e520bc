import CLinux
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Runs this program again inside namespaces of its own, so that a fault can cut nothing but the run's own network, and the
/// end of the run, however it comes, is the end of every process, interface, rule and mount that it made.
///
/// The outer process does nothing but wait. It holds one end of a pipe whose other end the inner process watches: when the
/// outer one is killed, the kernel closes its end, the inner one (pid 1 of its namespace) exits, and the kernel ends the rest.
public enum Sandbox {
    /// Which namespaces could be had.
    public enum Kind: String, Sendable {
        /// User, network, mount and pid namespaces: needs no privilege.
        case rootless = "rootless namespaces"
        /// Network, mount and pid namespaces as root, where user namespaces are forbidden.
        case root = "namespaces as root"
    }

    static let kindVariable = "DYNO_SANDBOX"
    static let lifelineVariable = "DYNO_LIFELINE"
    /// The descriptor by which the sweeper of control groups knows that the run has ended.
    static let watchedVariable = "DYNO_WATCHED"

    /// The kind of sandbox that this process runs in, nil outside of one.
    public static var inside: Kind? {
        ProcessInfo.processInfo.environment[kindVariable].flatMap(Kind.init(rawValue:))
    }

    /// Runs the program with the same arguments inside new namespaces and gives back its exit status.
    ///
    /// Must be called while this process has a single thread: the kernel refuses a user namespace to more.
    ///
    /// - Parameter staysRoot: inside, the process must be the machine's own root: loop devices and control groups are not
    ///   for the root of a user namespace. Throws for anybody else.
    public static func enter(staysRoot: Bool = false) throws(SandboxError) -> Int32 {
        let (user, group) = (getuid(), getgid())
        // Read now: from a new mount namespace the kernel tells the path only relative to the file system that it lies on.
        let executable = ownExecutable
        let watched = staysRoot ? try watchControlGroups() : nil
        let kind = try unshareNamespaces(isRoot: user == 0, staysRoot: staysRoot)
        if kind == .rootless { try mapToRoot(user: user, group: group) }

        var lifeline: [Int32] = [-1, -1]
        guard pipe(&lifeline) == 0 else { throw SandboxError("cannot make a pipe: \(errorText())") }
        _ = fcntl(lifeline[1], F_SETFD, FD_CLOEXEC)
        let child = try spawnInner(executable, kind: kind, lifeline: lifeline[0], watched: watched)
        close(lifeline[0])
        return waitForwardingSignals(child)
    }

    /// Starts who removes the run's control groups after it, and says to the run what they are called. Gives back the end of a
    /// pipe that this process and the inner one hold until they end, and nobody else: only then is there nobody left to make any.
    private static func watchControlGroups() throws(SandboxError) -> Int32 {
        let name = "dyno-\(getpid())-\(UInt32.random(in: .min ... .max))"
        var ends: [Int32] = [-1, -1]
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nowhere >= 0, pipe(&ends) == 0 else { throw SandboxError("cannot make a pipe: \(errorText())") }
        defer {
            close(ends[0])
            close(nowhere)
        }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        do {
            _ = try Spawn.start(
                executable: ownExecutable, arguments: ["dyno", "sweep-control-groups", name],
                environment: ProcessInfo.processInfo.environment, input: ends[0], output: nowhere, errors: nowhere,
                isDetached: true)
        } catch {
            throw SandboxError("cannot start the sweeper of control groups: \(error.reason)")
        }
        setenv(ControlGroups.nameVariable, name, 1)
        setenv(watchedVariable, "\(ends[1])", 1)
        return ends[1]
    }

    private static func unshareNamespaces(isRoot: Bool, staysRoot: Bool) throws(SandboxError) -> Kind {
        let common = Int32(clinux_new_mount_namespace | clinux_new_pid_namespace | clinux_new_network_namespace)
        if !staysRoot, clinux_unshare(common | Int32(clinux_new_user_namespace)) == 0 { return .rootless }
        let refusal = staysRoot ? "not asked for" : errorText()
        if isRoot, clinux_unshare(common) == 0 { return .root }
        let reason = refusal + (isRoot ? "; root's own: \(errorText())" : "")
        throw SandboxError(
            """
            this kernel gives no namespaces to this process (\(reason)); allow unprivileged ones (sysctl \
            kernel.unprivileged_userns_clone=1 or user.max_user_namespaces=10000), run as root outside of a container that \
            forbids them, or do without: --network relay
            """, refusal: reason)
    }

    /// Inside, the user who started the run is root; outside, files stay theirs.
    private static func mapToRoot(user: uid_t, group: gid_t) throws(SandboxError) {
        for (file, text) in [("setgroups", "deny"), ("uid_map", "0 \(user) 1"), ("gid_map", "0 \(group) 1")] {
            let descriptor = open("/proc/self/\(file)", O_WRONLY)
            defer { close(descriptor) }
            let written = text.withCString { write(descriptor, $0, strlen($0)) }
            guard written == text.utf8.count else {
                throw SandboxError("cannot write /proc/self/\(file): \(errorText())")
            }
        }
    }

    private static func spawnInner(
        _ executable: String, kind: Kind, lifeline: Int32, watched: Int32?
    ) throws(SandboxError) -> pid_t {
        var environment = ProcessInfo.processInfo.environment
        environment[kindVariable] = kind.rawValue
        environment[lifelineVariable] = "\(lifeline)"
        do {
            return try Spawn.start(
                executable: executable, arguments: CommandLine.arguments, environment: environment,
                keep: [lifeline] + (watched.map { [$0] } ?? []))
        } catch {
            throw SandboxError("cannot run \(executable) inside its namespaces: \(error.reason)")
        }
    }

    /// The path of the running program.
    static var ownExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// Ctrl-C reaches the inner process by itself (same process group); SIGTERM and SIGHUP come to this one alone.
    private static func waitForwardingSignals(_ child: pid_t) -> Int32 {
        innerProcess = child
        signal(SIGINT, SIG_IGN)
        for number in [SIGTERM, SIGHUP] { signal(number) { kill(innerProcess, $0) } }
        // Whoever started this process may have had them blocked.
        var forwarded = sigset_t()
        sigemptyset(&forwarded)
        for number in [SIGTERM, SIGHUP] { sigaddset(&forwarded, number) }
        sigprocmask(SIG_UNBLOCK, &forwarded, nil)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return 255 }
        }
        return Spawn.exitCode(waitStatus: status) ?? 255
    }

    static func errorText() -> String { String(cString: strerror(errno)) }
}

/// The process that a forwarded signal goes to. Written once, before any handler is set.
nonisolated(unsafe) private var innerProcess: pid_t = 0

/// Why no sandbox could be had: the run cannot happen here (exit 254).
public struct SandboxError: Error, CustomStringConvertible, Sendable {
    public let description: String
    /// The kernel's words.
    public let reason: String
    /// Whether the kernel gave no namespaces, so that this process is still what it was.
    public let isRefusal: Bool

    init(_ description: String, refusal: String? = nil) {
        self.description = description
        reason = refusal ?? description
        isRefusal = refusal != nil
    }
}
