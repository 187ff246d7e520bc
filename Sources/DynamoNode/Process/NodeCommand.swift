import ArgumentParser
import Dynamo
import Glibc
import Logging

/// `dynamo-node`: the command line of a node.
struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dynamo-node",
        abstract: "One node of a Dynamo store: keeps its share of the keys, and serves clients for all of them.",
        discussion: NodeHelp.discussion,
        version: NodeVersion.text)

    @OptionGroup(title: "Identity and addresses") var identity: IdentityOptions
    @OptionGroup(title: "The store, the same on every node") var protocolOptions: ProtocolOptions
    @OptionGroup(title: "Pace") var pace: PaceOptions
    @OptionGroup(title: "Operation") var operation: OperationOptions

    @Option(help: ArgumentHelp("A file of settings, KEY = VALUE a line; flags win over it.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Plant a known fault, to see that a checker finds it.", valueName: "name"))
    var flaw: Flaw?

    @Option(
        help: ArgumentHelp(
            "The least severe log lines to write to standard error: \(NodeArguments.logLevels). (default: info)",
            valueName: "level"),
        transform: NodeArguments.logLevel)
    var logLevel = Logger.Level.info

    func validate() throws { _ = try nodeConfiguration() }

    /// Serves until SIGTERM or SIGINT.
    func run() throws {
        let signals = TerminationSignals.block()
        let started = MonotonicClock.nanoseconds()
        do {
            let node = try DynamoNode(try nodeConfiguration())
            let milliseconds = (MonotonicClock.nanoseconds() - started) / 1_000_000
            ReadyLine.write(name: identity.name, node, milliseconds: milliseconds)
            signals.wait()
            try node.stop()
        } catch let error as NodeError {
            throw NodeFailure(error)
        }
    }

    /// What the options say together.
    func nodeConfiguration() throws -> NodeConfiguration {
        let members = try identity.members()
        var replica = Configuration(node: identity.name, members: members)
        try protocolOptions.apply(to: &replica, joins: identity.join != nil)
        pace.apply(to: &replica)
        replica.flaw = flaw
        var configuration = NodeConfiguration(
            replica: replica, cluster: identity.cluster, storage: try identity.storagePlace(), client: identity.client,
            peer: try identity.peerEndpoint(), http: identity.http, join: identity.join, logLevel: logLevel)
        operation.apply(to: &configuration)
        return configuration
    }
}

/// A failure to start or stop, told in one sentence; the exit status is 1.
struct NodeFailure: Error, CustomStringConvertible {
    let description: String
    init(_ error: NodeError) { description = error.description }
}

/// What a node prints once it serves, for whoever waits for that: one line on standard output.
enum ReadyLine {
    static func write(name: String, _ node: DynamoNode, milliseconds: Int64) {
        let ports = node.ports
        let line =
            "ready name=\(name) client=\(ports.client) peer=\(ports.peer) http=\(ports.http)"
            + " incarnation=\(node.incarnation) in \(milliseconds) ms\n"
        // Straight to the descriptor: who waits for this line must not wait for a buffer to fill.
        let bytes = Array(line.utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}

/// The clock that runs on however the time of day is set.
enum MonotonicClock {
    static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
