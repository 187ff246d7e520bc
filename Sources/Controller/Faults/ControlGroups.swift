import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Control groups of a run's nodes, one a node: where memory and processor can be taken from one node and from no other.
/// Needs a hierarchy that this process may write to, which mostly means root.
///
/// They outlive processes, and so are removed twice: at the end of the run, and by ``ControlGroupSweeper``, a process of its
/// own, when the run has ended in whatever way.
final class ControlGroups: Sendable {
    /// The two forms of the kernel's interface (cgroups(7)).
    private enum Form: Sendable {
        /// A hierarchy for each controller.
        case separate(memory: String, cpu: String)
        case unified(String)
    }

    /// Says to a run what its groups are called.
    static let nameVariable = "DYNO_CONTROL_GROUP"
    private static let root = "/sys/fs/cgroup"

    private let form: Form
    private let name: String

    /// Where control groups of any run called `name` are, in all hierarchies.
    static func places(of name: String) -> [String] {
        ["memory", "cpu", "cpu,cpuacct"].map { "\(root)/\($0)/\(name)" } + ["\(root)/\(name)"]
    }

    /// Makes a group for each node.
    ///
    /// Throws ``ToolError`` where the machine gives none.
    init(nodes: [String]) throws(ToolError) {
        name = ProcessInfo.processInfo.environment[Self.nameVariable] ?? "dyno-\(getpid())"
        form = try Self.find()
        for parent in parents { try Self.make("\(parent)/\(name)") }
        if case .unified(let parent) = form {
            try Self.write("+memory +cpu", "\(parent)/\(name)/cgroup.subtree_control")
        }
        for node in nodes {
            for parent in parents { try Self.make("\(parent)/\(name)/\(node)") }
        }
    }

    private static func find() throws(ToolError) -> Form {
        let controllers = (try? String(contentsOfFile: "\(root)/cgroup.controllers", encoding: .utf8)) ?? ""
        let words = controllers.split(whereSeparator: \.isWhitespace)
        if words.contains("memory"), words.contains("cpu") {
            try write("+memory +cpu", "\(root)/cgroup.subtree_control")
            return .unified(root)
        }
        let cpu = ["cpu", "cpu,cpuacct"].map { "\(root)/\($0)" }.first { access("\($0)/cgroup.procs", W_OK) == 0 }
        guard access("\(root)/memory/cgroup.procs", W_OK) == 0, let cpu else {
            throw ToolError(
                tool: ["control groups"],
                reason: "the faults oom and throttle need the controllers memory and cpu under \(root), writable")
        }
        return .separate(memory: "\(root)/memory", cpu: cpu)
    }

    private var parents: [String] {
        switch form {
        case .separate(let memory, let cpu): [memory, cpu]
        case .unified(let parent): [parent]
        }
    }

    private var memory: String { parents[0] }
    private var cpu: String { parents[parents.count - 1] }

    /// What a command is put behind so that its process is in the node's groups from the start.
    func launcher(of node: String) -> [String] {
        let enter = parents.map { "echo $$ > '\($0)/\(name)/\(node)/cgroup.procs' && " }.joined()
        return ["sh", "-c", enter + "exec \"$@\"", "sh"]
    }

    // MARK: - Memory

    /// Bytes that the node's group uses now.
    func memoryUsed(by node: String) -> Int {
        let file = isUnified ? "memory.current" : "memory.usage_in_bytes"
        return Self.number("\(memory)/\(name)/\(node)/\(file)")
    }

    /// Nil: as much as it wants.
    func limitMemory(of node: String, to bytes: Int?) throws(ToolError) {
        let file = isUnified ? "memory.max" : "memory.limit_in_bytes"
        try Self.write(bytes.map(String.init) ?? (isUnified ? "max" : "-1"), "\(memory)/\(name)/\(node)/\(file)")
    }

    /// How many processes of the node's group the kernel has killed for want of memory.
    func memoryKills(of node: String) -> Int {
        let file = isUnified ? "memory.events" : "memory.oom_control"
        return Self.field("oom_kill", "\(memory)/\(name)/\(node)/\(file)")
    }

    // MARK: - Processor

    /// A share of one processor in percent; nil: as much as it wants.
    func limitProcessor(of node: String, percent: Int?) throws(ToolError) {
        let (group, period) = ("\(cpu)/\(name)/\(node)", 100_000)
        if isUnified {
            return try Self.write("\(percent.map { String(period * $0 / 100) } ?? "max") \(period)", group + "/cpu.max")
        }
        try Self.write("\(percent.map { period * $0 / 100 } ?? -1)", group + "/cpu.cfs_quota_us")
    }

    /// In how many periods the kernel held the node back.
    func timesThrottled(_ node: String) -> Int { Self.field("nr_throttled", "\(cpu)/\(name)/\(node)/cpu.stat") }

    // MARK: - End

    /// Removes the groups, whose processes have ended. May be called again.
    func remove() { ControlGroupSweeper.remove(name) }

    private var isUnified: Bool {
        if case .unified = form { return true }
        return false
    }

    private static func make(_ path: String) throws(ToolError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw ToolError(tool: ["control group \(path)"], reason: String(cString: strerror(errno)))
        }
    }

    private static func write(_ text: String, _ path: String) throws(ToolError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw ToolError(tool: [path], reason: String(cString: strerror(errno)))
        }
    }

    private static func number(_ path: String) -> Int {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// The number behind a word in a file of lines of words and numbers.
    private static func field(_ word: String, _ path: String) -> Int {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0] == word { return Int(parts[1]) ?? 0 }
        }
        return 0
    }
}
