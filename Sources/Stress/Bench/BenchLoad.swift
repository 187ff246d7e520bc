import Dynamo
import Histogram
import NIOCore
import NIOPosix
import Workload

/// A closed loop of clients against a store: each has one operation under way and begins the next as soon as it is
/// answered.
///
/// Everything here belongs to one event loop. An operation that fails is tried again at another node, and its latency
/// counts from its first attempt: an error is no way to look fast.
final class BenchLoad {
    struct Settings {
        /// Clients, each with one operation under way.
        var connections: Int
        /// Puts in a hundred operations; the others are gets.
        var putPercentage: Int
        var targets: [NodeEndpoint]
        /// Each put passes back the context that the last answer about its key had.
        var carriesContext: Bool
        /// By key: the nodes to ask, in order; nil: each client speaks to a node of its own.
        var routes: [[Int]]?
        /// How long an attempt may take before it is given up.
        var patience: TimeAmount
        var seed: UInt64
        /// Each key is written by one client only, with a stamp in each value: then the last acknowledged one must be found.
        var stampsKeys = false
        /// Targets that clients are not told of before ``turn(to:)``.
        var absent: Set<Int> = []
    }

    /// What a window of time came to.
    struct Window {
        var operations = 0
        /// Attempts that failed.
        var errors = 0
        /// Nanoseconds of wall clock.
        var duration: Int64 = 0
        /// In microseconds.
        var latencies = Histogram<UInt64>(highestTrackableValue: 3_600_000_000)
    }

    private enum Phase {
        case idle
        case loading(next: Int)
        case running
        /// Nothing new is begun.
        case ending
    }

    let eventLoop: any EventLoop
    let settings: Settings
    let frames: BenchFrames
    /// The last error, for whoever wonders about the count.
    private(set) var lastError: String?
    /// The first in any window.
    private(set) var firstError: String?
    private var contexts: [[UInt8]]
    /// By key: of the last put that was acknowledged; 0: none was.
    private(set) var stamps: [UInt64]
    private var lastStamp: UInt64 = 0
    /// Targets that clients may turn to, in order.
    private(set) var present: [Int]
    private var whenDeparted: EventLoopPromise<Void>?
    private var random: SplitMix64
    private var clients: [BenchClient] = []
    private var phase = Phase.idle
    private var window = Window()
    private var windowBegan: NIODeadline?
    private var busy = 0
    private var whenIdle: EventLoopPromise<Void>?
    private var housekeeping: RepeatedTask?

    /// Attempts are checked for their time this often.
    private static let tick = TimeAmount.milliseconds(10)

    init(settings: Settings, frames: BenchFrames, eventLoop: any EventLoop) {
        self.settings = settings
        self.frames = frames
        self.eventLoop = eventLoop
        contexts = Array(repeating: [], count: frames.count)
        stamps = Array(repeating: 0, count: frames.count)
        let present = settings.targets.indices.filter { !settings.absent.contains($0) }
        self.present = present
        random = SplitMix64(seed: settings.seed)
        clients = (0..<settings.connections).map {
            BenchClient(load: self, node: present[$0 % present.count], number: $0)
        }
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        housekeeping = eventLoop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
            let now = NIODeadline.now()
            for client in here.value.clients { client.giveUpIfLate(at: now) }
        }
    }

    // MARK: What the measurement does

    /// Writes every key once; the future completes when that is done.
    func fill() -> EventLoopFuture<Void> {
        phase = .loading(next: 0)
        return beginAll()
    }

    /// Lets all clients begin; they go on until ``end()``.
    func run() {
        phase = .running
        _ = beginAll()
    }

    /// From now on operations count.
    func beginWindow() {
        window = Window()
        windowBegan = NIODeadline.now()
    }

    /// The window is over: nothing new is begun, and once what is under way has been answered (its latency counts, it
    /// does not) the future tells what the window came to.
    func end() -> EventLoopFuture<Window> {
        let count = window.operations
        let errors = window.errors
        let duration = (NIODeadline.now() - (windowBegan ?? .now())).nanoseconds
        phase = .ending
        let promise = eventLoop.makePromise(of: Void.self)
        if busy == 0 { promise.succeed() } else { whenIdle = promise }
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        return promise.futureResult.map {
            var result = here.value.window
            here.value.windowBegan = nil
            (result.operations, result.errors, result.duration) = (count, errors, duration)
            return result
        }
    }

    /// What came to pass since the window began, or the last call; a new window begins.
    func cut() -> Window {
        var window = window
        let now = NIODeadline.now()
        window.duration = (now - (windowBegan ?? now)).nanoseconds
        beginWindow()
        return window
    }

    /// Tells the clients which targets there are, at least one; the future completes when none has anything under way at
    /// another, nor a connection.
    func turn(to targets: [Int]) -> EventLoopFuture<Void> {
        present = targets
        for client in clients { client.move(to: targets[client.number % targets.count]) }
        let promise = eventLoop.makePromise(of: Void.self)
        whenDeparted?.succeed()
        whenDeparted = promise
        noteDeparture()
        return promise.futureResult
    }

    /// A client has nothing under way at the node that it was at.
    func noteDeparture() {
        guard let promise = whenDeparted else { return }
        let departed = settings.targets.indices.filter { !present.contains($0) }
        if clients.contains(where: { client in departed.contains(where: client.isBusy(at:)) }) { return }
        for client in clients { for node in departed { client.disconnect(node) } }
        whenDeparted = nil
        promise.succeed()
    }

    /// Closes everything; nothing is called after it.
    func close() {
        housekeeping?.cancel()
        for client in clients { client.close() }
        clients = []
    }

    private func beginAll() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        whenIdle = promise
        busy = clients.count
        for client in clients { client.proceed() }
        return promise.futureResult
    }

    // MARK: What clients ask and tell

    /// What a client is to do.
    struct Operation {
        var key: Int
        var isPut: Bool
        /// In the value of a put; nil: none.
        var stamp: UInt64?
    }

    /// The next operation of a client; nil when it has nothing more to do.
    func nextOperation(of client: Int) -> Operation? {
        switch phase {
        case .loading(let next) where next < frames.count:
            phase = .loading(next: next + 1)
            return Operation(key: next, isPut: true, stamp: nextStamp())
        case .running:
            let drawn = random.next()
            var key = Int(drawn >> 32) % frames.count
            let isPut = Int(drawn & 0xFFFF_FFFF) % 100 < settings.putPercentage
            if isPut, settings.stampsKeys { key = own(key, of: client) }
            return Operation(key: key, isPut: isPut, stamp: isPut ? nextStamp() : nil)
        case .idle, .loading, .ending:
            return nil
        }
    }

    private func nextStamp() -> UInt64? {
        lastStamp += 1
        return settings.stampsKeys ? lastStamp : nil
    }

    /// The key of a client that is nearest below a key.
    private func own(_ key: Int, of client: Int) -> Int {
        let own = key - key % settings.connections + client
        return own < frames.count ? own : client % frames.count
    }

    func frame(_ operation: Operation) -> [UInt8] {
        if !operation.isPut { return frames.gets[operation.key] }
        let context = settings.carriesContext ? contexts[operation.key] : []
        return frames.put(operation.key, context: context, stamp: operation.stamp)
    }

    func completed(_ operation: Operation, context: [UInt8], latency: TimeAmount) {
        if settings.carriesContext, !context.isEmpty { contexts[operation.key] = context }
        if let stamp = operation.stamp { stamps[operation.key] = stamp }
        guard windowBegan != nil else { return }
        window.operations += 1
        window.latencies.record(UInt64(max(0, latency.nanoseconds / 1_000)))
    }

    func failed(_ reason: String) {
        lastError = reason
        guard windowBegan != nil else { return }
        firstError = firstError ?? reason
        window.errors += 1
    }

    /// A client has nothing more to do.
    func rested() {
        busy -= 1
        guard busy == 0, let promise = whenIdle else { return }
        whenIdle = nil
        promise.succeed()
    }
}
