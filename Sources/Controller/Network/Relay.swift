import Foundation
import Nemesis
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Carries every connection between nodes through this process, on a thread of its own, and does to it what the rules say.
final class Relay: Sendable {
    /// Where one node dials another: what is accepted there goes on to the target.
    struct Route: Sendable {
        var link: DirectedLink
        var listener: Int32
        var host: String
        var port: Int
    }

    private struct State {
        var rules = RelayRules()
        /// The version that the thread goes by.
        var obeyed = 0
        var isStopped = false
    }

    /// How long a change may take until the thread goes by it.
    private static let changeLimit: TimeInterval = 2

    let evidence = RelayEvidence()
    private let routes: [Route]
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())
    private let changed = NSCondition()
    /// Written to end a wait: the reading end and the writing one.
    private let wake: (read: Int32, write: Int32)

    /// - Parameter now: nanoseconds since the run began.
    init(routes: [Route], now: @escaping @Sendable () -> Int64) throws(ToolError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolError(tool: ["relay"], reason: String(cString: strerror(errno)))
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        }
        wake = (ends[0], ends[1])
        self.routes = routes
        self.now = now
        Thread.detachNewThread { [self] in carry() }
    }

    /// Changes the rules and returns when the thread goes by them.
    ///
    /// Throws ``ToolError`` when it does not within a limit: then nothing is known of what is in force.
    func change(_ body: (inout RelayRules) -> Void) throws(ToolError) {
        let version = state.withLock { state in
            body(&state.rules)
            state.rules.version += 1
            return state.rules.version
        }
        wakeUp()
        let deadline = Date(timeIntervalSinceNow: Self.changeLimit)
        changed.lock()
        defer { changed.unlock() }
        while state.withLock({ $0.obeyed < version }) {
            guard changed.wait(until: deadline) else {
                throw ToolError(tool: ["relay"], reason: "does not answer")
            }
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp()
    }

    private func wakeUp() {
        var byte: UInt8 = 0
        _ = write(wake.write, &byte, 1)
    }

    // MARK: - The thread

    private func carry() {
        var connections: [RelayConnection] = []
        var rules = RelayRules()
        var room = [UInt8](repeating: 0, count: 65_536)
        var accepted: UInt64 = 0
        while true {
            let (latest, isStopped) = state.withLock { ($0.rules, $0.isStopped) }
            if isStopped { break }
            if latest.version != rules.version {
                rules = latest
                for connection in connections { connection.obey(rules, at: now()) }
                changed.lock()
                state.withLock { $0.obeyed = rules.version }
                changed.broadcast()
                changed.unlock()
            }
            connections.removeAll(where: \.isOver)
            var polled = waitList(connections, rules)
            poll(&polled, nfds_t(polled.count), timeout(connections, rules))
            let time = now()
            if polled[0].revents != 0 { while recvByte() {} }
            for (index, connection) in connections.enumerated() {
                let place = 1 + routes.count + 2 * index
                connection.handleNear(polled[place].revents, rules, at: time, &room)
                connection.handleFar(polled[place + 1].revents, rules, at: time, &room)
            }
            for (index, route) in routes.enumerated() where polled[1 + index].revents != 0 {
                while case let near = RelaySocket.accept(route.listener), near >= 0 {
                    accepted += 1
                    let connection = RelayConnection(
                        near: near, link: route.link, target: (route.host, route.port), evidence: evidence,
                        seed: accepted)
                    connection.obey(rules, at: time)
                    connections.append(connection)
                }
            }
        }
        for connection in connections { connection.abort() }
        for route in routes { close(route.listener) }
    }

    /// The wake-up first, then the listeners, then two for each connection.
    private func waitList(_ connections: [RelayConnection], _ rules: RelayRules) -> [pollfd] {
        let time = now()
        var polled = [pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)]
        polled.reserveCapacity(1 + routes.count + 2 * connections.count)
        for route in routes { polled.append(pollfd(fd: route.listener, events: Int16(POLLIN), revents: 0)) }
        for connection in connections {
            for (descriptor, events) in [
                (connection.near, connection.nearEvents(rules, at: time)),
                (connection.farDescriptor, connection.farEvents(rules, at: time)),
            ] {
                // One that nothing is waited of would still tell of its end, again and again.
                polled.append(pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0))
            }
        }
        return polled
    }

    /// Milliseconds until the next piece is due; rounded up, so that it is.
    private func timeout(_ connections: [RelayConnection], _ rules: RelayRules) -> Int32 {
        let dues = connections.compactMap { $0.nextDue(rules) }
        guard let due = dues.min() else { return 1_000 }
        let wait = due - now()
        return wait <= 0 ? 0 : Int32(min(1_000, wait / 1_000_000 + 1))
    }

    private func recvByte() -> Bool {
        var byte: UInt8 = 0
        return read(wake.read, &byte, 1) == 1
    }
}
