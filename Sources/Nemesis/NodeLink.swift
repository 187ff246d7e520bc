/// How a node hangs on the run's network.
public struct NodeLink: Sendable, Hashable {
    public let node: String
    /// The node's port on the hub's bridge.
    public let port: String
    /// The node's IPv4 address.
    public let address: String

    public init(node: String, port: String, address: String) {
        self.node = node
        self.port = port
        self.address = address
    }
}
