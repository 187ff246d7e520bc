import NIOCore
import RiakProtocol

/// One client's connection: takes its requests one after the other and answers them in that order.
///
/// While a request is being served the next ones stay as bytes, and once there are enough of those, in the kernel: a
/// client that sends and never reads holds up itself alone.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of unserved requests from which on no more are read.
    private static let enoughBuffered = 64 << 10

    private let service: ClientService
    private let registry: ClientRegistry
    private var decoder = FrameDecoder()
    private var context: ChannelHandlerContext?
    private var isServing = false
    private var isTaking = false
    private var isReadHeld = false
    private var closesWhenIdle = false
    /// Since when the bytes of a frame have been incomplete; nil when none are.
    private(set) var partialSince: NIODeadline?

    init(service: ClientService, registry: ClientRegistry) {
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
        registry.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        takeRequests()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        takeRequests()
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if isServing, decoder.bufferedCount >= Self.enoughBuffered { isReadHeld = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Closes once the request being served, if there is one, has been answered.
    func closeWhenIdle() {
        closesWhenIdle = true
        if !isServing { close() }
    }

    func close() { context?.close(promise: nil) }

    /// Sends what was answered in this turn.
    func flush() { context?.flush() }

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
                return close()
            }
            partialSince = decoder.bufferedCount > 0 ? partialSince ?? NIODeadline.now() : nil
            guard let frame else { break }
            partialSince = nil
            isServing = true
            service.serve(frame) { [self] answer in answered(answer) }
        }
        if isReadHeld, !isServing || decoder.bufferedCount < Self.enoughBuffered {
            isReadHeld = false
            context?.read()
        }
    }

    private func answered(_ answer: Frame) {
        isServing = false
        guard let context else { return }
        context.write(wrapOutboundOut(ByteBuffer(bytes: answer.bytes)), promise: nil)
        registry.flushLater(self)
        if closesWhenIdle {
            context.flush()
            context.close(promise: nil)
        } else {
            takeRequests()
        }
    }
}

/// The clients' connections that are open.
final class ClientRegistry {
    /// How long the rest of a begun frame may take.
    private static let patience = TimeAmount.seconds(30)

    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var unflushed: [ClientConnection] = []
    private let metrics: Metrics
    /// Asks that ``flush()`` be called when the turn ends.
    var scheduleFlush: () -> Void = {}
    /// Called when the last connection has gone.
    var onEmpty: () -> Void = {}

    init(metrics: Metrics) { self.metrics = metrics }

    var isEmpty: Bool { connections.isEmpty }

    func add(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = connection
        metrics.clientConnections = connections.count
    }

    func remove(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = nil
        metrics.clientConnections = connections.count
        if connections.isEmpty { onEmpty() }
    }

    func flushLater(_ connection: ClientConnection) {
        if unflushed.isEmpty { scheduleFlush() }
        unflushed.append(connection)
    }

    func flush() {
        let waiting = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in waiting { connection.flush() }
    }

    /// Closes connections whose client began a frame long ago and never ended it.
    func closeStalled() {
        let deadline = NIODeadline.now() - Self.patience
        for connection in connections.values where connection.partialSince.map({ $0 < deadline }) ?? false {
            connection.close()
        }
    }

    func closeWhenIdle() {
        for connection in connections.values { connection.closeWhenIdle() }
    }

    func closeAll() {
        for connection in connections.values { connection.close() }
    }
}
