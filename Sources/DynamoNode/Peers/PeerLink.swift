import Dynamo
import Glibc
import NIOCore
import NIOPosix
import PeerProtocol

/// The connection over which this node talks to one other: dialled when first needed, and again whenever it is lost.
///
/// Messages go one way; the peer answers over the connection that it dialled itself.
final class PeerLink {
    private enum State {
        case idle
        case dialling(attempt: UInt64)
        case pausing(Scheduled<Void>)
        case up(any Channel, since: NIODeadline)
        case closed
    }

    let peer: String
    private let endpoint: Endpoint
    private let settings: PeerSettings
    private let eventLoop: any EventLoop
    private var state = State.idle
    private var attempts: UInt64 = 0
    private var pause: TimeAmount
    private var queue: OutboundQueue
    private var unflushed: ByteBuffer
    private var lastHeard = NIODeadline.now()

    /// The peer's process refused or dropped the connection: it is not running.
    var onLost: () -> Void = {}
    /// So many queued messages were dropped.
    var onDropped: (Int) -> Void = { _ in }

    init(peer: String, endpoint: Endpoint, settings: PeerSettings, eventLoop: any EventLoop) {
        self.peer = peer
        self.endpoint = endpoint
        self.settings = settings
        self.eventLoop = eventLoop
        pause = settings.shortestPause
        queue = OutboundQueue(maximumFrames: settings.maximumQueuedFrames, maximumBytes: settings.maximumQueuedBytes)
        unflushed = ByteBuffer()
    }

    /// Sends a frame when the turn ends, or once there is a connection.
    func send(_ frame: [UInt8]) {
        switch state {
        case .up(let channel, _) where channel.isWritable && queue.isEmpty: unflushed.writeBytes(frame)
        case .closed: break
        default:
            let dropped = queue.append(frame)
            if dropped > 0 { onDropped(dropped) }
            if case .idle = state { dial() }
        }
    }

    /// Hands what was sent in this turn to the kernel.
    func flush() {
        guard case .up(let channel, _) = state else { return }
        while channel.isWritable, unflushed.readableBytes < 1 << 20, let frame = queue.popFirst() {
            unflushed.writeBytes(frame)
        }
        if unflushed.readableBytes == 0 { return }
        channel.writeAndFlush(unflushed, promise: nil)
        unflushed = ByteBuffer()
    }

    /// The peer sent something, over whatever connection: it lives, and it can be reached.
    func heard() {
        lastHeard = NIODeadline.now()
        guard case .pausing(let task) = state else { return }
        task.cancel()
        pause = settings.shortestPause
        dial()
    }

    /// Replaces a connection that may hang: nothing was heard of the peer for too long.
    func replaceIfSilent() {
        guard case .up(let channel, let since) = state else { return }
        let limit = NIODeadline.now() - settings.silenceLimit
        guard lastHeard < limit, since < limit else { return }
        state = .idle
        unflushed = ByteBuffer()
        channel.close(promise: nil)
        dial()
    }

    /// Closes for good.
    func close() {
        switch state {
        case .up(let channel, _): channel.close(promise: nil)
        case .pausing(let task): task.cancel()
        case .idle, .dialling, .closed: break
        }
        state = .closed
    }

    private func dial() {
        attempts += 1
        let attempt = attempts
        state = .dialling(attempt: attempt)
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(settings.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // What was sent into a cut does not linger in the kernel once this side has given the connection up.
            .channelOption(.tcpOption(Self.userTimeout), value: 2_000)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: 4 << 20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PeerLinkHandler(link: here.value))
                }
            }
        let connection: EventLoopFuture<any Channel>
        if let address = endpoint.literalAddress {
            connection = bootstrap.connect(to: address)
        } else {
            connection = bootstrap.connect(host: endpoint.host, port: endpoint.port)
        }
        connection.whenComplete { result in here.value.dialled(attempt, result) }
    }

    private func dialled(_ attempt: UInt64, _ result: Result<any Channel, any Error>) {
        guard case .dialling(attempt) = state else {
            if case .success(let channel) = result { channel.close(promise: nil) }
            return
        }
        switch result {
        case .success(let channel):
            state = .up(channel, since: NIODeadline.now())
            pause = settings.shortestPause
            greet()
            flush()
        case .failure(let error):
            if Self.isRefusal(error) {
                onLost()
                dialLater()
                // Once it runs again it dials, which is heard: no need to ask it often.
                pause = min(pause * 2, settings.longestPause)
            } else {
                // A cut heals without a sound.
                pause = settings.shortestPause
                dialLater()
            }
        }
    }

    private func greet() {
        let greeting = PeerGreeting(
            node: settings.node, cluster: settings.cluster, life: settings.life, attempt: attempts)
        // A greeting is a few dozen bytes: it always fits a frame, and without one the peer closes the connection.
        if let frame = try? PeerPacket.hello(greeting).frame() { unflushed.writeBytes(frame) }
    }

    fileprivate func closed(_ channel: any Channel) {
        guard case .up(let current, _) = state, current === channel else { return }
        unflushed = ByteBuffer()
        onLost()
        dialLater()
    }

    fileprivate func writable() { flush() }

    private func dialLater() {
        if case .closed = state { return }
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        state = .pausing(eventLoop.scheduleTask(in: pause) { here.value.dial() })
    }

    /// Whether every address refused, which only a host without a process listening does.
    private static func isRefusal(_ error: any Error) -> Bool {
        if let error = error as? IOError { return [ECONNREFUSED, ECONNRESET].contains(error.errnoCode) }
        guard let error = error as? NIOConnectionError, !error.connectionErrors.isEmpty else { return false }
        return error.connectionErrors.allSatisfy { isRefusal($0.error) }
    }

    /// Linux's `TCP_USER_TIMEOUT`, in milliseconds.
    private static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
}

/// Tells a link when its connection closes or takes more. What the peer sends over it is not part of the protocol.
private final class PeerLinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: PeerLink

    init(link: PeerLink) { self.link = link }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) { link.closed(context.channel) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { link.writable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
