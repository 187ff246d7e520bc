/// A place for one client process at a time, with its connection. Belongs to the load runner and its event loop.
final class ClientSeat {
    /// How long a client stays away from its own node after that failed it.
    private static let absence: Duration = .seconds(3)

    /// The process that sits here now.
    private(set) var process: Int64
    /// The node that this seat's clients speak to while it answers, as a position in the list of endpoints.
    private let home: Int
    private let roster: Roster
    private let seats: Int
    private(set) var node: Int
    private var leftHome: ContinuousClock.Instant?
    /// Connections that failed, one after the other.
    private(set) var failures = 0
    /// By node. A client that knows the ring keeps several, any other one.
    private var sessions: [Int: any DriverSession] = [:]

    /// - Parameter nodes: positions in the list of endpoints, whether they are open or not.
    init(number: Int, seats: Int, nodes: Int, roster: Roster) {
        process = Int64(number)
        home = number % nodes
        node = roster.contains(home) ? home : roster.next(after: home)
        self.roster = roster
        self.seats = seats
    }

    /// The connection, while it takes operations.
    var openSession: (any DriverSession)? {
        guard let session = sessions[node], session.isOpen else { return nil }
        return session
    }

    /// Whether no node could be reached in a whole round.
    var isStranded: Bool { failures >= roster.open.count }

    /// Before an operation: goes back to the own node once it had time to recover, and away from one that is closed.
    func settle(at now: ContinuousClock.Instant) {
        if node != home, roster.contains(home), leftHome.map({ now - $0 >= Self.absence }) ?? true {
            move(to: home)
        } else if !roster.contains(node) {
            move(to: roster.next(after: node))
        }
    }

    /// Drops the connections to nodes that are closed.
    func closeDeparted() {
        for node in sessions.keys where !roster.contains(node) { sessions.removeValue(forKey: node)?.close() }
    }

    func connected(_ session: any DriverSession) {
        sessions[node] = session
        failures = 0
    }

    func connectFailed(at now: ContinuousClock.Instant) {
        failures += 1
        moveOn(at: now)
    }

    /// After an operation: a connection that broke sends the client to the next node.
    func leaveIfBroken(at now: ContinuousClock.Instant) {
        guard sessions[node] != nil, openSession == nil else { return }
        moveOn(at: now)
    }

    /// Speaks to `node` from now on.
    func move(to node: Int) {
        leftHome = nil
        guard node != self.node else { return }
        close()
        self.node = node
    }

    /// Speaks to `node` for the next operation; connections to others stay.
    func turn(to node: Int) {
        leftHome = nil
        self.node = node
    }

    /// The process ends; a new one takes its place. Numbers of one seat differ by the number of seats, so that all are distinct.
    func replaceProcess() {
        process += Int64(seats)
    }

    func close() {
        for session in sessions.values { session.close() }
        sessions = [:]
    }

    private func moveOn(at now: ContinuousClock.Instant) {
        sessions.removeValue(forKey: node)?.close()
        node = roster.next(after: node)
        leftHome = node == home ? nil : now
    }
}
