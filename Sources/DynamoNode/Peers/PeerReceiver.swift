import Dynamo
import NIOCore
import PeerProtocol

/// Reads what one peer sends over a connection that it dialled: first its greeting, then messages.
///
/// Bytes that are not that close the connection, and do nothing else.
final class PeerReceiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum State {
        case strange(timeout: Scheduled<Void>?)
        case known(String)
        case refused
    }

    private let network: PeerNetwork
    private var cutter: FrameCutter
    private var state = State.strange(timeout: nil)
    private(set) var lastRead = NIODeadline.now()
    private var channel: (any Channel)?

    init(network: PeerNetwork) {
        self.network = network
        cutter = FrameCutter(maximumLength: network.settings.longestGreeting)
    }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        lastRead = NIODeadline.now()
        network.opened(self)
        let here = NIOLoopBound(self, eventLoop: context.eventLoop)
        let timeout = context.eventLoop.scheduleTask(in: network.settings.greetingLimit) {
            if case .strange = here.value.state { here.value.refuse("it did not say who it is") }
        }
        state = .strange(timeout: timeout)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .strange(let timeout) = state { timeout?.cancel() }
        state = .refused
        channel = nil
        network.closed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = NIODeadline.now()
        let buffer = unwrapInboundIn(data)
        network.metrics.peerBytesReceived += buffer.readableBytes
        buffer.withUnsafeReadableBytes { cutter.append($0) }
        do {
            while let body = try nextBody() { try take(PeerPacket(frameBody: body)) }
        } catch {
            refuse("\(error)")
        }
    }

    /// Whether whoever is on the other side is not a member, as far as is known.
    var isStranger: Bool {
        switch state {
        case .strange: true
        case .known(let node): !network.isAcquainted(with: node)
        case .refused: false
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Closes a connection over which nothing has come since `deadline`.
    func closeIfIdle(since deadline: NIODeadline) {
        if lastRead < deadline { close() }
    }

    func close() { channel?.close(promise: nil) }

    /// Reads nothing more and closes: the peer talks over another connection now.
    func supersede() {
        state = .refused
        close()
    }

    private func nextBody() throws(PeerProtocolError) -> [UInt8]? {
        if case .refused = state { return nil }
        return try cutter.next()
    }

    private func take(_ packet: PeerPacket) throws(PeerProtocolError) {
        switch (state, packet) {
        case (.strange(let timeout), .hello(let greeting)):
            timeout?.cancel()
            if let objection = network.objection(to: greeting) { return refuse(objection) }
            state = .known(greeting.node)
            cutter.maximumLength = network.settings.maximumFrameLength
            network.greeted(greeting, over: self)
        case (.known(let node), .message(let message)):
            if !network.isAcquainted(with: node) {
                // It may become a member, or was one, and has no say in anything else.
                switch message {
                case .membership, .ping: break
                case .pong, .gossip, .buckets: return
                default: throw .invalid("sender")
                }
            }
            network.heard(from: node)
            network.metrics.received[message.kind, default: 0] += 1
            network.receive(message, node)
        case (.strange, .message), (.known, .hello): throw .invalid("hello")
        case (.refused, _): break
        }
    }

    private func refuse(_ reason: String) {
        if case .refused = state { return }
        network.refused(reason, address: channel?.remoteAddress)
        state = .refused
        close()
    }
}
