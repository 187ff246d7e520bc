/// The packet rules of a network partition, as text for `nft -f`: one transaction, so that a cut begins and ends at once
/// for every link (FAULTS.md section 1).
///
/// The rules live on the bridge's forward hook: they see what goes from port to port, never what goes between the hub
/// (clients, observers) and a node.
public enum CutRules {
    /// The table that the cuts go into, empty: nothing is cut.
    public static let table = """
        table bridge dyno {
            set cut {
                type ifname . ifname
            }
            chain cuts {
                type filter hook forward priority 0
                iifname . oifname @cut counter drop
            }
        }

        """

    /// Replaces whatever was cut by the directed pairs `cuts`.
    public static func replace(with cuts: [DirectedLink], links: [NodeLink]) -> String {
        var ports: [String: String] = [:]
        for link in links { ports[link.node] = link.port }
        let elements = cuts.compactMap { cut -> String? in
            guard let from = ports[cut.from], let to = ports[cut.to] else { return nil }
            return "\"\(from)\" . \"\(to)\""
        }
        let flush = "flush set bridge dyno cut\n"
        guard !elements.isEmpty else { return flush }
        return flush + "add element bridge dyno cut { \(elements.joined(separator: ", ")) }\n"
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
                for from in group { for to in other where from != to { links.insert(DirectedLink(from: from, to: to)) } }
            }
        }
        return links.sorted()
    }
}
