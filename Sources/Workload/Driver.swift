import NIOCore

/// How clients speak to a kind of store.
public protocol Driver: Sendable {
    /// Opens a connection to a node. Fails when none comes about within half a second, or whatever limit the driver sets.
    func connect(to endpoint: NodeEndpoint, on eventLoop: any EventLoop) -> EventLoopFuture<any DriverSession>
}

/// One client's connection to one node. Used on its event loop only, one operation at a time.
public protocol DriverSession: Sendable {
    /// Whether it still takes operations. A session that timed out, or saw nonsense, does not.
    var isOpen: Bool { get }
    /// Sends an operation; always answered within `timeout`, and never with a failed future.
    func perform(_ operation: Operation, timeout: Duration) -> EventLoopFuture<Reply>
    /// The names of the nodes that can coordinate requests for a key, in the order of its preference list; nil where the
    /// store tells nobody.
    func homes(of key: String, timeout: Duration) -> EventLoopFuture<[String]>?
    func close()
}

extension DriverSession {
    public func homes(of key: String, timeout: Duration) -> EventLoopFuture<[String]>? { nil }
}
