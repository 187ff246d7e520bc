import NIOCore
import NIOPosix
import RiakProtocol

/// Speaks Riak KV's protocol buffers interface, to our node and to a real Riak.
///
/// It asks for dots and clocks with fields that a real Riak skips; what the store does not show is not recorded.
public struct RiakDriver: Driver {
    private let messages: RiakMessages
    private let connectTimeout: TimeAmount

    /// - Parameter bucketType: Riak's bucket type, whose buckets must keep siblings (`allow_mult`); nil for the default one.
    public init(
        bucket: String = ValueForm.bucket, bucketType: String? = nil, connectTimeout: Duration = .milliseconds(500)
    ) {
        messages = RiakMessages(bucket: bucket, bucketType: bucketType)
        self.connectTimeout = TimeAmount(connectTimeout)
    }

    public func connect(
        to endpoint: NodeEndpoint, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any DriverSession> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RiakConnection(channel: channel))
                }
            }
        let channel =
            if let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: endpoint.host, port: endpoint.port)
            }
        return channel.flatMapThrowing { [messages] channel in
            let connection = try channel.pipeline.syncOperations.handler(type: RiakConnection.self)
            return RiakSession(
                connection: NIOLoopBound(connection, eventLoop: channel.eventLoop), eventLoop: channel.eventLoop,
                messages: messages)
        }
    }
}

/// One connection of ``RiakDriver``.
struct RiakSession: DriverSession {
    let connection: NIOLoopBound<RiakConnection>
    let eventLoop: any EventLoop
    let messages: RiakMessages

    var isOpen: Bool { connection.value.isOpen }

    func close() { connection.value.end(.disconnected) }

    func perform(_ operation: Operation, timeout: Duration) -> EventLoopFuture<Reply> {
        let request: Frame
        do {
            request = try messages.request(operation)
        } catch {
            return eventLoop.makeSucceededFuture(.refused("not sent: \(error)"))
        }
        let answer = connection.value.call(request, timeout: TimeAmount(timeout))
        return answer.map { [connection, messages] frame in
            if let reply = messages.reply(frame, to: operation) { return reply }
            connection.value.end(.nonsense)
            return .unknown(Self.sentence(.nonsense))
        }.recover { error in
            let failure = error as? RiakConnection.Failure ?? .disconnected
            let sentence = Self.sentence(failure)
            return failure == .notSent ? .refused(sentence) : .unknown(sentence)
        }
    }

    func homes(of key: String, timeout: Duration) -> EventLoopFuture<[String]>? {
        guard let request = try? messages.preferenceListRequest(of: key) else { return nil }
        let answer = connection.value.call(request, timeout: TimeAmount(timeout))
        return answer.flatMapThrowing { [connection, messages] frame in
            if let homes = messages.homes(frame) { return homes }
            connection.value.end(.nonsense)
            throw RiakConnection.Failure.nonsense
        }
    }

    private static func sentence(_ failure: RiakConnection.Failure) -> String {
        switch failure {
        case .notSent: "not sent: connection closed"
        case .disconnected: "connection lost"
        case .timedOut: "timeout: no answer"
        case .nonsense: "no valid answer"
        }
    }
}
