import NIOCore
import RiakProtocol

/// The end of a channel's pipeline: one request at a time, each answered by one frame, by its time limit or by the connection's
/// end.
///
/// A connection that failed a request in any other way than by an answer is closed: a late answer must never be taken for
/// that of the next request.
final class RiakConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Why a request has no answer.
    enum Failure: Error, Sendable, Hashable {
        /// The connection was closed already: nothing was sent.
        case notSent
        case disconnected
        case timedOut
        /// The other side sent what is no answer.
        case nonsense
    }

    private struct Pending {
        let promise: EventLoopPromise<Frame>
        let limit: Scheduled<Void>
    }

    private let channel: any Channel
    private var decoder = FrameDecoder()
    private var pending: Pending?
    private(set) var isOpen = true

    init(channel: any Channel) { self.channel = channel }

    /// Sends a request. Fails with a ``Failure``.
    func call(_ request: Frame, timeout: TimeAmount) -> EventLoopFuture<Frame> {
        guard isOpen, pending == nil else { return channel.eventLoop.makeFailedFuture(Failure.notSent) }
        let promise = channel.eventLoop.makePromise(of: Frame.self)
        let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let limit = channel.eventLoop.scheduleTask(in: timeout) { connection.value.end(.timedOut) }
        pending = Pending(promise: promise, limit: limit)
        // A failed write closes the channel, and its end is the request's: no need to look at the write's own future.
        channel.writeAndFlush(ByteBuffer(bytes: request.bytes), promise: nil)
        return promise.futureResult
    }

    /// Closes the connection; a request in flight fails.
    func end(_ failure: Failure) {
        guard isOpen else { return }
        isOpen = false
        channel.close(promise: nil)
        complete(.failure(failure))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isOpen else { return }
        decoder.append(unwrapInboundIn(data).readableBytesView)
        do {
            while isOpen, let frame = try decoder.next() {
                guard pending != nil else { return end(.nonsense) }
                complete(.success(frame))
            }
        } catch {
            end(.nonsense)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.disconnected)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.disconnected)
    }

    private func complete(_ result: Result<Frame, any Error>) {
        guard let (promise, limit) = pending.map({ ($0.promise, $0.limit) }) else { return }
        pending = nil
        limit.cancel()
        promise.completeWith(result)
    }
}
