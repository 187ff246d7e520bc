import Foundation
import Glibc

/// Some nodes on loopback, each a process with a directory of its own.
final class Cluster {
    private(set) var names: [String]
    private let directory: TemporaryDirectory
    private let founders: [String]
    private var peerPorts: [String: UInt16]
    private let options: [String]
    private(set) var nodes: [String: NodeProcess] = [:]

    init(_ count: Int, options: [String] = []) throws {
        names = (1...count).map { "n\($0)" }
        directory = try TemporaryDirectory()
        var ports: [String: UInt16] = [:]
        for name in names { ports[name] = try Socket.freePort() }
        peerPorts = ports
        founders = names
        self.options = options
        for name in names { try start(name) }
        // A node that looked for another before that had started holds it for failed until it hears of it.
        guard try eventually(condition: meet) else { throw NodeProcess.NotReady(output: "the nodes did not meet") }
    }

    /// Whether no node suspects another.
    func meet() throws -> Bool {
        try names.allSatisfy { name in
            let page = try observer(name).page("/metrics").body
            return !page.split(separator: "\n").contains { $0.hasPrefix("dynamo_peer_suspected") && $0.hasSuffix(" 1") }
        }
    }

    /// Where a node keeps its databases.
    func path(_ name: String) -> String { directory.path + "/" + name }

    /// - Parameters:
    ///   - diskMegabytes: the node's databases are on a file system of their own, of that size.
    ///   - log: the file that its log goes to.
    func start(_ name: String, diskMegabytes: Int? = nil, log: String? = nil) throws {
        var arguments = ["--name", name, "--data", directory.path + "/" + name]
        arguments += ["--client", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-level", "error"]
        for member in founders { arguments += ["--member", "\(member)=127.0.0.1:\(peerPorts[member] ?? 0)"] }
        let disk = diskMegabytes.map { (directory: path(name), megabytes: $0) }
        if let log { _ = FileManager.default.createFile(atPath: log, contents: nil) }
        nodes[name] = try NodeProcess(
            arguments + options, disk: disk, log: try log.map { try FileHandle(forWritingTo: URL(filePath: $0)) })
    }

    /// Starts a node that was no founder: it asks another to let it in.
    func join(_ name: String, at seed: String, _ more: [String] = []) throws {
        let port = try peerPorts[name] ?? Socket.freePort()
        peerPorts[name] = port
        if !names.contains(name) { names.append(name) }
        nodes[name] = try NodeProcess(
            [
                "--name", name, "--data", directory.path + "/" + name, "--client", "127.0.0.1:0", "--http",
                "127.0.0.1:0", "--log-level", "error", "--peer", "127.0.0.1:\(port)", "--join",
                "127.0.0.1:\(try ready(seed).http)",
            ] + more)
    }

    /// Chooses the peer port of a node that is to join.
    func reservePort(_ name: String) throws -> UInt16 {
        let port = try Socket.freePort()
        peerPorts[name] = port
        return port
    }

    /// Runs one of the commands for administrators against a node.
    func administer(_ command: [String], at node: String) throws -> (status: CInt, output: String) {
        try NodeProcess.run(command + ["--at", "127.0.0.1:\(try ready(node).http)"])
    }

    /// Ends a node and forgets it; its directory stays.
    @discardableResult
    func end(_ name: String, _ signal: CInt) -> CInt? { nodes.removeValue(forKey: name)?.end(signal) }

    func client(_ name: String, bucket: String = "b") throws -> RiakClient {
        try RiakClient(port: try ready(name).client, bucket: bucket)
    }

    func web(_ name: String) throws -> WebClient { try WebClient(port: try ready(name).http) }

    func observer(_ name: String) throws -> Observer { Observer(port: try ready(name).http) }

    func ready(_ name: String) throws -> NodeProcess.Ready {
        guard let node = nodes[name] else { throw NodeProcess.NotReady(output: "\(name) was ended") }
        return node.ready
    }

    /// The metric of every running node, added up.
    func metric(_ name: String) throws -> Double {
        try nodes.keys.reduce(0) { $0 + (try observer($1).metric(name)) }
    }
}

/// Asks again and again until the answer is yes; false when it is not for so many seconds.
func eventually(within seconds: Int = 15, condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date().addingTimeInterval(TimeInterval(seconds))
    while Date() < deadline {
        if try condition() { return true }
        usleep(10_000)
    }
    return try condition()
}
