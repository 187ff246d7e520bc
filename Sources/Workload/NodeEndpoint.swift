/// Where clients reach a node.
public struct NodeEndpoint: Sendable, Hashable {
    /// The node's name in the history.
    public var name: String
    /// An IP address; names are not resolved more than once a connection.
    public var host: String
    public var port: Int

    public init(name: String, host: String, port: Int) {
        self.name = name
        self.host = host
        self.port = port
    }
}
