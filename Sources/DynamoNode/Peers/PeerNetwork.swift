import Dynamo
import Logging
import NIOCore
import PeerProtocol

/// This node's connections to all others, in both directions.
final class PeerNetwork {
    let settings: PeerSettings
    /// Hands a message from a peer to the replica.
    var receive: (Message, _ from: String) -> Void = { _, _ in }

    private var links: [String: PeerLink] = [:]
    private var lost: (String) -> Void = { _ in }
    private var receivers: [ObjectIdentifier: PeerReceiver] = [:]
    /// By peer: the latest connection that it dialled.
    private var current: [String: (receiver: PeerReceiver, greeting: PeerGreeting)] = [:]
    private var unflushed: [PeerLink] = []
    let metrics: Metrics
    private let log: Logger
    private let eventLoop: any EventLoop
    private var housekeeping: RepeatedTask?

    init(settings: PeerSettings, metrics: Metrics, log: Logger, eventLoop: any EventLoop) {
        self.settings = settings
        self.metrics = metrics
        self.log = log
        self.eventLoop = eventLoop
    }

    /// Starts looking after the connections; `lost` is told of each peer whose process turns out not to run.
    func start(lost: @escaping (String) -> Void) {
        self.lost = lost
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        let interval = TimeAmount.milliseconds(100)
        housekeeping = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            here.value.keepHouse()
        }
    }

    /// A node is at an address from now on; nil: it is talked with no more.
    func connect(_ node: String, _ address: String?) {
        links.removeValue(forKey: node)?.close()
        guard let address, node != settings.node else { return }
        guard let endpoint = Endpoint(address) else {
            return log.error("peer has no usable address", metadata: ["peer": "\(node)", "address": "\(address)"])
        }
        let link = PeerLink(peer: node, endpoint: endpoint, settings: settings, eventLoop: eventLoop)
        link.onLost = { [unowned self] in lost(node) }
        link.onDropped = { [metrics] count in metrics.peerDropped += count }
        links[node] = link
    }

    /// Whether a node may say more than who belongs to the store.
    func isAcquainted(with node: String) -> Bool { links[node] != nil }

    /// Sends when the turn ends. A message that cannot be encoded, or for a node that is not a member, is lost.
    func send(_ message: Message, to node: String) {
        guard let link = links[node] else { return }
        let frame: [UInt8]
        do {
            frame = try PeerPacket.message(message).frame()
        } catch {
            log.error("message not sent", metadata: ["peer": "\(node)", "reason": "\(error)"])
            return
        }
        let kind = message.kind
        metrics.sent[kind, default: Traffic()].add(frame.count)
        if kind == .exchange { metrics.exchangeBytes += frame.count }
        link.send(frame)
        if !unflushed.contains(where: { $0 === link }) { unflushed.append(link) }
    }

    func flush() {
        for link in unflushed { link.flush() }
        unflushed.removeAll(keepingCapacity: true)
    }

    func close() {
        housekeeping?.cancel()
        for link in links.values { link.close() }
        for receiver in receivers.values { receiver.close() }
    }

    // MARK: What receivers tell

    func opened(_ receiver: PeerReceiver) { receivers[ObjectIdentifier(receiver)] = receiver }

    func closed(_ receiver: PeerReceiver) { receivers[ObjectIdentifier(receiver)] = nil }

    /// A peer greets over another connection than before. Only the later one of both is read: what comes over the other
    /// would arrive after what the peer has said since, and messages must not overtake each other.
    func greeted(_ greeting: PeerGreeting, over receiver: PeerReceiver) {
        if let known = current[greeting.node] {
            if known.greeting.life == greeting.life, known.greeting.attempt > greeting.attempt {
                return receiver.supersede()
            }
            known.receiver.supersede()
        }
        current[greeting.node] = (receiver, greeting)
        heard(from: greeting.node)
    }

    func heard(from node: String) { links[node]?.heard() }

    func refused(_ reason: String, address: SocketAddress?) {
        metrics.peerRefused += 1
        let from = address?.description ?? "unknown"
        log.warning("peer connection refused", metadata: ["reason": "\(reason)", "from": "\(from)"])
    }

    /// Why a greeting is not accepted; nil when it is.
    func objection(to greeting: PeerGreeting) -> String? {
        if greeting.version != PeerGreeting.currentVersion { return "it speaks version \(greeting.version)" }
        if greeting.cluster != settings.cluster { return "it belongs to the cluster \(greeting.cluster)" }
        if greeting.node == settings.node { return "it goes by this node's own name" }
        let strangers = receivers.values.reduce(0) { $0 + ($1.isStranger ? 1 : 0) }
        if links[greeting.node] == nil, strangers > settings.maximumStrangers {
            return "\(greeting.node) is not a member, like too many others"
        }
        return nil
    }

    private func keepHouse() {
        for link in links.values { link.replaceIfSilent() }
        let deadline = NIODeadline.now() - settings.idleLimit
        for receiver in receivers.values { receiver.closeIfIdle(since: deadline) }
    }
}
