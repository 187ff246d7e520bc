import NIOCore
import NIOHTTP1

/// One connection of the HTTP port: takes its requests one after the other and answers them in that order.
///
/// A request is taken up when it has arrived whole and the answers before it have left; until then what follows stays
/// in the kernel. A long answer is made piece by piece, each when the one before has gone.
final class HTTPConnection: ChannelDuplexHandler, ServedConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        /// `tooLong`: what arrives is thrown away, and the answer says so.
        case receiving(HTTPRequestHead, body: ByteBuffer, received: Int, tooLong: Bool)
        /// Whole, and waiting for answers before it to leave.
        case waiting(HTTPRequestHead, body: ByteBuffer, tooLong: Bool)
        case answering(HTTPRequestHead)
        case streaming(HTTPRequestHead, any HTTPPieces)
    }

    private let service: HTTPService
    private let registry: ConnectionRegistry
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var stateSince = NIODeadline.now()
    private var unwritableSince: NIODeadline?
    private var isReadHeld = false
    private var closesWhenIdle = false
    private var reported = 0

    init(service: HTTPService, registry: ConnectionRegistry) {
        self.service = service
        self.registry = registry
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        enter(.idle)
        registry.add(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        enter(.idle)
        report(0)
        registry.remove(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let bytes): take(bytes)
        case .end: ended()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : unwritableSince ?? NIODeadline.now()
        guard context.channel.isWritable else { return }
        takeUp()
        streamNext()
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable { context.read() } else { isReadHeld = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: What the registry asks

    var stall: ConnectionStall? {
        if let unwritableSince { return ConnectionStall(.unreadAnswer, since: unwritableSince) }
        switch state {
        case .idle: return ConnectionStall(.idle, since: stateSince)
        case .receiving: return ConnectionStall(.partialRequest, since: stateSince)
        case .waiting, .answering, .streaming: return nil
        }
    }

    var remoteAddress: SocketAddress? { context?.remoteAddress }

    func flush() { context?.flush() }

    func closeWhenIdle() {
        closesWhenIdle = true
        switch state {
        case .idle, .receiving: close()
        case .waiting, .answering, .streaming: break
        }
    }

    func close() { context?.close(promise: nil) }

    // MARK: Receiving

    private func begin(_ head: HTTPRequestHead) {
        let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        let tooLong = announced > HTTPService.longestBody
        enter(.receiving(head, body: ByteBuffer(), received: 0, tooLong: tooLong))
        guard head.headers.first(name: "Expect")?.lowercased() == "100-continue" else { return }
        if tooLong {
            // The client has not begun to send it, and will not.
            answerAndClose(head, Self.tooLong)
        } else {
            context?.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func take(_ bytes: ByteBuffer) {
        guard case .receiving(let head, var body, let received, let tooLong) = state else { return }
        state = .idle
        let length = received + bytes.readableBytes
        if !tooLong, length <= HTTPService.longestBody {
            var bytes = bytes
            body.writeBuffer(&bytes)
            state = .receiving(head, body: body, received: length, tooLong: false)
            report(length)
        } else if length <= 2 * HTTPService.longestBody {
            // Read to its end, as far as that makes sense: a client that is still sending would not see the answer.
            state = .receiving(head, body: ByteBuffer(), received: length, tooLong: true)
            report(0)
        } else {
            answerAndClose(head, Self.tooLong)
        }
    }

    private func ended() {
        guard case .receiving(let head, let body, _, let tooLong) = state else { return }
        enter(.waiting(head, body: body, tooLong: tooLong))
        takeUp()
    }

    private func report(_ count: Int) {
        let change = count - reported
        reported = count
        if change != 0, !registry.hold(change) { registry.drop(self, because: "too much is being received") }
    }

    // MARK: Answering

    private func takeUp() {
        guard case .waiting(let head, let body, let tooLong) = state, context?.channel.isWritable == true else {
            return
        }
        enter(.answering(head))
        report(0)
        if tooLong { return respond(head, Self.tooLong) }
        service.answer(head, body: Array(body.readableBytesView)) { [self] reply in
            guard case .answering = state else { return }
            switch reply {
            case .page(let page): respond(head, page)
            case .pieces(let headers, let pieces):
                write(.head(responseHead(head, .ok, headers)))
                if head.method == .HEAD { return end(head) }
                enter(.streaming(head, pieces))
                streamNext()
            }
        }
    }

    private func respond(_ head: HTTPRequestHead, _ page: HTTPPage) {
        var headers = page.headers
        if let body = page.body { headers.add(name: "Content-Length", value: "\(body.count)") }
        write(.head(responseHead(head, page.status, headers)))
        if head.method != .HEAD, let body = page.body { write(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
        end(head)
    }

    private func answerAndClose(_ head: HTTPRequestHead, _ page: HTTPPage) {
        enter(.answering(head))
        closesWhenIdle = true
        respond(head, page)
    }

    private func streamNext() {
        guard case .streaming(let head, let pieces) = state, let context, context.channel.isWritable else { return }
        // Answering, as far as anybody else can tell, until the piece is there.
        state = .answering(head)
        pieces.next { [self] piece in
            guard let context = self.context, case .answering = state else { return }
            switch piece {
            case .failure(let error):
                service.listingEnded(error)
                close()
            case .success(nil): end(head)
            case .success(let bytes?):
                state = .streaming(head, pieces)
                context.writeAndFlush(
                    wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
                let here = NIOLoopBound(self, eventLoop: context.eventLoop)
                // Through the loop's queue, so that others have their turn in between.
                context.eventLoop.execute { here.value.streamNext() }
            }
        }
    }

    private func responseHead(
        _ head: HTTPRequestHead, _ status: HTTPResponseStatus, _ headers: HTTPHeaders
    ) -> HTTPResponseHead {
        var headers = headers
        headers.add(name: "Server", value: "dynamo-node/\(NodeVersion.text)")
        headers.add(name: "Date", value: HTTPDate.text(Int64(ReplicaLoop.wallClock() / 1_000_000)))
        if closesWhenIdle { headers.add(name: "Connection", value: "close") }
        return HTTPResponseHead(version: head.version, status: status, headers: headers)
    }

    private func end(_ head: HTTPRequestHead) {
        guard let context else { return }
        enter(.idle)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        guard !head.isKeepAlive || closesWhenIdle else { return }
        // Closing at once would throw away what the kernel has not taken yet.
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    private func write(_ part: HTTPServerResponsePart) { context?.write(wrapOutboundOut(part), promise: nil) }

    private func enter(_ state: State) {
        self.state = state
        stateSince = NIODeadline.now()
    }

    private static let tooLong = HTTPPage(
        .payloadTooLarge, text: "the body is longer than \(HTTPService.longestBody) bytes\n")
}
