import History
import NIOCore
import Synchronization

/// Runs the client processes of a workload against a store. An actor whose executor is the event loop: the generator, all
/// connections and the sink are used on that one thread.
public actor LoadRunner {
    /// How long a client rests that could reach no node.
    private static let rest: Duration = .milliseconds(50)
    /// The longest a waiting client takes to notice ``stop()``.
    private static let attention: Duration = .milliseconds(100)

    private let workload: Workload
    private let endpoints: [NodeEndpoint]
    private let sink: any EventSink
    private let driver: any Driver
    private nonisolated let eventLoop: any EventLoop
    private nonisolated let executor: any SerialExecutor
    private nonisolated let meter = LoadMeter()
    private nonisolated let stopFlag = StopFlag()

    private var generator: Generator
    private let seats: [ClientSeat]
    private let roster: Roster
    /// Operations under way, by node, and who waits for one of them to end.
    private var underWay: [Int]
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var pace = Pace(rate: nil, from: .now)
    /// Operations of the load that were begun or are waiting for their time.
    private var begun = 0
    private var keysWritten: [String] = []
    private var knownKeys: Set<String> = []
    private var board = FinalReadBoard(keys: [], nodes: 1)
    private var map = RingMap()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - seed: replaces the workload's own, so that one file serves many runs.
    ///   - endpoints: the nodes, in an order that is the same in every run.
    ///   - sink: takes every invocation and completion.
    ///   - absent: those of the nodes that clients are not told of before ``turn(to:)`` names them.
    ///   - driver: how the clients speak to the store.
    public init(
        workload: Workload, seed: UInt64, endpoints: [NodeEndpoint], absent: Set<String> = [], sink: any EventSink,
        eventLoop: any EventLoop, driver: any Driver = RiakDriver()
    ) {
        self.workload = workload
        self.endpoints = endpoints
        self.sink = sink
        self.driver = driver
        self.eventLoop = eventLoop
        executor = eventLoop.executor
        generator = Generator(workload: workload, seed: seed)
        let roster = Roster(
            count: endpoints.count, absent: Set(endpoints.indices.filter { absent.contains(endpoints[$0].name) }))
        self.roster = roster
        underWay = endpoints.map { _ in 0 }
        seats =
            endpoints.isEmpty
            ? []
            : (0..<max(0, workload.clients)).map {
                ClientSeat(number: $0, seats: workload.clients, nodes: endpoints.count, roster: roster)
            }
    }

    /// Tells the clients which nodes there are, as who runs a store tells the load balancer before a node is taken away. What is
    /// under way at a node that is named no more goes on, and has ended when this returns; then nobody is connected to it.
    public func turn(to names: Set<String>) async {
        roster.keep(Set(endpoints.indices.filter { names.contains(endpoints[$0].name) }))
        map = RingMap()
        while endpoints.indices.contains(where: { !roster.contains($0) && underWay[$0] > 0 }) {
            await withCheckedContinuation { waiting.append($0) }
        }
        for seat in seats { seat.closeDeparted() }
    }

    private func began(at node: Int) { underWay[node] += 1 }

    private func ended(at node: Int) {
        underWay[node] -= 1
        let waiting = waiting
        self.waiting = []
        for one in waiting { one.resume() }
    }

    /// The load as it stands now; from any thread.
    public nonisolated var snapshot: LoadSnapshot { meter.snapshot() }

    /// Lets ``runLoad(atLeast:)`` end once the operations in flight are completed; from any thread.
    public nonisolated func stop() { stopFlag.raise() }

    /// Runs until the workload's length is reached, `atLeast` has passed and nothing holds it any more, or ``stop()``.
    /// Ends at most a client timeout (and a connection's half second) after that.
    ///
    /// - Parameter isHeld: whether something is under way that the load must outlast. It holds it a minute, no longer.
    public func runLoad(
        atLeast: Duration = .zero, while isHeld: @escaping @Sendable () -> Bool = { false }
    ) async -> LoadResult {
        let start = ContinuousClock.now
        pace = Pace(rate: workload.rate, from: start)
        let end = LoadEnd(length: workload.length, start: start, atLeast: atLeast, isHeld: isHeld)
        await withTaskGroup(of: Void.self) { group in
            for position in seats.indices {
                group.addTask { await self.runClient(position, until: end) }
            }
        }
        closeAll()
        var result = LoadResult()
        result.snapshot = meter.snapshot()
        result.duration = ContinuousClock.now - start
        result.keysWritten = keysWritten
        result.stopped = stopFlag.isRaised
        return result
    }

    private func runClient(_ position: Int, until end: LoadEnd) async {
        let seat = seats[position]
        while !stopFlag.isRaised, !end.isReached(begun: begun, at: .now) {
            begun += 1
            guard await wait(until: pace.ticket(at: .now)) else { return }
            // A client that waited for its time past the end of the load has nothing more to do.
            guard !end.isPast(.now) else { return }
            let operation = generator.next(process: seat.process)
            if workload.client == .ringAware {
                await steer(seat, to: operation.key)
            } else {
                seat.settle(at: .now)
            }
            _ = await perform(operation, seat, timeout: workload.clientTimeout)
            if seat.isStranded { guard await wait(until: .now + Self.rest) else { return } }
        }
    }

    /// Reads each of `keys` (nil: every key that the load wrote) through two different nodes, with `r` of the workload's
    /// `final-reads`; failed reads are tried again, elsewhere, until `timeout`.
    public func runFinalReads(keys: [String]? = nil, timeout: Duration) async -> FinalReadResult {
        let open = roster.open
        guard !open.isEmpty else { return FinalReadResult(ok: 0, unread: keys ?? keysWritten) }
        board = FinalReadBoard(keys: keys ?? keysWritten, nodes: open.count)
        let deadline = ContinuousClock.now + timeout
        await withTaskGroup(of: Void.self) { group in
            for position in seats.indices {
                group.addTask { await self.runFinalReader(position, open, until: deadline) }
            }
        }
        closeAll()
        return FinalReadResult(ok: board.succeeded, unread: board.unread)
    }

    /// - Parameter open: the nodes that the board counts, as positions in the list of endpoints.
    private func runFinalReader(_ position: Int, _ open: [Int], until deadline: ContinuousClock.Instant) async {
        let seat = seats[position]
        var near = position % open.count
        while true {
            let left = deadline - .now
            guard left > .zero, let job = board.take(near: near) else { return }
            near = job.node
            seat.move(to: open[job.node])
            let operation = Operation(
                process: seat.process, key: job.key, action: .get(r: workload.finalReadR))
            let reply = await perform(operation, seat, timeout: min(left, workload.clientTimeout))
            if case .read = reply {
                board.succeed(job)
            } else {
                board.fail(job)
                await sleep(until: min(deadline, .now + Self.rest))
            }
        }
    }

    // MARK: - One operation

    /// Turns a client that knows the ring to a home of the key; where nobody tells, it stays where it is.
    private func steer(_ seat: ClientSeat, to key: String) async {
        if !roster.contains(seat.node) { seat.settle(at: .now) }
        if !map.knows(key, at: .now) {
            let asked = seat.node
            began(at: asked)
            defer { ended(at: asked) }
            guard let session = try? await session(of: seat),
                let question = session.homes(of: key, timeout: workload.clientTimeout)
            else { return }
            let names = try? await value(of: question)
            seat.leaveIfBroken(at: .now)
            guard let names else { return }
            let homes = names.compactMap { name in endpoints.firstIndex { $0.name == name } }
            map.learn(key, homes.filter(roster.contains), at: .now)
        }
        if let node = map.home(of: key, for: seat.process, at: .now) { seat.turn(to: node) }
    }

    /// Does an operation and records its two events.
    private func perform(_ operation: Operation, _ seat: ClientSeat, timeout: Duration) async -> Reply {
        let began = ContinuousClock.now
        let node = seat.node
        sink.record(OperationEvents.invocation(of: operation, node: endpoints[seat.node].name))
        meter.began()
        self.began(at: node)
        defer { ended(at: node) }
        if operation.write != nil, knownKeys.insert(operation.key).inserted { keysWritten.append(operation.key) }
        let reply = await exchange(operation, seat, timeout: timeout)
        let now = ContinuousClock.now
        let event = OperationEvents.completion(of: operation, reply)
        sink.record(event)
        var versions = 0
        if case .read(let answer) = reply {
            versions = answer.versions.count
            generator.learn(answer, from: operation)
        }
        meter.completed(operation.function, event.type, latency: now - began, versions: versions)
        if event.type != .ok { map.missed(node, key: operation.key, at: now) }
        if event.type == .info { retire(seat) }
        seat.leaveIfBroken(at: now)
        return reply
    }

    private func exchange(_ operation: Operation, _ seat: ClientSeat, timeout: Duration) async -> Reply {
        do {
            let session = try await session(of: seat)
            return try await value(of: session.perform(operation, timeout: timeout))
        } catch let failure as ConnectFailure {
            return .refused(failure.reason)
        } catch {
            // A driver never fails the future of an operation; one that did has said nothing about the effect.
            return .unknown("\(error)")
        }
    }

    private struct ConnectFailure: Error {
        var reason: String
    }

    private func session(of seat: ClientSeat) async throws -> any DriverSession {
        if let session = seat.openSession { return session }
        do {
            let session = try await value(of: driver.connect(to: endpoints[seat.node], on: eventLoop))
            seat.connected(session)
            return session
        } catch {
            seat.connectFailed(at: .now)
            throw ConnectFailure(reason: "not sent: no connection")
        }
    }

    /// The process in `seat` must make no further operation: nobody knows what its last one did.
    private func retire(_ seat: ClientSeat) {
        generator.retire(process: seat.process)
        seat.replaceProcess()
        meter.retired()
    }

    private func closeAll() {
        for seat in seats { seat.close() }
    }

    // MARK: - Waiting

    /// False when ``stop()`` came first.
    private func wait(until time: ContinuousClock.Instant) async -> Bool {
        while !stopFlag.isRaised {
            let now = ContinuousClock.now
            if time <= now { return true }
            await sleep(until: min(time, now + Self.attention))
        }
        return false
    }

    private func sleep(until time: ContinuousClock.Instant) async {
        let delay = TimeAmount(max(.zero, time - .now))
        await withCheckedContinuation { continuation in
            _ = eventLoop.scheduleTask(in: delay) { continuation.resume() }
        }
    }

    /// The result of a future without leaving the event loop; its own `get()` would go by way of another thread.
    private func value<Value: Sendable>(of future: EventLoopFuture<Value>) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            future.whenComplete { continuation.resume(with: $0) }
        }
    }
}

/// When a load is over.
private struct LoadEnd: Sendable {
    let length: Workload.Length
    let start: ContinuousClock.Instant
    let atLeast: Duration
    let isHeld: @Sendable () -> Bool
    /// How long it can be held.
    private static let patience = Duration.seconds(60)

    private func isHeld(_ now: ContinuousClock.Instant) -> Bool {
        now - start < atLeast || (now - start < atLeast + Self.patience && isHeld())
    }

    /// Whether no further operation is begun.
    func isReached(begun: Int, at now: ContinuousClock.Instant) -> Bool {
        if isHeld(now) { return false }
        switch length {
        case .operations(let count): return begun >= count
        case .duration(let duration): return now - start >= duration
        }
    }

    /// Whether the time of the load, if it is measured in time, has run out.
    func isPast(_ now: ContinuousClock.Instant) -> Bool {
        guard case .duration(let duration) = length else { return false }
        return now - start >= duration && !isHeld(now)
    }
}

/// Raised once, from any thread.
private final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}
