import ArgumentParser
import Dynamo
import Glibc

/// The member that is asked.
struct AdminOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The --http address of any member that runs.", valueName: "host:port"),
        transform: NodeArguments.endpoint)
    var at = Endpoint(host: "127.0.0.1", port: 8098)

    func ask(_ method: String, _ path: String, _ parameters: [(String, String)] = []) throws -> [UInt8] {
        let query = parameters.map { "\($0.0)=\(PercentCoding.encode(Array($0.1.utf8)))" }.joined(separator: "&")
        do throws(AdminClient.Failure) {
            return try AdminClient(endpoint: at).ask(method, query.isEmpty ? path : "\(path)?\(query)")
        } catch {
            throw AdminFailure(description: error.description)
        }
    }
}

/// A request that was not granted, told in one sentence; the exit status is 1.
struct AdminFailure: Error, CustomStringConvertible {
    var description: String
}

/// `dynamo-node join`.
struct JoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Let a node join the store.",
        discussion: """
            Any member can be asked; the others hear of it by gossip. The newcomer fetches its share of the keys \
            while the store goes on serving them, and counts as a member once it has them all. Start it with \
            --join to do both in one: "dynamo-node --name n6 --data /tmp/n6 --peer 127.0.0.6:8099 --join \
            127.0.0.1:8098". Wait until all is done with "dynamo-node status --wait 60s".
            """)

    @OptionGroup var admin: AdminOptions
    @OptionGroup var newcomer: NewcomerOptions
    @Option(
        help: ArgumentHelp("Its share of the ring relative to the others. (default: 1)", valueName: "weight"),
        transform: NodeArguments.count(1...1_000))
    var weight = 1
    @Option(help: ArgumentHelp("Its data centre.", valueName: "zone"))
    var zone = ""

    func run() throws {
        let parameters = newcomer.parameters + [("weight", "\(weight)"), ("zone", zone)]
        _ = try admin.ask("POST", "/admin/join", parameters)
        print(
            "\(newcomer.name) may join: start it with --name \(newcomer.name) --peer \(newcomer.peer) --join \(admin.at)"
        )
    }
}

/// `dynamo-node leave`.
struct LeaveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Let a member leave the store, alive or dead.",
        discussion: """
            The others fetch its share of the keys while the store goes on serving them. A member that is alive then \
            hands over whatever it still holds; stop it when "dynamo-node status" says that it may be stopped. A join \
            that is not completed is taken back in the same way.
            """)

    @OptionGroup var admin: AdminOptions
    @Option(help: ArgumentHelp("The member that leaves.", valueName: "name"), transform: NodeArguments.name)
    var name: String

    func run() throws {
        _ = try admin.ask("POST", "/admin/leave", [("name", name)])
        print("\(name) leaves: it may be stopped when \"dynamo-node status --at \(admin.at)\" says so")
    }
}

/// `dynamo-node replace`.
struct ReplaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace", abstract: "Let a node take the place of a member, alive or dead.",
        discussion: "The newcomer gets the old member's ring partitions, weight and zone; nothing else moves.")

    @OptionGroup var admin: AdminOptions
    @Option(help: ArgumentHelp("The member whose place is taken.", valueName: "name"), transform: NodeArguments.name)
    var old: String
    @OptionGroup var newcomer: NewcomerOptions

    func run() throws {
        _ = try admin.ask("POST", "/admin/replace", [("old", old)] + newcomer.parameters)
        print("\(newcomer.name) takes the place of \(old): start it with --name \(newcomer.name) --join \(admin.at)")
    }
}

/// A node that is to become a member.
struct NewcomerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The newcomer's name.", valueName: "name"), transform: NodeArguments.name)
    var name: String
    @Option(
        help: ArgumentHelp("Where other nodes reach the newcomer: its --peer address.", valueName: "host:port"),
        transform: NodeArguments.endpoint)
    var peer: Endpoint

    var parameters: [(String, String)] { [("name", name), ("peer", peer.description)] }
}

/// `dynamo-node status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Who belongs to the store, and what is under way.",
        discussion: """
            Shows each member's share of the ring, its state (founder, member, joining, leaving, left) and whether the \
            node that is asked can reach it; then what that node has yet to fetch or to hand over. Exit status: 0 \
            when nothing is pending, 2 while something is, 1 when no node answers.
            """)

    @OptionGroup var admin: AdminOptions
    @Flag(help: "Print one line of JSON instead of a table.")
    var json = false
    @Option(
        help: ArgumentHelp("Ask until nothing is pending, for so long at most.", valueName: "time"),
        transform: NodeArguments.duration)
    var wait: Int64?

    func run() throws {
        let deadline = MonotonicClock.nanoseconds() + (wait ?? 0)
        var bytes = try admin.ask("GET", "/admin/status")
        var report = try read(bytes)
        while !report.settled, MonotonicClock.nanoseconds() < deadline {
            usleep(200_000)
            bytes = try admin.ask("GET", "/admin/status")
            report = try read(bytes)
        }
        print(json ? String(decoding: bytes, as: UTF8.self) : report.table, terminator: "")
        if !report.settled { throw ExitCode(2) }
    }

    private func read(_ bytes: [UInt8]) throws -> StatusReport {
        do {
            return try StatusReport(decoding: bytes)
        } catch {
            throw AdminFailure(description: AdminClient.Failure.notANode(admin.at).description)
        }
    }
}
