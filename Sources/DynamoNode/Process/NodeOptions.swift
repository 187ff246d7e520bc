import ArgumentParser
import Dynamo

/// Who the node is, where it keeps its data, where it listens and who the others are.
struct IdentityOptions: ParsableArguments {
    @Option(help: ArgumentHelp("This node's name.", valueName: "name"), transform: NodeArguments.name)
    var name: String

    @Option(
        help: ArgumentHelp(
            "The directory of its databases; made when it is not there. Not needed with --storage memory.",
            valueName: "directory"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Keep what is stored in SQLite databases, every acknowledgement synced to disk, or in memory only: then nothing "
                + "survives a restart."))
    var storage = StorageKind.sqlite

    @Option(
        help: ArgumentHelp("Where clients connect. (default: 127.0.0.1:8087)", valueName: "host:port"),
        transform: NodeArguments.endpoint)
    var client = Endpoint(host: "127.0.0.1", port: 8087)

    @Option(
        help: ArgumentHelp(
            "Where other nodes connect. (default: as --member says, or 127.0.0.1:8099)", valueName: "host:port"),
        transform: NodeArguments.endpoint)
    var peer: Endpoint?

    @Option(
        help: ArgumentHelp("Where observers connect. (default: 127.0.0.1:8098)", valueName: "host:port"),
        transform: NodeArguments.endpoint)
    var http = Endpoint(host: "127.0.0.1", port: 8098)

    @Option(
        help: ArgumentHelp(
            "A member and its peer port; once for each, this node too, in the same order on every node.",
            valueName: "name=host:port"),
        transform: NodeArguments.member)
    var member: [(name: String, endpoint: Endpoint)] = []

    @Option(
        help: ArgumentHelp(
            "A member's share of the ring relative to the others. (default: 1)", valueName: "name=weight"),
        transform: NodeArguments.weight)
    var weight: [(name: String, weight: Int)] = []

    @Option(
        help: ArgumentHelp("A member's data centre: replicas of a key are spread over them.", valueName: "name=zone"),
        transform: NodeArguments.zone)
    var zone: [(name: String, zone: String)] = []

    @Option(
        help: ArgumentHelp(
            "Join the store of the member whose --http address this is, unless this node's data directory says that it "
                + "has; in place of --member.", valueName: "host:port"),
        transform: NodeArguments.endpoint)
    var join: Endpoint?

    @Option(help: ArgumentHelp("Nodes of another cluster are refused.", valueName: "name"))
    var cluster = "dyno"

    /// The members in the order given, or this node alone when none were.
    func members() throws -> [Member] {
        var members = member.map { Member(name: $0.name, address: $0.endpoint.description) }
        if members.isEmpty { members = [Member(name: name, address: try peerEndpoint().description)] }
        if join != nil, !member.isEmpty {
            throw ValidationError("--join and --member exclude each other: a newcomer is told who the members are")
        }
        if join != nil, try peerEndpoint().port == 0 {
            throw ValidationError("--join needs a --peer port: other nodes must know where to find this one")
        }
        for (index, one) in members.enumerated() where members[..<index].contains(where: { $0.name == one.name }) {
            throw ValidationError("--member \(one.name) is given twice")
        }
        guard members.contains(where: { $0.name == name }) else {
            throw ValidationError("--name \(name) is not among the members: add --member \(name)=HOST:PORT")
        }
        for (name, weight) in weight {
            guard let index = members.firstIndex(where: { $0.name == name }) else {
                throw ValidationError("--weight \(name)=\(weight): there is no --member \(name)")
            }
            members[index].weight = weight
        }
        for (name, zone) in zone {
            guard let index = members.firstIndex(where: { $0.name == name }) else {
                throw ValidationError("--zone \(name)=\(zone): there is no --member \(name)")
            }
            members[index].zone = zone
        }
        return members
    }

    func storagePlace() throws -> NodeConfiguration.Storage {
        switch (storage, data) {
        case (.memory, _): return .memory
        case (.sqlite, let directory?): return .sqlite(directory: directory)
        case (.sqlite, nil):
            throw ValidationError("--data is missing: the directory of the databases (or --storage memory)")
        }
    }

    func peerEndpoint() throws -> Endpoint {
        peer ?? member.first { $0.name == name }?.endpoint ?? Endpoint(host: "127.0.0.1", port: 8099)
    }
}

/// How versions are told apart.
enum ClockKind: String, ExpressibleByArgument, CaseIterable {
    case dotted, vector
}

/// What keeps a node's data.
enum StorageKind: String, ExpressibleByArgument, CaseIterable {
    case sqlite, memory
}

/// What every node of a store must be told alike.
struct ProtocolOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Partitions of the ring. (default: 64)", valueName: "count"),
        transform: NodeArguments.count(1...65_536))
    var partitions = 64

    @Option(
        help: ArgumentHelp("Replicas of a key. (default: 3, or the number of members when fewer)", valueName: "count"),
        transform: NodeArguments.count(1...128))
    var n: Int?

    @Option(
        help: ArgumentHelp(
            "Replicas that must answer a get: a number, or one, quorum, all. (default: quorum)", valueName: "count"),
        transform: NodeArguments.quorum)
    var r: Quorum?

    @Option(
        help: ArgumentHelp(
            "Replicas that must acknowledge a put: a number, or one, quorum, all. (default: quorum)",
            valueName: "count"),
        transform: NodeArguments.quorum)
    var w: Quorum?

    @Option(
        help: ArgumentHelp(
            "How versions are told apart: dotted version vectors, or the classic lists of nodes and counters, which lose "
                + "writes that had not seen each other."))
    var clocks = ClockKind.dotted

    @Option(
        help: ArgumentHelp(
            "Entries of a classic clock beyond which the oldest are dropped; with --clocks vector. (default: 10)",
            valueName: "count"),
        transform: NodeArguments.count(1...1_000))
    var clockLimit = 10

    @Option(help: "Keep concurrent versions as siblings; off: only the one modified last.")
    var allowMult = OnOff.on

    @Option(help: "Let the next nodes of the preference list stand in for homes that do not answer.")
    var sloppyQuorum = OnOff.on

    @Option(help: "Hand what was stored for another node to it once it is back.")
    var hintedHandoff = OnOff.on

    @Option(help: "Compare Merkle trees with the other replicas and repair what differs.")
    var antiEntropy = OnOff.on

    @Option(help: "Repair stale replicas that a get has found.")
    var readRepair = OnOff.on

    /// - Parameter joins: the members, and with them the ring and N, are told later.
    func apply(to configuration: inout Configuration, joins: Bool) throws {
        let members = configuration.members.count
        configuration.partitions = partitions
        configuration.n = n ?? (joins ? 3 : min(3, members))
        guard joins || configuration.n <= members else {
            throw ValidationError("--n \(configuration.n) is above the number of members, \(members)")
        }
        configuration.r = r ?? .quorum
        configuration.w = w ?? .quorum
        for (flag, quorum) in [("--r", configuration.r), ("--w", configuration.w)] {
            guard let count = quorum.resolve(n: configuration.n), count <= configuration.n else {
                throw ValidationError("\(flag) must not be above --n, which is \(configuration.n)")
            }
        }
        configuration.clocks = clocks == .vector ? .vector(limit: clockLimit) : .dotted
        configuration.allowMultiple = allowMult.isOn
        configuration.sloppyQuorum = sloppyQuorum.isOn
        configuration.hintedHandoff = hintedHandoff.isOn
        configuration.antiEntropy = antiEntropy.isOn
        configuration.readRepair = readRepair.isOn
    }
}

/// How long the node waits for what, and how often it does what.
struct PaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long a client's request may take. (default: 2s)", valueName: "time"),
        transform: NodeArguments.duration)
    var requestTimeout: Int64?

    @Option(
        help: ArgumentHelp(
            "How long a replica may take before the next node is asked. (default: 250ms)", valueName: "time"),
        transform: NodeArguments.duration)
    var replicaTimeout: Int64?

    @Option(
        help: ArgumentHelp("How often the other nodes are probed. (default: 200ms)", valueName: "time"),
        transform: NodeArguments.duration)
    var probeInterval: Int64?

    @Option(
        help: ArgumentHelp("Answers missed in a row until a node is suspected. (default: 3)", valueName: "count"),
        transform: NodeArguments.count(1...1_000))
    var missesUntilSuspected = 3

    @Option(
        help: ArgumentHelp("How often hints are offered to their homes. (default: 500ms)", valueName: "time"),
        transform: NodeArguments.duration)
    var handoffInterval: Int64?

    @Option(
        help: ArgumentHelp("Hints on their way to one home at a time. (default: 64)", valueName: "count"),
        transform: NodeArguments.count(1...100_000))
    var handoffBatch = 64

    @Option(
        help: ArgumentHelp("How often a Merkle exchange begins. (default: 250ms)", valueName: "time"),
        transform: NodeArguments.duration)
    var exchangeInterval: Int64?

    @Option(
        help: ArgumentHelp("How often some stored objects are checked for damage. (default: 1s)", valueName: "time"),
        transform: NodeArguments.duration)
    var verifyInterval: Int64?

    @Option(
        help: ArgumentHelp("Stored objects checked at a time.", valueName: "count"),
        transform: NodeArguments.count(1...100_000))
    var verifyRows = 200

    @Option(
        help: ArgumentHelp(
            "How old a tombstone must be before it is forgotten, once all homes have it; never: keep them all. (default: 3s)",
            valueName: "time"),
        transform: NodeArguments.durationOrNever)
    var reapAfter: DurationOrNever?

    @Option(
        help: ArgumentHelp(
            "How long a hint is kept for a home that cannot be reached, before it is given up and counted. (default: never given up)",
            valueName: "time"),
        transform: NodeArguments.durationOrNever)
    var hintWindow: DurationOrNever?

    @Option(
        help: ArgumentHelp("A put that leaves more siblings of a key is logged and counted.", valueName: "count"),
        transform: NodeArguments.count(1...10_000))
    var siblingsWarning = 25

    @Option(
        help: ArgumentHelp("A put that would leave more siblings of a key is refused.", valueName: "count"),
        transform: NodeArguments.count(1...10_000))
    var siblingsLimit = 100

    @Option(
        help: ArgumentHelp(
            "How often a random node is told who belongs to the store. (default: 1s)", valueName: "time"),
        transform: NodeArguments.duration)
    var gossipInterval: Int64?

    @Option(
        help: ArgumentHelp(
            "Bytes a second that a node which joins or takes over keys fetches, with k or M for powers of 1024; 0: no "
                + "limit. (default: 16M)", valueName: "bytes"),
        transform: NodeArguments.byteCount)
    var transferRate: Int64?

    func apply(to configuration: inout Configuration) {
        if let hintWindow { configuration.hintWindow = hintWindow.nanoseconds }
        configuration.siblingsWarning = siblingsWarning
        configuration.siblingsLimit = siblingsLimit
        if let reapAfter { configuration.reapAfter = reapAfter.nanoseconds }
        if let requestTimeout { configuration.requestTimeout = requestTimeout }
        if let replicaTimeout { configuration.replicaTimeout = replicaTimeout }
        if let probeInterval { configuration.probeInterval = probeInterval }
        configuration.missesUntilSuspected = missesUntilSuspected
        if let handoffInterval { configuration.handoffInterval = handoffInterval }
        configuration.handoffBatch = handoffBatch
        if let exchangeInterval { configuration.exchangeInterval = exchangeInterval }
        if let verifyInterval { configuration.verifyInterval = verifyInterval }
        configuration.verifyRows = verifyRows
        if let gossipInterval { configuration.gossipInterval = gossipInterval }
        if let transferRate { configuration.transferRate = transferRate }
    }
}
