import NIOCore
import RiakProtocol

/// One client's connection: takes its requests one after the other and answers them in that order.
///
/// While a request is being served the next ones stay as bytes, and once there are enough of those, in the kernel: a
/// client that sends and never reads holds up itself alone, and in the end loses its connection.
final class ClientConnection: ChannelDuplexHandler, ServedConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of unserved requests from which on no more are read.
    private static let enoughBuffered = 64 << 10

    private let service: FrameService
    private let registry: ConnectionRegistry
    private var decoder = FrameDecoder()
    private var context: ChannelHandlerContext?
    private var isServing = false
    private var listing: (any FrameListing)?
    private var isTaking = false
    private var isReadHeld = false
    private var closesWhenIdle = false
    private var partialSince: NIODeadline?
    private var unwritableSince: NIODeadline?
    /// Bytes held, as the registry knows.
    private var reported = 0

    init(service: FrameService, registry: ConnectionRegistry) {
        self.service = service
        self.registry = registry
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        registry.add(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        listing = nil
        report(0)
        registry.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        takeRequests()
        report(decoder.bufferedCount)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : unwritableSince ?? NIODeadline.now()
        if context.channel.isWritable {
            continueListing()
            takeRequests()
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if isServing, decoder.bufferedCount >= Self.enoughBuffered { isReadHeld = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: What the registry asks

    var stall: ConnectionStall? {
        if let partialSince { return ConnectionStall(.partialRequest, since: partialSince) }
        return unwritableSince.map { ConnectionStall(.unreadAnswer, since: $0) }
    }

    var remoteAddress: SocketAddress? { context?.remoteAddress }

    func closeWhenIdle() {
        closesWhenIdle = true
        if !isServing { close() }
    }

    func close() { context?.close(promise: nil) }

    func flush() { context?.flush() }

    // MARK: Serving

    private func takeRequests() {
        // An answer may come before `serve` returns; the loop below then goes on by itself.
        if isTaking { return }
        isTaking = true
        defer { isTaking = false }
        while !isServing, let context, context.channel.isWritable {
            let frame: Frame?
            do {
                frame = try decoder.next()
            } catch {
                return registry.drop(self, because: error.reason)
            }
            partialSince = decoder.bufferedCount > 0 ? partialSince ?? NIODeadline.now() : nil
            guard let frame else { break }
            partialSince = nil
            isServing = true
            service.serve(frame) { [self] reply in answered(reply) }
        }
        if isReadHeld, !isServing || decoder.bufferedCount < Self.enoughBuffered {
            isReadHeld = false
            context?.read()
        }
    }

    private func answered(_ reply: FrameService.Reply) {
        switch reply {
        case .frame(let frame):
            isServing = false
            write(frame)
            finish()
        case .listing(let listing):
            self.listing = listing
            continueListing()
        }
    }

    /// Asks for the next frame of a listing, once the last ones have gone.
    private func continueListing() {
        guard let listing, let context, context.channel.isWritable else { return }
        self.listing = nil
        listing.next { [self] frame, isLast in
            guard let context = self.context else { return }
            write(frame)
            if isLast {
                isServing = false
                return finish()
            }
            self.listing = listing
            let here = NIOLoopBound(self, eventLoop: context.eventLoop)
            // Through the loop's queue, so that others have their turn in between.
            context.eventLoop.execute { here.value.continueListing() }
        }
    }

    private func write(_ frame: Frame) {
        context?.write(wrapOutboundOut(ByteBuffer(bytes: frame.bytes)), promise: nil)
        registry.flushLater(self)
    }

    private func finish() {
        guard let context else { return }
        if closesWhenIdle {
            context.flush()
            context.close(promise: nil)
        } else {
            takeRequests()
        }
    }

    /// Tells the registry how many bytes of requests wait here; one too many for the node ends the connection.
    private func report(_ count: Int) {
        let change = count - reported
        reported = count
        if change != 0, !registry.hold(change) { registry.drop(self, because: "too much is being received") }
    }
}

extension FrameDecoder.Failure {
    fileprivate var reason: String {
        switch self {
        case .empty: "a frame of no bytes"
        case .tooLong(let length): "a frame of \(length) bytes"
        }
    }
}
