import Logging
import NIOCore

/// A connection that serves a client, as the registry looks after it.
protocol ServedConnection: AnyObject {
    /// What the client owes and since when; nil when it owes nothing.
    var stall: ConnectionStall? { get }
    var remoteAddress: SocketAddress? { get }
    /// Sends what was answered in this turn.
    func flush()
    /// Closes once the request being served, if there is one, has been answered.
    func closeWhenIdle()
    func close()
}

/// A client keeps its connection waiting.
struct ConnectionStall {
    enum Reason: String {
        case partialRequest = "a request begun and not ended"
        case unreadAnswer = "an answer that is not read"
        case idle = "no request"
    }

    var reason: Reason
    var since: NIODeadline

    init(_ reason: Reason, since: NIODeadline) {
        self.reason = reason
        self.since = since
    }
}

/// The connections of one client port: how many there may be, how much they may hold, and how long they may wait.
///
/// Whoever asks too much of the node loses its connection, and is named in the log; nobody else notices.
final class ConnectionRegistry {
    struct Limits {
        /// Connections open at a time.
        var connections = 1_000
        /// Bytes of unfinished requests, of all connections together.
        var bufferedBytes = 256 << 20
        /// How long the rest of a begun request may take, and how long an answer may wait to be read.
        var patience = TimeAmount.seconds(30)
        /// How long a connection may stay without a request; nil: for ever, as pools of clients keep theirs.
        var idle: TimeAmount?
    }

    private let limits: Limits
    private let metrics: Metrics
    private let log: ThrottledLog
    private let port: Metrics.Port
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var unflushed: [any ServedConnection] = []
    /// Connections accepted; some may not be active yet.
    private var admitted = 0
    private var buffered = 0
    /// Asks that ``flush()`` be called when the turn ends.
    var scheduleFlush: () -> Void = {}
    /// Called when the last connection has gone.
    var onEmpty: () -> Void = {}

    init(port: Metrics.Port, limits: Limits, metrics: Metrics, log: Logger) {
        self.port = port
        self.limits = limits
        self.metrics = metrics
        self.log = ThrottledLog(log)
    }

    var isEmpty: Bool { connections.isEmpty }

    // MARK: Admission

    /// Whether one more connection may be served; if so ``left()`` must be called when it has closed.
    func admit(_ address: SocketAddress?) -> Bool {
        guard admitted < limits.connections else {
            metrics.connectionsRefused[port, default: 0] += 1
            log.warning(
                "connection refused",
                ["port": "\(port.rawValue)", "from": "\(address.text)", "reason": "\(limits.connections) are open"])
            return false
        }
        admitted += 1
        metrics.connections[port] = admitted
        return true
    }

    func left() {
        admitted -= 1
        metrics.connections[port] = admitted
    }

    /// Counts bytes of unfinished requests; false when there are too many.
    func hold(_ change: Int) -> Bool {
        buffered += change
        return change <= 0 || buffered <= limits.bufferedBytes
    }

    /// Closes a connection for what its client did.
    func drop(_ connection: any ServedConnection, because reason: String) {
        metrics.connectionsDropped[port, default: 0] += 1
        log.warning(
            "connection closed",
            ["port": "\(port.rawValue)", "from": "\(connection.remoteAddress.text)", "reason": "\(reason)"])
        connection.close()
    }

    // MARK: Housekeeping

    func add(_ connection: any ServedConnection) { connections[ObjectIdentifier(connection)] = connection }

    func remove(_ connection: any ServedConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { onEmpty() }
    }

    func flushLater(_ connection: any ServedConnection) {
        if unflushed.isEmpty { scheduleFlush() }
        unflushed.append(connection)
    }

    func flush() {
        let waiting = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in waiting { connection.flush() }
    }

    /// Closes connections whose client has kept them waiting for too long.
    func closeStalled() {
        let now = NIODeadline.now()
        for connection in connections.values {
            guard let stall = connection.stall else { continue }
            let limit = stall.reason == .idle ? limits.idle : limits.patience
            guard let limit, stall.since < now - limit else { continue }
            // To be closed for doing nothing is no offence.
            if stall.reason == .idle { connection.close() } else { drop(connection, because: stall.reason.rawValue) }
        }
    }

    func closeWhenIdle() {
        for connection in connections.values { connection.closeWhenIdle() }
    }

    func closeAll() {
        for connection in connections.values { connection.close() }
    }
}

extension SocketAddress? {
    /// The address for a log line.
    var text: String {
        guard let self else { return "unknown" }
        return self.ipAddress.map { "\($0):\(self.port ?? 0)" } ?? "\(self)"
    }
}

/// Warnings that strangers can cause, at most a few a second: a flood of connections must not become one of log lines.
final class ThrottledLog {
    private static let linesPerSecond = 5

    private let log: Logger
    private var second = NIODeadline.uptimeNanoseconds(0)
    private var lines = 0
    private var suppressed = 0

    init(_ log: Logger) { self.log = log }

    func warning(_ message: Logger.Message, _ metadata: Logger.Metadata) {
        let now = NIODeadline.now()
        if now >= second + .seconds(1) {
            if suppressed > 0 { log.warning("more of the same", metadata: ["lines": "\(suppressed)"]) }
            (second, lines, suppressed) = (now, 0, 0)
        }
        lines += 1
        if lines > Self.linesPerSecond {
            suppressed += 1
        } else {
            log.warning(message, metadata: metadata)
        }
    }
}
