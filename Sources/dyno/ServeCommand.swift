import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Report

/// `dyno serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Browse the runs of a folder on this machine.",
        discussion: """
            Answers on 127.0.0.1 alone, reads and never writes, and makes each report when it is asked for. Requests that do not \
            name this machine as their host are refused.

              dyno serve                          http://127.0.0.1:8100/
              dyno serve Histories/runs --port 0  any free port; the address is printed

            Ctrl-C ends it. Exit status: 0 ended as asked, 254 the folder or the port cannot be used.
            """)

    @Argument(help: "The folder of runs.", completion: .directory)
    var folder = "Histories/runs"

    @Option(help: "The port; 0: any that is free.")
    var port = 8100

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be 0 to 65535, not \(port)") }
    }

    func run() throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw Failure.unusable("\(folder) is no folder; `dyno run` keeps its runs in Histories/runs")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let site = Site(folder: folder)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(SiteHandler(site: site))
                }
            }
        let channel: any Channel
        do { channel = try bootstrap.bind(host: "127.0.0.1", port: port).wait() } catch {
            throw Failure.unusable("cannot listen on 127.0.0.1:\(port): \(error)")
        }
        print("\(folder) on http://127.0.0.1:\(channel.localAddress?.port ?? port)/ until Ctrl-C")
        fflush(nil)
        waitForInterrupt()
        try? channel.close().wait()
    }

    private func waitForInterrupt() {
        let done = DispatchSemaphore(value: 0)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { done.signal() }
            source.activate()
            return source
        }
        done.wait()
        for source in sources { source.cancel() }
    }
}

/// What `dyno serve` answers: pages made from a folder of runs when they are asked for.
struct Site: Sendable {
    struct Answer: Sendable {
        var status: HTTPResponseStatus
        var type = "text/plain; charset=utf-8"
        var body: Data

        static func words(_ status: HTTPResponseStatus, _ text: String) -> Answer {
            Answer(status: status, body: Data((text + "\n").utf8))
        }
    }

    let folder: String

    /// Takes as long as a report takes to make: not for an event loop.
    func answer(_ head: HTTPRequestHead) -> Answer {
        guard SiteRoute.isLocal(host: head.headers.first(name: "host")) else {
            return .words(.forbidden, "this server answers to 127.0.0.1 and localhost only")
        }
        guard head.method == .GET || head.method == .HEAD else {
            return .words(.methodNotAllowed, "there is nothing here to change: GET and HEAD only")
        }
        let entries = RunIndex.entries(of: folder) { "/run/\(SiteRoute.component($0))/" }
        switch SiteRoute(target: head.uri, runs: entries.map(\.name)) {
        case .index: return page(RunIndex.html(entries, folder: folder))
        case .report(let run):
            do { return page(try ReportWriting.html(of: "\(folder)/\(run)")) } catch {
                return .words(.internalServerError, (error as? Failure)?.message ?? "\(error)")
            }
        case .file(let run, let name):
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(run)/\(name)") else {
                return .words(.notFound, "this run has no \(name)")
            }
            let isText = name != "history.dyno"
            return Answer(
                status: .ok, type: isText ? "text/plain; charset=utf-8" : "application/octet-stream", body: data)
        case .notFound: return .words(.notFound, "there is no such page")
        }
    }

    private func page(_ html: String) -> Answer {
        Answer(status: .ok, type: "text/html; charset=utf-8", body: Data(html.utf8))
    }
}

/// One connection: one request, one answer, closed.
private final class SiteHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let site: Site
    private var head: HTTPRequestHead?
    private static let queue = DispatchQueue(label: "site", attributes: .concurrent)

    init(site: Site) { self.site = site }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: return
        case .end:
            guard let head else { return }
            self.head = nil
            let promise = context.eventLoop.makePromise(of: Site.Answer.self)
            Self.queue.async { [site] in promise.succeed(site.answer(head)) }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            promise.futureResult.whenSuccess { answer in
                let (handler, context) = bound.value
                handler.write(answer, to: head, context)
            }
        }
    }

    private func write(_ answer: Site.Answer, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let headers: HTTPHeaders = [
            "content-type": answer.type, "content-length": "\(answer.body.count)", "connection": "close",
            "cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
            "cross-origin-resource-policy": "same-origin", "x-frame-options": "DENY",
        ]
        context.write(
            wrapOutboundOut(.head(.init(version: head.version, status: answer.status, headers: headers))), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
