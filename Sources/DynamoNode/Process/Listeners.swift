import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens on a node's three ports.
enum Listeners {
    /// Binds all three; fails with a ``NodeError`` that names the one that could not be.
    static func bind(
        _ configuration: NodeConfiguration, _ parts: NodeParts
    ) -> EventLoopFuture<DynamoNode.Ports> {
        FileDescriptorLimit.raise()
        let eventLoop = parts.eventLoop
        let bound = NIOLoopBound(parts, eventLoop: eventLoop)
        let client = listen(configuration.client, "clients", parts) { channel in
            let parts = bound.value
            try admit(channel, to: parts.clients)
            let handler = ClientConnection(service: parts.frames, registry: parts.clients)
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        let peer = listen(configuration.peer, "peers", parts) { channel in
            let parts = bound.value
            try admit(channel, to: parts.peerDoor)
            try channel.pipeline.syncOperations.addHandler(PeerReceiver(network: parts.network))
        }
        let http = listen(configuration.http, "observers", parts) { channel in
            let parts = bound.value
            try admit(channel, to: parts.web)
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                withErrorHandling: true, withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: HTTPService.headLimits)
            let handler = HTTPConnection(service: parts.http, registry: parts.web)
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        return client.and(peer).and(http).map { ports in
            DynamoNode.Ports(client: ports.0.0, peer: ports.0.1, http: ports.1)
        }
    }

    /// Takes a connection in, or throws, which closes it.
    private static func admit(_ channel: any Channel, to registry: ConnectionRegistry) throws {
        struct Refused: Error {}
        guard registry.admit(channel.remoteAddress) else { throw Refused() }
        let bound = NIOLoopBound(registry, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in bound.value.left() }
    }

    private static func listen(
        _ endpoint: Endpoint, _ what: String, _ parts: NodeParts,
        _ configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<Endpoint> {
        let bound = NIOLoopBound(parts, eventLoop: parts.eventLoop)
        let bootstrap = ServerBootstrap(group: parts.eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read each time that the kernel says there is something; to look again at once mostly finds nothing.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }
        let binding: EventLoopFuture<any Channel>
        if let address = endpoint.literalAddress {
            binding = bootstrap.bind(to: address)
        } else {
            binding = bootstrap.bind(host: endpoint.host, port: endpoint.port)
        }
        return binding.map { channel in
            bound.value.listeners.append(channel)
            return Endpoint(host: endpoint.host, port: channel.localAddress?.port ?? endpoint.port)
        }.flatMapErrorThrowing { error in
            throw NodeError.cannotListen(what: what, endpoint: endpoint, reason: reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return SystemError.text(error.errnoCode)
    }
}
