import Dynamo
import NIOCore
import NIOHTTP1

/// Answers an observer's HTTP requests: liveness, metrics, and what a checker must see of a replica.
///
/// A listing goes out in chunks, the next one made when the last has left: a large store neither blocks the node nor
/// fills its memory, however slowly the observer reads.
final class ObserverConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let replica: ReplicaLoop
    private let registry: ObserverRegistry
    private var request: HTTPRequestHead?
    private var context: ChannelHandlerContext?

    init(replica: ReplicaLoop, registry: ObserverRegistry) {
        self.replica = replica
        self.registry = registry
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        registry.add(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        registry.remove(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end:
            guard let head = request else { return }
            request = nil
            do {
                try answer(head)
            } catch {
                replica.metrics.storeErrors += 1
                respond(head, .internalServerError, "text/plain", Array("\(error)\n".utf8))
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func close() { context?.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead) throws {
        guard head.method == .GET || head.method == .HEAD else {
            return respond(head, .methodNotAllowed, "text/plain", Array("only GET is served\n".utf8))
        }
        let query = ObserverQuery(target: head.uri)
        let pages = ObserverPages(replica: replica)
        switch query.path {
        case "/ping": respond(head, .ok, "text/plain", Array("OK".utf8))
        case "/metrics": respond(head, .ok, "text/plain; version=0.0.4", try pages.metrics())
        case "/observe/hints": respond(head, .ok, "application/json", try pages.hints())
        case "/observe/roots": respond(head, .ok, "application/x-ndjson", pages.roots())
        case "/observe/ring": answerRing(head, query, pages)
        case "/observe/replicas": try answerReplicas(head, query)
        default: respond(head, .notFound, "text/plain", Array("not found\n".utf8))
        }
    }

    /// The whole ring, or what of it concerns one key.
    private func answerRing(_ head: HTTPRequestHead, _ query: ObserverQuery, _ pages: ObserverPages) {
        switch (query["bucket"], query["key"]) {
        case (let bucket?, let key?):
            respond(head, .ok, "application/json", pages.ring(of: Key(bucket: bucket, name: key)))
        case (nil, nil): respond(head, .ok, "application/json", pages.ring())
        default: respond(head, .badRequest, "text/plain", Array("bucket and key go together\n".utf8))
        }
    }

    private func answerReplicas(_ head: HTTPRequestHead, _ query: ObserverQuery) throws {
        let listing = ReplicaListing(replica: replica)
        switch (query["bucket"], query["key"]) {
        case (let bucket?, let key?):
            let lines = try listing.lines(of: Key(bucket: bucket, name: key))
            respond(head, .ok, "application/x-ndjson", lines)
        case (nil, nil): stream(head, listing)
        default: respond(head, .badRequest, "text/plain", Array("bucket and key go together\n".utf8))
        }
    }

    private func respond(
        _ head: HTTPRequestHead, _ status: HTTPResponseStatus, _ type: String, _ body: [UInt8]
    ) {
        let headers: HTTPHeaders = ["Content-Type": type, "Content-Length": "\(body.count)"]
        begin(head, status, headers)
        if head.method != .HEAD { write(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
        end(head)
    }

    private func stream(_ head: HTTPRequestHead, _ listing: ReplicaListing) {
        begin(head, .ok, ["Content-Type": "application/x-ndjson"])
        if head.method == .HEAD { end(head) } else { streamNext(head, listing) }
    }

    private func streamNext(_ head: HTTPRequestHead, _ listing: ReplicaListing) {
        guard let context else { return }
        var listing = listing
        let page: [UInt8]?
        do {
            page = try listing.nextPage()
        } catch {
            // Half an answer must not look like a whole one: the connection closes without the last chunk.
            replica.metrics.storeErrors += 1
            replica.log.error("listing ended", metadata: ["reason": "\(error)"])
            return close()
        }
        guard let page else { return end(head) }
        let next = listing
        let eventLoop = context.eventLoop
        let written = eventLoop.makePromise(of: Void.self)
        let here = NIOLoopBound((connection: self, listing: next), eventLoop: eventLoop)
        written.futureResult.whenSuccess {
            // Through the loop's queue, so that clients' requests come in between.
            eventLoop.execute { here.value.connection.streamNext(head, here.value.listing) }
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: page)))), promise: written)
    }

    private func begin(_ head: HTTPRequestHead, _ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
        write(.head(HTTPResponseHead(version: head.version, status: status, headers: headers)))
    }

    private func end(_ head: HTTPRequestHead) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !head.isKeepAlive { context.close(promise: nil) }
    }

    private func write(_ part: HTTPServerResponsePart) { context?.write(wrapOutboundOut(part), promise: nil) }
}

/// The observers' connections that are open, to be closed when the node stops.
final class ObserverRegistry {
    private var connections: [ObjectIdentifier: ObserverConnection] = [:]

    func add(_ connection: ObserverConnection) { connections[ObjectIdentifier(connection)] = connection }
    func remove(_ connection: ObserverConnection) { connections[ObjectIdentifier(connection)] = nil }

    func closeAll() {
        for connection in connections.values { connection.close() }
    }
}
