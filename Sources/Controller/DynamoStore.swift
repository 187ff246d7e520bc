import Foundation
import History
import Nemesis
import Workload

/// `dynamo-node` on the bench.
public struct DynamoStore: Store {
    static let peerPort = 8099
    public static let httpPort = 8098

    public let name = "dynamo"
    public let clientPort = 8087
    /// The bucket that the clients write to.
    private let bucket: String
    private let executable: String
    private let settings: StoreSpec
    private let flaw: String?
    private let reader: HTTPReader

    /// - Parameters:
    ///   - executable: path of `dynamo-node`.
    ///   - flaw: the fault to plant, by its name; nil: none.
    public init(executable: String, settings: StoreSpec, flaw: String?, bucket: String, reader: HTTPReader) {
        self.executable = executable
        self.settings = settings
        self.flaw = flaw
        self.bucket = bucket
        self.reader = reader
    }

    public func command(for node: NodeLink, among nodes: [NodeLink], dataDirectory: String) -> NodeCommand {
        var arguments = place(of: node, dataDirectory)
        for member in nodes { arguments += ["--member", "\(member.node)=\(member.address):\(Self.peerPort)"] }
        for (node, weight) in zip(nodes, settings.weights) { arguments += ["--weight", "\(node.node)=\(weight)"] }
        for (node, zone) in zip(nodes, settings.zones) { arguments += ["--zone", "\(node.node)=\(zone)"] }
        return NodeCommand(executable: executable, arguments: arguments + configuration)
    }

    public func joinCommand(for newcomer: NodeLink, through member: NodeLink, dataDirectory: String) -> NodeCommand? {
        NodeCommand(
            executable: executable,
            arguments: place(of: newcomer, dataDirectory) + ["--join", "\(member.address):\(Self.httpPort)"]
                + configuration)
    }

    public func commands(for change: RingChange, through member: NodeLink) -> [NodeCommand] {
        let at = ["--at", "\(member.address):\(Self.httpPort)"]
        var commands: [[String]] = []
        switch change {
        case .leave(let node):
            commands.append(["leave"] + at + ["--name", node.node])
            // Only the leaver knows what it has still to hand over.
            commands.append(settled(node))
        case .replace(let node, let newcomer):
            commands.append(
                ["replace"] + at + ["--old", node.node, "--name", newcomer.node, "--peer"]
                    + ["\(newcomer.address):\(Self.peerPort)"])
        case .settle(let node): commands.append(settled(node))
        }
        return commands.map { NodeCommand(executable: executable, arguments: $0) }
    }

    /// Waits until nothing is pending that a node knows of.
    private func settled(_ node: NodeLink) -> [String] {
        ["status", "--at", "\(node.address):\(Self.httpPort)", "--wait", "60s"]
    }

    private func place(of node: NodeLink, _ dataDirectory: String) -> [String] {
        [
            "--name", node.node, "--data", dataDirectory, "--client", "\(node.address):\(clientPort)",
            "--peer", "\(node.address):\(Self.peerPort)", "--http", "\(node.address):\(Self.httpPort)",
        ]
    }

    /// What every node is told alike.
    private var configuration: [String] {
        var arguments = [
            "--partitions", "\(settings.ring)", "--n", "\(settings.n)", "--r", "\(settings.r)", "--w", "\(settings.w)",
        ]
        for (flag, isOn) in [
            ("--anti-entropy", settings.antiEntropy), ("--hinted-handoff", settings.hintedHandoff),
            ("--read-repair", settings.readRepair), ("--sloppy-quorum", settings.sloppyQuorum),
        ] { arguments += [flag, isOn ? "on" : "off"] }
        arguments += ["--request-timeout", "\(Int(settings.requestTimeout / .milliseconds(1)))ms"]
        arguments += ["--clocks", settings.clocks.rawValue, "--clock-limit", "\(settings.truncate)"]
        arguments += ["--storage", settings.storage.rawValue]
        if let flaw { arguments += ["--flaw", flaw] }
        return arguments
    }

    public func isReady(_ node: NodeLink) async -> Bool {
        let answer = try? await reader.get(
            host: node.address, port: Self.httpPort, path: "/ping", limit: .milliseconds(500))
        return answer != nil
    }

    // MARK: - Observing

    private struct Line: Decodable {
        struct Version: Decodable {
            var value: String?
            var dot: DotForm?
            var clock: [String: UInt64]?
            var tombstone: Bool?
        }

        struct DotForm: Decodable {
            let actor: String
            let counter: UInt64
            init(from decoder: any Decoder) throws {
                var pair = try decoder.unkeyedContainer()
                actor = try pair.decode(String.self)
                counter = try pair.decode(UInt64.self)
            }
        }

        var bucket: String
        var key: String
        var home: Bool
        var range: String?
        var versions: [Version]
    }

    private struct RootLine: Decodable {
        var range: String
        var hash: String
    }

    private struct Hints: Decodable {
        var count: Int
    }

    private struct RingPage: Decodable {
        var preference: [[String]]
    }

    public func observe(_ node: NodeLink) async throws -> NodeObservation? {
        let decoder = JSONDecoder()
        let replicas = try await page(node, "/observe/replicas").map { try decoder.decode(Line.self, from: $0) }
        let roots = try await roots(node) ?? []
        let hints = try decoder.decode(Hints.self, from: try await body(node, "/observe/hints"))
        return NodeObservation(
            replicas: replicas.filter { $0.bucket == bucket }.map(Self.replica), hints: hints.count, roots: roots)
    }

    public func roots(_ node: NodeLink) async throws -> [NodeObservation.Root]? {
        let decoder = JSONDecoder()
        return try await page(node, "/observe/roots").map {
            let line = try decoder.decode(RootLine.self, from: $0)
            return NodeObservation.Root(range: line.range, hash: line.hash)
        }
    }

    public func ringTable(from node: NodeLink) async throws -> RingTable? {
        var table = try JSONDecoder().decode(RingTable.self, from: try await body(node, "/observe/ring"))
        table.preference = table.preference.map { Array($0.prefix(table.n)) }
        return table
    }

    private static func replica(_ line: Line) -> NodeObservation.Replica {
        let versions = line.versions.map { version in
            VersionDraft(
                id: ValueForm.id(of: version.value ?? ""),
                dot: version.dot.map { DotDraft(actor: $0.actor, counter: $0.counter) },
                clock: version.clock?.sorted { $0.key < $1.key }.map { DotDraft(actor: $0.key, counter: $0.value) },
                tombstone: version.tombstone ?? false)
        }
        return .init(key: line.key, home: line.home, range: line.range, versions: versions)
    }

    public func counters(_ node: NodeLink) async throws -> StoreCounters? {
        let text = String(decoding: try await body(node, "/metrics"), as: UTF8.self)
        var counters = StoreCounters()
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let value = Double(fields[1]), value >= 0, value < 1e15 else { continue }
            switch fields[0] {
            case "dynamo_hints_waiting": counters.hintsWaiting = Int(value)
            case "dynamo_hints_stored_total": counters.hintsStored = Int(value)
            case "dynamo_hints_delivered_total": counters.hintsDelivered = Int(value)
            case "dynamo_exchange_keys_differing_total": counters.keysRepaired = Int(value)
            case "dynamo_read_repairs_total": counters.readRepairs = Int(value)
            case "dynamo_peer_messages_sent_total{kind=\"replication\"}": counters.replicationMessages = Int(value)
            default: continue
            }
        }
        return counters
    }

    public func preferenceList(of key: String, from node: NodeLink) async throws -> [String]? {
        let ring = try JSONDecoder().decode(
            RingPage.self, from: try await body(node, "/observe/ring?bucket=\(bucket)&key=\(key)"))
        return ring.preference.count == 1 ? ring.preference[0] : nil
    }

    private struct ClockPage: Decodable {
        var microseconds: Int64
    }

    public func wallClock(of node: NodeLink) async throws -> Int64? {
        try JSONDecoder().decode(ClockPage.self, from: try await body(node, "/observe/clock")).microseconds
    }

    /// The lines of a page of JSON Lines.
    private func page(_ node: NodeLink, _ path: String) async throws -> [Data] {
        try await body(node, path).split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }

    private func body(_ node: NodeLink, _ path: String) async throws -> Data {
        try await body(address: node.address, path)
    }

    func body(address: String, _ path: String) async throws -> Data {
        try await reader.get(host: address, port: Self.httpPort, path: path, limit: .seconds(5))
    }
}
