import NIOCore
import NIOPosix
import RiakProtocol
import Workload

/// A server on the loopback address that answers each request as a test says.
final class FakeRiak: Sendable {
    enum Answer: Sendable {
        case frame(Frame)
        case bytes([UInt8])
        case silence
        case disconnect
    }

    let endpoint: NodeEndpoint
    private let channel: any Channel

    /// - Parameter answer: called on the server's event loop with each request, in the order of arrival.
    init(
        _ name: String = "n1", on group: any EventLoopGroup, answer: @escaping @Sendable (Frame) -> Answer
    ) async throws {
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        endpoint = NodeEndpoint(name: name, host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    func close() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var decoder = FrameDecoder()
        private let answer: @Sendable (Frame) -> Answer

        init(answer: @escaping @Sendable (Frame) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            decoder.append(unwrapInboundIn(data).readableBytesView)
            while let frame = try? decoder.next() {
                switch answer(frame) {
                case .frame(let answer): context.writeAndFlush(NIOAny(ByteBuffer(bytes: answer.bytes)), promise: nil)
                case .bytes(let bytes): context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
                case .silence: break
                case .disconnect: context.close(promise: nil)
                }
            }
        }
    }
}

extension FakeRiak.Answer {
    /// An error with a text, as Riak sends it.
    static func error(_ text: String) -> FakeRiak.Answer {
        var error = RpbErrorResp()
        error.errmsg = .init(text.utf8)
        error.errcode = 0
        return (try? Frame(.errorResponse, error)).map { .frame($0) } ?? .disconnect
    }
}
