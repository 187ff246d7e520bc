import NIOCore
import NIOPosix
import Workload

/// One client of a ``BenchLoad``: an operation, the connections over which it may go, and another attempt when it fails.
final class BenchClient {
    /// How long a client stays away from its own node after that failed it.
    private static let absence = TimeAmount.seconds(3)
    /// The pause after an attempt that failed at every node in turn, or that the store refused.
    private static let rest = TimeAmount.milliseconds(20)
    private static let connectTimeout = TimeAmount.milliseconds(250)

    private struct Attempt {
        let operation: BenchLoad.Operation
        /// When the operation was first tried.
        let began: NIODeadline
        var sent: NIODeadline
        /// Attempts before this one.
        var failures = 0
        /// The node asked; nil while the client rests.
        var node: Int?
    }

    private unowned let load: BenchLoad
    /// The node that this client speaks to while it answers.
    private var home: Int
    let number: Int
    private var node: Int
    private var leftHome: NIODeadline?
    private var connections: [BenchConnection?]
    private var attempt: Attempt?
    private var isClosed = false

    init(load: BenchLoad, node: Int, number: Int) {
        self.load = load
        self.node = node
        self.number = number
        home = node
        connections = Array(repeating: nil, count: load.settings.targets.count)
    }

    /// Begins the next operation, if there is one.
    func proceed() {
        guard let next = load.nextOperation(of: number) else {
            attempt = nil
            return load.rested()
        }
        let now = NIODeadline.now()
        attempt = Attempt(operation: next, began: now, sent: now)
        send()
    }

    /// Speaks to another node, from the next attempt on.
    func move(to node: Int) {
        home = node
        self.node = node
        leftHome = nil
    }

    /// Whether something is under way at a node.
    func isBusy(at node: Int) -> Bool { attempt?.node == node }

    func giveUpIfLate(at now: NIODeadline) {
        guard let attempt, let node = attempt.node, now - attempt.sent > load.settings.patience else { return }
        disconnect(node)
        failed("no answer in time")
    }

    func close() {
        isClosed = true
        attempt = nil
        for node in connections.indices { disconnect(node) }
    }

    // MARK: What connections tell

    func answered(_ answer: AnswerReader.Answer, by connection: BenchConnection) {
        guard let attempt, let node = attempt.node, connections[node] === connection else { return }
        switch answer {
        case .done(let context):
            load.completed(attempt.operation, context: context, latency: NIODeadline.now() - attempt.began)
            proceed()
            load.noteDeparture()
        case .refused(let text): failed(text)
        }
    }

    func lost(_ connection: BenchConnection) {
        guard let node = connections.firstIndex(where: { $0 === connection }) else { return }
        connections[node] = nil
        if attempt?.node == node { failed("connection lost") }
    }

    // MARK: -

    private func send() {
        guard var attempt else { return }
        let now = NIODeadline.now()
        let chosen = choose(attempt, at: now)
        attempt.sent = now
        attempt.node = chosen
        self.attempt = attempt
        if let connection = connections[chosen] {
            connection.send(load.frame(attempt.operation))
        } else {
            connect(chosen)
        }
    }

    /// The node for an attempt: the next home of its key, or the one that this client is at.
    private func choose(_ attempt: Attempt, at now: NIODeadline) -> Int {
        let key = attempt.operation.key
        if let routes = load.settings.routes, !routes[key].isEmpty {
            return routes[key][attempt.failures % routes[key].count]
        }
        if attempt.failures > 0 {
            node = load.present.first { $0 > node } ?? load.present[0]
            leftHome = node == home ? nil : now
        } else if let left = leftHome, now - left >= Self.absence {
            node = home
            leftHome = nil
        }
        return node
    }

    private func failed(_ reason: String) {
        guard var attempt else { return }
        load.failed(reason)
        attempt.failures += 1
        attempt.node = nil
        self.attempt = attempt
        load.noteDeparture()
        let wholeRound = attempt.failures % load.present.count == 0
        let here = NIOLoopBound(self, eventLoop: load.eventLoop)
        load.eventLoop.scheduleTask(in: wholeRound ? Self.rest : .zero) {
            if !here.value.isClosed { here.value.send() }
        }
    }

    private func connect(_ node: Int) {
        let target = load.settings.targets[node]
        let connection = BenchConnection(client: self)
        connections[node] = connection
        let bound = NIOLoopBound(connection, eventLoop: load.eventLoop)
        let bootstrap = ClientBootstrap(group: load.eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        let here = NIOLoopBound(self, eventLoop: load.eventLoop)
        bootstrap.connect(host: target.host, port: target.port).whenComplete { result in
            switch result {
            case .success: here.value.connected(bound.value, to: node)
            case .failure: here.value.lost(bound.value)
            }
        }
    }

    private func connected(_ connection: BenchConnection, to node: Int) {
        guard connections[node] === connection, let attempt, attempt.node == node else { return }
        connection.send(load.frame(attempt.operation))
    }

    func disconnect(_ node: Int) {
        guard let connection = connections[node] else { return }
        connections[node] = nil
        connection.close()
    }
}

/// One connection of a client: bytes out, answers in.
final class BenchConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private unowned let client: BenchClient
    private var reader = AnswerReader()
    private var context: ChannelHandlerContext?
    private var isClosed = false

    init(client: BenchClient) { self.client = client }

    func send(_ frame: [UInt8]) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: frame.count)
        buffer.writeBytes(frame)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func close() {
        isClosed = true
        context?.close(promise: nil)
    }

    /// Earlier than the channel becomes active: the end of the attempt to connect may be told before that.
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        if isClosed { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isClosed { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { reader.append($0) }
        do {
            while !isClosed, let answer = try reader.next() { client.answered(answer, by: self) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        if !isClosed { client.lost(self) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
