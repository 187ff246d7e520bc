import Dynamo
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// A node of the store, serving: one event loop for all its sockets and its replica, one thread that writes to disk,
/// and one that tidies it.
///
/// Its parts belong to the event loop; whoever starts and stops the node may be on any other thread.
public final class DynamoNode: Sendable {
    /// Where the node serves; the ports that the kernel chose where port 0 was asked for.
    public struct Ports: Hashable, Sendable {
        public var client: Endpoint
        public var peer: Endpoint
        public var http: Endpoint
    }

    public let ports: Ports
    /// The number under which this node assigns dots while its store lives.
    public let incarnation: UInt64

    private let group: MultiThreadedEventLoopGroup
    private let threads: NIOThreadPool
    private let parts: NIOLoopBound<NodeParts>
    /// Of the data directory, where there is one.
    private let lock: DirectoryLock?

    /// Opens the store, binds the ports and serves.
    ///
    /// - Throws: ``NodeError`` when the node cannot start as configured.
    public init(_ configuration: NodeConfiguration) throws(NodeError) {
        if case .sqlite(let directory) = configuration.storage {
            lock = try DataDirectory.prepare(directory)
        } else {
            lock = nil
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let eventLoop = group.next()
        do {
            (parts, ports, incarnation) = try eventLoop.flatSubmit {
                do {
                    let parts = try NodeParts(configuration, eventLoop: eventLoop, threads: threads)
                    let bound = NIOLoopBound(parts, eventLoop: eventLoop)
                    // In the same turn, before anything can come in over the ports: to a node that does not know yet who
                    // is a member every peer is a stranger, and loses its connection over its first request.
                    return Listeners.bind(configuration, parts).map { (bound, $0, bound.value.start()) }
                } catch {
                    return eventLoop.makeFailedFuture(error)
                }
            }.wait()
        } catch {
            try? group.syncShutdownGracefully()
            try? threads.syncShutdownGracefully()
            throw NodeError(starting: error)
        }
        self.group = group
        self.threads = threads
    }

    /// Stops serving: refuses new requests, answers those under way or gives up on them after a moment, writes what is
    /// not on disk yet, and closes the store.
    ///
    /// - Throws: ``NodeError`` when the store could not be closed.
    public func stop() throws(NodeError) {
        let parts = parts
        do {
            try group.next().flatSubmit { parts.value.stop() }.wait()
            try group.syncShutdownGracefully()
            try threads.syncShutdownGracefully()
        } catch {
            throw NodeError(stopping: error)
        }
    }
}
