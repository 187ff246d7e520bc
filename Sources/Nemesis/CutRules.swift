/// The packet rules of a network partition, as text for `nft -f`: one transaction, so that a cut begins and ends at once
/// for every link (FAULTS.md section 1).
///
/// The cuts between nodes live on the bridge's forward hook: they see what goes from port to port, never what goes between
/// the hub (clients, observers) and a node. Clients are cut from a node by its client port alone, so that observers still reach it.
public enum CutRules {
    /// The table that the cuts go into, empty: nothing is cut.
    public static func table(clientPort: Int) -> String {
        """
        table bridge dyno {
            set cut {
                type ifname . ifname
            }
            set unserved {
                type ifname
            }
            chain cuts {
                type filter hook forward priority 0
                iifname . oifname @cut counter drop
            }
            chain clients {
                type filter hook output priority 0
                oifname @unserved tcp dport \(clientPort) counter drop
            }
        }

        """
    }

    /// Replaces whatever was cut by the directed pairs `cuts` and the clients of `clientsOf`.
    public static func replace(with cuts: [DirectedLink], clientsOf nodes: [String] = [], links: [NodeLink]) -> String {
        var ports: [String: String] = [:]
        for link in links { ports[link.node] = link.port }
        let pairs = cuts.compactMap { cut -> String? in
            guard let from = ports[cut.from], let to = ports[cut.to] else { return nil }
            return "\"\(from)\" . \"\(to)\""
        }
        let unserved = nodes.compactMap { ports[$0].map { "\"\($0)\"" } }
        return "flush set bridge dyno cut\nflush set bridge dyno unserved\n" + add(pairs, to: "cut")
            + add(unserved, to: "unserved")
    }

    private static func add(_ elements: [String], to set: String) -> String {
        elements.isEmpty ? "" : "add element bridge dyno \(set) { \(elements.joined(separator: ", ")) }\n"
    }
}

/// One direction between two nodes.
public struct DirectedLink: Sendable, Hashable, Comparable {
    public let from: String
    public let to: String

    public init(from: String, to: String) {
        self.from = from
        self.to = to
    }

    public static func < (left: DirectedLink, right: DirectedLink) -> Bool {
        left.from != right.from ? left.from < right.from : left.to < right.to
    }

    /// Every direction between nodes of different groups. A node in no group is cut off from nobody.
    public static func between(_ groups: [[String]]) -> [DirectedLink] {
        var links: Set<DirectedLink> = []
        for (index, group) in groups.enumerated() {
            for (otherIndex, other) in groups.enumerated() where otherIndex != index {
                for from in group {
                    for to in other where from != to { links.insert(DirectedLink(from: from, to: to)) }
                }
            }
        }
        return links.sorted()
    }
}
