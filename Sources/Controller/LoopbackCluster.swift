import Foundation
import Nemesis
import Synchronization
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// The nodes of a store as processes on loopback addresses of their own, outside any sandbox: for measuring and for
/// torture, where processes die and no network is cut.
///
/// Every call blocks and must come from one thread that lives as long as the cluster: the kernel ends the nodes when
/// the thread that started them ends, however that comes.
public final class LoopbackCluster {
    /// One node, running or not.
    public struct Node: Sendable {
        public let name: String
        public let address: String
        public let dataDirectory: String
        public let logPath: String
        /// Nil while the process does not run.
        public fileprivate(set) var pid: Int32?
        fileprivate let command: NodeCommand

        var link: NodeLink { NodeLink(node: name, port: "", address: address) }
    }

    /// How long a node may take from its start to its first answer.
    private static let startLimit: TimeInterval = 20
    private static let made = Atomic<Int>(0)

    public private(set) var nodes: [Node]
    public let store: DynamoStore
    private let directory: String
    private let extraArguments: [String]
    private let addressPrefix: String
    public var clientPort: Int { store.clientPort }

    /// Nothing runs before ``start()``.
    ///
    /// - Parameters:
    ///   - executable: path of `dynamo-node`.
    ///   - settings: how many nodes, and how the store is configured.
    ///   - directory: where each node gets a data directory and a log file of its name.
    ///   - bucket: the one that clients write to.
    ///   - arguments: for each node, besides those that the settings make.
    public init(
        executable: String, settings: StoreSpec, directory: String, bucket: String = "", arguments: [String] = [],
        reader: HTTPReader
    ) {
        store = DynamoStore(executable: executable, settings: settings, flaw: nil, bucket: bucket, reader: reader)
        // An address range for each cluster of each process, so that several can run at once on the usual ports.
        let number = Int(getpid()) + Self.made.wrappingAdd(1, ordering: .relaxed).oldValue * 4_099
        let prefix = "127.\(64 + number >> 8 & 127).\(number & 255)"
        addressPrefix = prefix
        self.directory = directory
        extraArguments = arguments
        let links = settings.nodeNames.enumerated().map { index, name in
            NodeLink(node: name, port: "", address: "\(prefix).\(index + 1)")
        }
        nodes = []
        for link in links {
            let data = "\(directory)/\(link.node)"
            var command = store.command(for: link, among: links, dataDirectory: data)
            command.arguments += arguments
            nodes.append(
                Node(
                    name: link.node, address: link.address, dataDirectory: data,
                    logPath: "\(directory)/\(link.node).log",
                    pid: nil, command: command))
        }
    }

    /// Adds a node that was no founder; it does not run yet, and joins the ring when it does, through a node that runs then.
    /// Nil when none runs.
    func add(_ name: String) -> Int? {
        let link = NodeLink(node: name, port: "", address: "\(addressPrefix).\(nodes.count + 1)")
        let data = "\(directory)/\(name)"
        guard let member = nodes.first(where: { $0.pid != nil }),
            var command = store.joinCommand(for: link, through: member.link, dataDirectory: data)
        else { return nil }
        command.arguments += extraArguments
        nodes.append(
            Node(
                name: name, address: link.address, dataDirectory: data, logPath: "\(directory)/\(name).log", pid: nil,
                command: command))
        return nodes.count - 1
    }

    /// Where clients will reach the next node that joins.
    public func nextEndpoint(_ name: String) -> NodeEndpoint {
        NodeEndpoint(name: name, host: "\(addressPrefix).\(nodes.count + 1)", port: clientPort)
    }

    /// Where clients reach the nodes, in order.
    public var endpoints: [NodeEndpoint] {
        nodes.map { NodeEndpoint(name: $0.name, host: $0.address, port: clientPort) }
    }

    /// Starts all nodes and waits until each takes connections.
    public func start() throws(NodeProcessError) {
        for index in nodes.indices { try launch(index) }
        for index in nodes.indices { try awaitReadiness(index) }
    }

    /// Starts the process of a node that does not run; ``awaitReadiness(_:)`` tells when it serves.
    public func launch(_ index: Int) throws(NodeProcessError) {
        let node = nodes[index]
        let log = open(node.logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else {
            throw NodeProcessError(node: node.name, reason: "cannot write \(node.logPath): \(errorText)")
        }
        defer { close(log) }
        do {
            nodes[index].pid = try Spawn.start(
                executable: "/usr/bin/setpriv",
                arguments: ["setpriv", "--pdeathsig", "KILL", "--", node.command.executable] + node.command.arguments,
                environment: ProcessInfo.processInfo.environment, output: log, errors: log)
        } catch {
            throw NodeProcessError(node: node.name, reason: "cannot start \(node.command.executable): \(error.reason)")
        }
    }

    /// Waits until a node takes clients' connections; gives back the seconds that it was waited for.
    @discardableResult
    public func awaitReadiness(_ index: Int) throws(NodeProcessError) -> TimeInterval {
        let began = Date()
        while !Self.accepts(host: nodes[index].address, port: clientPort) {
            let elapsed = Date().timeIntervalSince(began)
            if let pid = nodes[index].pid, let ending = Self.reap(pid, blocking: false) {
                nodes[index].pid = nil
                throw NodeProcessError(node: nodes[index].name, reason: "ended (\(ending)): \(lastWords(index))")
            }
            guard elapsed < Self.startLimit else {
                throw NodeProcessError(
                    node: nodes[index].name, reason: "did not serve within \(Self.startLimit) s: \(lastWords(index))")
            }
            usleep(1_000)
        }
        return Date().timeIntervalSince(began)
    }

    /// Ends a node with SIGKILL and waits for the kernel's word.
    public func kill(_ index: Int) {
        guard let pid = nodes[index].pid else { return }
        nodes[index].pid = nil
        Glibc.kill(pid, SIGKILL)
        _ = Self.reap(pid, blocking: true)
    }

    /// Asks a node to end and waits until it has; its exit status, nil when a signal ended it or it did not run.
    public func terminate(_ index: Int) -> Int32? {
        guard let pid = nodes[index].pid else { return nil }
        nodes[index].pid = nil
        Glibc.kill(pid, SIGTERM)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
    }

    /// Sends a signal to a node that runs, for example SIGSTOP and SIGCONT.
    public func signal(_ index: Int, _ number: Int32) {
        if let pid = nodes[index].pid { Glibc.kill(pid, number) }
    }

    /// The nodes that have ended by themselves, with how they ended.
    public func takeUnexpectedEndings() -> [(node: String, ending: String)] {
        var endings: [(node: String, ending: String)] = []
        for index in nodes.indices {
            guard let pid = nodes[index].pid, let ending = Self.reap(pid, blocking: false) else { continue }
            nodes[index].pid = nil
            endings.append((nodes[index].name, "\(ending): \(lastWords(index))"))
        }
        return endings
    }

    /// Why the replicas of the nodes that run do not agree: hints that wait, keys or Merkle roots that differ, a node that does not
    /// answer; nil when they do.
    public func disagreement() -> String? {
        let links = nodes.filter { $0.pid != nil }.map(\.link)
        let answer = Mutex<String?>("no answer")
        let done = DispatchSemaphore(value: 0)
        Task.detached { [store] in
            let reason: String?
            do {
                let all = try await Observers(store: store, links: links).observe()
                if let all { reason = Observers.disagreement(all).reason } else { reason = "the nodes show nothing" }
            } catch {
                reason = "\(error)"
            }
            answer.withLock { $0 = reason }
            done.signal()
        }
        done.wait()
        return answer.withLock { $0 }
    }

    /// Ends all nodes at once.
    public func stop() {
        for index in nodes.indices { kill(index) }
    }

    private func lastWords(_ index: Int) -> String {
        let text = (try? String(contentsOfFile: nodes[index].logPath, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").last { !$0.hasPrefix(" ") }.map(String.init) ?? "it wrote nothing"
        return "\(line) (log: \(nodes[index].logPath))"
    }

    private var errorText: String { String(cString: strerror(errno)) }

    /// How a child ended; nil when it runs.
    private static func reap(_ pid: Int32, blocking: Bool) -> String? {
        var status: Int32 = 0
        while true {
            let result = waitpid(pid, &status, blocking ? 0 : WNOHANG)
            if result < 0, errno == EINTR { continue }
            guard result == pid else { return nil }
            return status & 0x7f == 0 ? "exit status \((status >> 8) & 0xff)" : "signal \(status & 0x7f)"
        }
    }

    /// Whether somebody accepts a TCP connection there.
    private static func accepts(host: String, port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
