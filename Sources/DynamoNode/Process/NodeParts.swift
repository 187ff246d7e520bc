import Dynamo
import Logging
import NIOCore
import NIOPosix

/// The parts of a node, all of which live on its event loop, and how they are joined.
final class NodeParts {
    /// What clients may still be owed when the node stops.
    private static let farewell = TimeAmount.milliseconds(1_500)

    let eventLoop: any EventLoop
    let log: Logger
    let store: any StorageEngine
    let replica: ReplicaLoop
    let network: PeerNetwork
    /// The connections of the protocol buffers port.
    let clients: ConnectionRegistry
    /// The connections of the HTTP port.
    let web: ConnectionRegistry
    /// Counts the connections of the peer port.
    let peerDoor: ConnectionRegistry
    let service: ClientService
    let frames: FrameService
    let http: HTTPService
    var listeners: [any Channel] = []

    private var housekeeping: RepeatedTask?

    init(_ configuration: NodeConfiguration, eventLoop: any EventLoop, threads: NIOThreadPool) throws {
        self.eventLoop = eventLoop
        let node = configuration.replica.node
        log = Logger(label: "dynamo-node") { _ in
            NodeLog(node: node, level: configuration.logLevel, format: configuration.logFormat)
        }
        let metrics = Metrics()
        store = try configuration.storage.open()
        let log = log
        if case .memory = configuration.storage {
            log.warning("everything is kept in memory: nothing survives a restart of this node")
        }
        store.onCorruptRow = { error in
            metrics.corruptRows += 1
            log.error("corrupt row", metadata: ["reason": "\(error)"])
        }
        if store.hasLostWrites {
            metrics.storeErrors += 1
            log.error("the commit log is not as it was left: the node goes on under another incarnation")
        }
        try Admission.seek(configuration, store)
        replica = ReplicaLoop(
            replica: try Replica(
                configuration: configuration.replica, store: EngineStore(engine: store),
                generator: SplitMix64(seed: UInt64.random(in: .min ... .max)), now: ReplicaLoop.now(),
                wallClock: ReplicaLoop.wallClock()),
            store: store, commits: GroupCommit(store: store, eventLoop: eventLoop, threads: threads),
            metrics: metrics, log: log, eventLoop: eventLoop)
        var settings = PeerSettings(node: node, cluster: configuration.cluster)
        // A live peer is heard of with every probe: three of them missed, and then some.
        settings.silenceLimit = max(settings.silenceLimit, .nanoseconds(configuration.replica.probeInterval * 3))
        network = PeerNetwork(settings: settings, metrics: metrics, log: log, eventLoop: eventLoop)
        clients = ConnectionRegistry(port: .client, limits: configuration.clientLimits, metrics: metrics, log: log)
        web = ConnectionRegistry(port: .http, limits: configuration.webLimits, metrics: metrics, log: log)
        var peerLimits = ConnectionRegistry.Limits()
        peerLimits.connections = settings.maximumConnections
        peerDoor = ConnectionRegistry(port: .peer, limits: peerLimits, metrics: metrics, log: log)
        service = ClientService(replica: replica)
        frames = FrameService(service: service)
        http = HTTPService(service: service)
        join()
    }

    private func join() {
        replica.send = { [unowned network] message, node in network.send(message, to: node) }
        replica.connect = { [unowned network] node, address in network.connect(node, address) }
        network.receive = { [unowned replica] message, node in replica.handle(.message(message, from: node)) }
        clients.scheduleFlush = { [unowned replica] in replica.scheduleEndOfTurn() }
        replica.endOfTurn = [
            { [unowned network] in network.flush() },
            { [unowned clients] in clients.flush() },
        ]
    }

    /// Begins to serve; returns the node's incarnation.
    func start() -> UInt64 {
        network.start(lost: { [unowned replica] node in replica.handle(.unreachable(node: node)) })
        replica.start()
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        housekeeping = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            here.value.clients.closeStalled()
            here.value.web.closeStalled()
        }
        return replica.incarnation
    }

    /// Ends what is open, in the order in which nothing acknowledged can be lost and nobody waits for ever.
    func stop() -> EventLoopFuture<Void> {
        log.info("stopping")
        housekeeping?.cancel()
        service.isClosing = true
        for listener in listeners { listener.close(promise: nil) }
        let stopped = eventLoop.makePromise(of: Void.self)
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        whenClientsAreGone {
            here.value.clients.closeAll()
            here.value.web.closeAll()
            here.value.network.close()
            here.value.replica.finishWriting { stopped.completeWith(here.value.closeStore()) }
        }
        return stopped.futureResult
    }

    private func whenClientsAreGone(_ done: @escaping () -> Void) {
        var isDone = false
        let once = {
            if isDone { return }
            isDone = true
            done()
        }
        let onceEmpty = { [clients, web] in
            if clients.isEmpty, web.isEmpty { once() }
        }
        clients.onEmpty = onceEmpty
        web.onEmpty = onceEmpty
        clients.closeWhenIdle()
        web.closeWhenIdle()
        onceEmpty()
        if isDone { return }
        let bound = NIOLoopBound(once, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.farewell) { bound.value() }
    }

    private func closeStore() -> Result<Void, any Error> {
        do {
            try store.close(keeping: replica.merkleSnapshot)
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}
