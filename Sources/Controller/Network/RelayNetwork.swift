import Foundation
import Nemesis
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// Nodes as plain processes on loopback addresses, each connection between two of them, and between a client and a node, through
/// a relay in this process: for machines where no namespaces can be had. No packet can be lost, doubled or overtaken here, and
/// nothing of the machine's own be taken away; all other faults are done for real.
///
/// Node i listens on 127.R.0.i, and what i dials as j is the relay's 127.R.i.j, so that the relay knows who speaks.
final class RelayNetwork: NodeNetwork {
    /// The third byte of the addresses where clients reach nodes.
    private static let clientByte = 255

    let links: [NodeLink]
    private let range: Int
    private let relay: Relay

    /// Makes the relay's addresses. The nodes' ports are the store's own.
    ///
    /// Throws ``ToolError`` when no range of addresses is free.
    static func make(
        nodes names: [String], clientPort: Int, peerPort: Int, now: @escaping @Sendable () -> Int64
    ) throws(ToolError) -> RelayNetwork {
        var reason = ""
        for attempt in 0..<60 {
            let range = 192 + (Int(getpid()) + attempt) % 60
            let links = names.enumerated().map { index, name in
                NodeLink(node: name, port: "", address: "127.\(range).0.\(index + 1)")
            }
            do throws(ToolError) {
                let routes = try Self.routes(links, range: range, clientPort: clientPort, peerPort: peerPort)
                return RelayNetwork(links: links, range: range, relay: try Relay(routes: routes, now: now))
            } catch {
                reason = error.reason
            }
        }
        throw ToolError(tool: ["relay"], reason: "finds no free loopback addresses: \(reason)")
    }

    private init(links: [NodeLink], range: Int, relay: Relay) {
        self.links = links
        self.range = range
        self.relay = relay
    }

    /// A listener for each pair, and one for the clients of each node. All of them or none.
    private static func routes(
        _ links: [NodeLink], range: Int, clientPort: Int, peerPort: Int
    ) throws(ToolError) -> [Relay.Route] {
        var routes: [Relay.Route] = []
        for (index, to) in links.enumerated() {
            for (other, from) in links.enumerated() where other != index {
                routes.append(
                    .init(
                        link: DirectedLink(from: from.node, to: to.node),
                        listener: RelaySocket.listen(host: "127.\(range).\(other + 1).\(index + 1)", port: peerPort),
                        host: to.address, port: peerPort))
            }
            routes.append(
                .init(
                    link: DirectedLink(from: RelayRules.clients, to: to.node),
                    listener: RelaySocket.listen(host: "127.\(range).\(clientByte).\(index + 1)", port: clientPort),
                    host: to.address, port: clientPort))
        }
        guard routes.allSatisfy({ $0.listener >= 0 }) else {
            let reason = String(cString: strerror(errno))
            for route in routes where route.listener >= 0 { close(route.listener) }
            throw ToolError(tool: ["relay"], reason: reason)
        }
        return routes
    }

    deinit { relay.stop() }

    func clientAddress(of node: NodeLink) -> String {
        "127.\(range).\(Self.clientByte).\((links.firstIndex(of: node) ?? 0) + 1)"
    }

    func members(_ members: [NodeLink], seenBy node: NodeLink) -> [NodeLink] {
        let own = (links.firstIndex(of: node) ?? 0) + 1
        return members.map { member in
            guard member != node, let place = links.firstIndex(of: member) else { return member }
            return NodeLink(node: member.node, port: "", address: "127.\(range).\(own).\(place + 1)")
        }
    }

    /// The kernel ends the node when the thread that started it ends (``SpawnThread`` lasts). If that has ended before the kernel was
    /// asked, nothing would: so whoever finds another parent by then does not begin.
    func launcher(of node: String) -> [String] {
        let unlessOrphaned = "[ \"$PPID\" = \(getpid()) ] || exit 1; exec \"$@\""
        return ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", unlessOrphaned, "sh"]
    }

    var evidence: any LinkEvidence { relay.evidence }

    func cut(_ cuts: [DirectedLink], clientsOf nodes: [String]) throws {
        let clients = nodes.map { DirectedLink(from: RelayRules.clients, to: $0) }
        try relay.change { $0.cut = Set(cuts + clients + clients.map(\.reversed)) }
    }

    func shape(_ shapes: [LinkShape]) throws {
        try relay.change { $0.shapes = Dictionary(shapes.map { ($0.link, $0) }) { first, _ in first } }
    }

    func reset(_ links: [DirectedLink]) throws { try relay.change { $0.resets = Set(links) } }

    /// Why a relay cannot do what a workload asks for; nil when it can.
    fileprivate static func objection(to action: FaultSpec.Action) -> String? {
        let why: String
        switch action {
        case .links(.loss, _), .links(.reorder, _), .links(.duplicate, _):
            why = "a relay carries streams, of which nothing can be lost, doubled or overtaken"
        case .disk(.full, _): why = "a file system of the node's own needs a mount namespace"
        case .powerLoss, .outOfMemory, .throttle: why = "it needs root and namespaces"
        case .join, .replace: why = "a newcomer would learn addresses at which the relay knows another node"
        default: return nil
        }
        return "the fault \(action.word) cannot be had with network: relay: \(why)"
    }
}

extension Workload {
    /// What of this cannot be done where connections are relayed; nil: everything can.
    public var objectionToRelay: String? {
        actions.compactMap(RelayNetwork.objection(to:)).first
    }
}
