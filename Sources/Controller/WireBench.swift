import Foundation
import Nemesis
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// Measures the wire witness: traffic at a given rate between nodes of the sandbox's network, without a capture and with one.
public struct WireBench: Sendable {
    public struct Result: Sendable {
        var bytesPerSecond = 0.0
        var messages = 0
        var read = 0
        var dropped = 0
        var gaps = 0
        var packets = 0
        /// Processor seconds a second of traffic: the witness's own, and those of the nodes with it and without.
        var witness = 0.0
        var nodes = 0.0
        var nodesWithout: Double?
        var file: (bytes: Int, leftOut: Int)?

        /// Whether every message was read and no packet was lost.
        public var isWhole: Bool { read == messages && dropped == 0 && gaps == 0 }

        public var text: String {
            var lines = [
                "traffic   \(Self.rounded(bytesPerSecond / 1e6)) MB/s between nodes, \(messages) messages received by them",
                "witness   \(read) messages read (\(read == messages ? "all" : "\(messages - read) missing")), \(packets) packets, "
                    + "\(dropped) lost, \(gaps) gaps",
                "cost      \(Self.rounded(witness)) processor seconds a second in the witness",
                "nodes     \(Self.rounded(nodes)) processor seconds a second with the capture"
                    + (nodesWithout.map { ", \(Self.rounded($0)) without" } ?? ""),
            ]
            if let file {
                lines.append("file      \(file.bytes) bytes, \(file.leftOut) packets left out beyond its limit")
            }
            return lines.joined(separator: "\n")
        }

        private static func rounded(_ number: Double) -> String { String(format: "%.2f", number) }
    }

    private let nodes: Int
    private let bytesPerSecond: Double
    private let frameBytes: Int
    private let duration: Double
    private let file: String?
    private let fileLimit: Int
    private let dyno: String

    /// - Parameters:
    ///   - bytesPerSecond: over all links.
    ///   - file: a capture file to write; nil: none.
    ///   - dyno: path of the program whose `bench wire-traffic` is a node.
    public init(
        nodes: Int, bytesPerSecond: Double, frameBytes: Int, duration: Double, file: String?, fileLimit: Int,
        dyno: String
    ) {
        self.nodes = nodes
        self.bytesPerSecond = bytesPerSecond
        self.frameBytes = frameBytes
        self.duration = duration
        self.file = file
        self.fileLimit = fileLimit
        self.dyno = dyno
    }

    /// Measures; must be called inside a ``Sandbox``.
    ///
    /// Throws ``WireBenchError``, or what setting up the network throws.
    public func measure(withoutCapture: Bool) async throws -> Result {
        let network = SandboxNetwork(nodes: (1...nodes).map { "n\($0)" })
        try network.setUp(clientPort: 8087, rules: try PacketRules())
        var result = Result()
        if withoutCapture { result.nodesWithout = try traffic(network).nodes / duration }

        let epoch = Int64(Date().timeIntervalSince1970 * 1e9)
        let own = Self.processorSeconds(RUSAGE_SELF)
        let capture = try PacketCapture(
            ports: network.links.map { .init(interface: $0.port, node: $0.node, address: $0.address) }, epoch: epoch,
            reading: .init(
                WireSetting(
                    nodes: network.links.map { .init(name: $0.node, address: PacketHeader.address($0.address) ?? 0) },
                    n: 3, w: 2), file: file, fileLimit: fileLimit))
        let measured = try traffic(network)
        result.dropped = capture.stop()
        result.witness = (Self.processorSeconds(RUSAGE_SELF) - own) / duration
        result.nodes = measured.nodes / duration
        result.messages = measured.messages
        guard let report = capture.report else { throw WireBenchError("the capture read nothing") }
        result.read = report.total(kind: "replicate").messages + report.total(kind: "replicated").messages
        result.dropped = max(result.dropped, report.dropped)
        (result.gaps, result.packets) = (report.gaps, report.packets)
        let bytes = report.links.reduce(0) { $0 + $1.bytes.reduce(0, +) }
        result.bytesPerSecond = Double(bytes) / duration
        result.file = capture.fileState.map { ($0.bytes, $0.leftOut) }
        return result
    }

    private struct Received: Decodable {
        var replicates: Int
        var replicateds: Int
    }

    /// Lets the nodes talk; the messages that they received and the processor seconds that they took.
    private func traffic(_ network: SandboxNetwork) throws -> (messages: Int, nodes: Double) {
        let before = Self.processorSeconds(RUSAGE_CHILDREN)
        let outputs = try network.links.map { link in try start(link, among: network) }
        var messages = 0
        for (pid, path) in outputs {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let text = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
            unlink(path)
            guard Spawn.exitCode(waitStatus: status) == 0,
                let received = try? JSONDecoder().decode(Received.self, from: text)
            else { throw WireBenchError("a node of the traffic failed: \(String(decoding: text, as: UTF8.self))") }
            messages += received.replicates + received.replicateds
        }
        return (messages, Self.processorSeconds(RUSAGE_CHILDREN) - before)
    }

    private func start(_ link: NodeLink, among network: SandboxNetwork) throws -> (pid: pid_t, output: String) {
        let path = NSTemporaryDirectory() + "dyno-bench-wire-\(getpid())-\(link.node)"
        let output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw WireBenchError("cannot write \(path): \(String(cString: strerror(errno)))") }
        defer { close(output) }
        var arguments = [
            "env", "ip", "netns", "exec", link.node, dyno, "bench", "wire-traffic", "--name", link.node, "--address",
            link.address, "--rate", "\(bytesPerSecond / Double(nodes))", "--frame", "\(frameBytes)", "--duration",
            "\(duration)",
        ]
        for other in network.links where other.node != link.node { arguments += ["--to", other.address] }
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        do {
            let pid = try Spawn.start(
                executable: "/usr/bin/env", arguments: arguments, environment: environment, output: output,
                errors: output)
            return (pid, path)
        } catch {
            throw WireBenchError("cannot start \(dyno): \(error.reason)")
        }
    }

    private static func processorSeconds(_ whose: __rusage_who) -> Double {
        var usage = rusage()
        getrusage(whose.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

/// A measurement of the witness that could not be made.
public struct WireBenchError: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}
