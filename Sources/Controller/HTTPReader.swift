import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Reads a page of a node's HTTP port: one GET over a connection of its own, bounded in time and size.
public struct HTTPReader: Sendable {
    private let group: any EventLoopGroup
    /// The longest body accepted, in bytes.
    private let maximumBody = 256 << 20

    public init(group: any EventLoopGroup) { self.group = group }

    /// The body of a 200 answer.
    ///
    /// Throws ``HTTPReadError`` when there is no such answer within `limit`, or the task is cancelled.
    public func get(host: String, port: Int, path: String, limit: TimeAmount = .seconds(5)) async throws -> Data {
        let page = "http://\(host):\(port)\(path)"
        let loop = group.next()
        let body = loop.makePromise(of: Data.self)
        let timeout = loop.scheduleTask(in: limit) { body.fail(HTTPReadError(page: page, reason: "no answer in time")) }
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(.seconds(1)).channelInitializer {
            [maximumBody] channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(
                    BodyCollector(page: page, host: host, path: path, maximumBody: maximumBody, body: body))
            }
        }
        let connection = bootstrap.connect(host: host, port: port)
        connection.whenFailure { body.fail(HTTPReadError(page: page, reason: "\($0)")) }
        body.futureResult.whenComplete { _ in
            timeout.cancel()
            connection.whenSuccess { $0.close(promise: nil) }
        }
        return try await withTaskCancellationHandler {
            try await body.futureResult.get()
        } onCancel: {
            body.fail(HTTPReadError(page: page, reason: "nobody waits for the answer any more"))
        }
    }
}

/// A page that could not be read.
public struct HTTPReadError: Error, CustomStringConvertible, Sendable {
    public let page: String
    public let reason: String
    public var description: String { "\(page): \(reason)" }
}

/// Sends the request and gathers the answer.
private final class BodyCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let page: String
    private let host: String
    private let path: String
    private let maximumBody: Int
    private let body: EventLoopPromise<Data>
    private var gathered = Data()

    init(page: String, host: String, path: String, maximumBody: Int, body: EventLoopPromise<Data>) {
        self.page = page
        self.host = host
        self.path = path
        self.maximumBody = maximumBody
        self.body = body
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers = HTTPHeaders([("host", host), ("connection", "close")])
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if head.status != .ok { fail("answered \(head.status.code)") }
        case .body(var buffer):
            gathered.append(contentsOf: buffer.readBytes(length: buffer.readableBytes) ?? [])
            if gathered.count > maximumBody { fail("more than \(maximumBody) bytes") }
        case .end:
            body.succeed(gathered)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(error)")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { fail("closed before the end of its answer") }

    private func fail(_ reason: String) { body.fail(HTTPReadError(page: page, reason: reason)) }
}
