import Nemesis

/// The run's own network: a bridge in the sandbox (the hub, where `dyno` and its clients are), and for each node a network
/// namespace joined to it by a veth pair: `e0` in the node, a port of its own on the bridge.
public struct SandboxNetwork: Sendable {
    public static let bridge = "hub"
    /// The hub's own address, the one that clients come from.
    public static let hubAddress = "10.77.0.254"

    public let links: [NodeLink]

    /// The links of nodes named `names`, in that order; nothing is set up yet.
    public init(nodes names: [String]) {
        links = names.enumerated().map { index, name in
            NodeLink(node: name, port: "p\(index + 1)", address: "10.77.0.\(index + 1)")
        }
    }

    /// Makes bridge, namespaces and links. Everything vanishes with the sandbox.
    func setUp(clientPort: Int, rules: PacketRules) throws(ToolError) {
        var hub = [
            "link set lo up", "link add \(Self.bridge) type bridge",
            "addr add \(Self.hubAddress)/24 dev \(Self.bridge)",
        ]
        for link in links { hub.append("netns add \(link.node)") }
        for (index, link) in links.enumerated() {
            let ethernet = Self.ethernet(index)
            hub.append("link add \(link.port) type veth peer name e0 address \(ethernet) netns \(link.node)")
            hub.append("link set \(link.port) master \(Self.bridge) up")
        }
        hub.append("link set \(Self.bridge) up")
        try Tool.run(["ip", "-batch", "-"], input: hub.joined(separator: "\n") + "\n")
        for link in links {
            let inside = ["link set lo up", "addr add \(link.address)/24 dev e0", "link set e0 up"]
            try Tool.run(["ip", "-n", link.node, "-batch", "-"], input: inside.joined(separator: "\n") + "\n")
        }
        try rules.run(CutRules.table(clientPort: clientPort))
    }

    // MARK: - Ethernet addresses

    /// The address of the node with this place in ``links``: locally administered (IEEE 802, bit 1 of the first byte), and
    /// known beforehand, so that whoever carries frames needs no table of addresses.
    private static func ethernet(_ index: Int) -> String { "02:d7:00:00:00:" + hexadecimal(index + 1) }

    private static func hexadecimal(_ byte: Int) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// The place in ``links`` of the node with an Ethernet address; nil for any other address.
    static func index(ofEthernet address: UInt64) -> Int? {
        address >> 8 == 0x02_d700_0000 && address & 0xff > 0 ? Int(address & 0xff) - 1 : nil
    }
}
