import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// What to run for a node.
public struct NodeCommand: Sendable {
    public var executable: String
    public var arguments: [String]
    public var environment: [String: String]

    public init(executable: String, arguments: [String], environment: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }
}

/// A node's operating system process, in the node's network namespace: started, signalled, and known to have ended only when
/// the kernel said so.
public final class NodeProcess: Sendable {
    /// How a process ended.
    public enum Ending: Sendable, Hashable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    struct State {
        var command: NodeCommand
        var pid: pid_t?
        var ending: Ending?
        var starts = 0
        /// Whether the end that comes next is the bench's own doing.
        var expected = false
        var unexpectedEndings: [Ending] = []
    }

    /// The node's name, which is also that of its network namespace.
    public let name: String
    private let logPath: String
    /// What the command is put behind: how it gets where it is to run.
    private let launcher: [String]
    private let state: Mutex<State>
    private let changed = NSCondition()

    /// A node that is not running yet. Its output goes to the end of the file at `logPath`.
    ///
    /// - Parameter launcher: a command that runs the one behind it; nil: in the network namespace of the node's name.
    public init(name: String, command: NodeCommand, logPath: String, launcher: [String]? = nil) {
        self.name = name
        self.logPath = logPath
        self.launcher = launcher ?? ["ip", "netns", "exec", name]
        state = Mutex(State(command: command))
    }

    /// Whether the process runs (or is stopped by a signal), as far as the kernel has said.
    public var isRunning: Bool { state.withLock { $0.pid != nil } }
    public var pid: Int32? { state.withLock { $0.pid } }
    /// Ends that the bench did not bring about: crashes.
    public var unexpectedEndings: [Ending] { state.withLock { $0.unexpectedEndings } }

    /// Runs something else from the next start on.
    func replaceCommand(_ command: NodeCommand) { state.withLock { $0.command = command } }

    /// Starts the process; it must not be running.
    public func start() throws(NodeProcessError) {
        let command = state.withLock { $0.command }
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw NodeProcessError(node: name, reason: "cannot write \(logPath): \(errorText)") }
        defer { close(log) }
        var environment = ProcessInfo.processInfo.environment.merging(command.environment) { _, own in own }
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let pid: pid_t
        do {
            // Ctrl-C on the bench's terminal is not meant for the nodes: they must outlive the end of the load.
            let (arguments, variables) = (["env"] + launcher + [command.executable] + command.arguments, environment)
            pid = try SpawnThread.shared.run { () throws(Spawn.Failure) in
                try Spawn.start(
                    executable: "/usr/bin/env", arguments: arguments, environment: variables, output: log, errors: log,
                    isDetached: true)
            }
        } catch {
            throw NodeProcessError(node: name, reason: "cannot start \(command.executable): \(error.reason)")
        }
        state.withLock {
            $0.pid = pid
            $0.ending = nil
            $0.expected = false
            $0.starts += 1
        }
        Thread.detachNewThread { [self] in awaitEnd(of: pid) }
    }

    private func awaitEnd(of pid: pid_t) {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { break }
        }
        let ending: Ending = status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: status & 0x7f)
        changed.lock()
        state.withLock {
            $0.pid = nil
            $0.ending = ending
            if !$0.expected { $0.unexpectedEndings.append(ending) }
        }
        changed.broadcast()
        changed.unlock()
    }

    /// Sends a signal; nothing happens when the process is gone.
    public func signal(_ number: Int32) {
        state.withLock { if let pid = $0.pid { kill(pid, number) } }
    }

    /// Ends the process with `signal` and waits for the kernel's word, at most `limit` seconds.
    ///
    /// Gives back how it ended, nil when it did not within the limit.
    public func end(signal number: Int32, limit: TimeInterval = 5) -> Ending? {
        expectEnd()
        signal(number)
        return awaitEnd(limit: limit)
    }

    /// The end that comes next is the bench's own doing.
    func expectEnd() { state.withLock { $0.expected = true } }

    /// The last end was a refusal to start, with good reason: it is no crash. A signal always is one.
    func excuseRefusal() {
        state.withLock { state in
            guard case .exited = state.unexpectedEndings.last, state.pid == nil else { return }
            state.unexpectedEndings.removeLast()
        }
    }

    /// Waits for the kernel's word that the process ended; nil when it does not within `limit` seconds.
    func awaitEnd(limit: TimeInterval) -> Ending? {
        let deadline = Date(timeIntervalSinceNow: limit)
        changed.lock()
        defer { changed.unlock() }
        while isRunning {
            guard changed.wait(until: deadline) else { return nil }
        }
        return state.withLock { $0.ending }
    }

    /// The state letter of the process in /proc (`T` when it is stopped), nil when it is gone.
    public var kernelState: Character? {
        guard let pid, let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: end)...].first { $0 != " " }
    }

    /// The last line that the process wrote flush left (the others go on from it), and where the rest of it is.
    public var lastWords: String {
        let text = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").last { !$0.hasPrefix(" ") }.map(String.init) ?? "it wrote nothing"
        return "\(line) (log: \(logPath))"
    }

    private var errorText: String { String(cString: strerror(errno)) }
}

/// A node that could not be started, or did not come up.
public struct NodeProcessError: Error, CustomStringConvertible, Sendable {
    public let node: String
    public let reason: String
    public var description: String { "\(node): \(reason)" }
}
