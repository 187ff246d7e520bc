/// The packet rules behind cuts and shaped links, as text for nftables: one transaction each, so that a fault begins and ends
/// at once for every link.
///
/// The rules between nodes live on the bridge's forward hook: they see what goes from port to port, never what goes between
/// the hub (clients, observers) and a node. Clients are cut from a node by its client port alone, so that observers still reach it.
public enum CutRules {
    /// The table that everything goes into, empty: nothing is cut.
    public static func table(clientPort: Int) -> String {
        """
        table bridge dyno {
            set cut {
                type ifname . ifname
            }
            set shaped {
                type ifname . ifname
            }
            set unserved {
                type ifname
            }
            chain cuts {
                type filter hook forward priority 0
                iifname . oifname @cut counter drop
                iifname . oifname @shaped ether type ip counter drop
            }
            chain clients {
                type filter hook output priority 0
                oifname @unserved tcp dport \(clientPort) counter drop
            }
        }

        """
    }

    /// The table in each node's own network: TCP from the refused addresses is answered with a reset.
    public static let nodeTable = """
        table inet dyno {
            set refused {
                type ipv4_addr
            }
            chain refusals {
                type filter hook input priority 0
                ip saddr @refused meta l4proto tcp counter reject with tcp reset
            }
        }

        """

    /// Replaces whatever was cut by the directed pairs `cuts` and the clients of `clientsOf`.
    public static func replace(with cuts: [DirectedLink], clientsOf nodes: [String] = [], links: [NodeLink]) -> String {
        var ports: [String: String] = [:]
        for link in links { ports[link.node] = link.port }
        let unserved = nodes.compactMap { ports[$0].map { "\"\($0)\"" } }
        return "flush set bridge dyno cut\nflush set bridge dyno unserved\n"
            + add(pairs(cuts, links), to: "bridge dyno cut")
            + add(unserved, to: "bridge dyno unserved")
    }

    /// Replaces the links that somebody else carries.
    public static func shape(_ shaped: [DirectedLink], links: [NodeLink]) -> String {
        "flush set bridge dyno shaped\n" + add(pairs(shaped, links), to: "bridge dyno shaped")
    }

    /// Replaces, in one node's own network, the nodes that it answers with resets.
    public static func refuse(_ nodes: [String], links: [NodeLink]) -> String {
        let addresses = links.filter { nodes.contains($0.node) }.map(\.address)
        return "flush set inet dyno refused\n" + add(addresses, to: "inet dyno refused")
    }

    private static func pairs(_ directed: [DirectedLink], _ links: [NodeLink]) -> [String] {
        var ports: [String: String] = [:]
        for link in links { ports[link.node] = link.port }
        return directed.compactMap { link in
            guard let from = ports[link.from], let to = ports[link.to] else { return nil }
            return "\"\(from)\" . \"\(to)\""
        }
    }

    private static func add(_ elements: [String], to set: String) -> String {
        elements.isEmpty ? "" : "add element \(set) { \(elements.joined(separator: ", ")) }\n"
    }
}
