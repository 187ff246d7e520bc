import Foundation
import Glibc

/// Some nodes on loopback, each a process with a directory of its own.
final class Cluster {
    let names: [String]
    private let directory: TemporaryDirectory
    private let peerPorts: [String: UInt16]
    private let options: [String]
    private(set) var nodes: [String: NodeProcess] = [:]

    init(_ count: Int, options: [String] = []) throws {
        names = (1...count).map { "n\($0)" }
        directory = try TemporaryDirectory()
        var ports: [String: UInt16] = [:]
        for name in names { ports[name] = try Socket.freePort() }
        peerPorts = ports
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

    func start(_ name: String) throws {
        var arguments = ["--name", name, "--data", directory.path + "/" + name]
        arguments += ["--client", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-level", "error"]
        for (member, port) in peerPorts.sorted(by: { $0.key < $1.key }) {
            arguments += ["--member", "\(member)=127.0.0.1:\(port)"]
        }
        nodes[name] = try NodeProcess(arguments + options)
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
