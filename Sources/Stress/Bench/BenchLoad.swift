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
    private var contexts: [[UInt8]]
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
        random = SplitMix64(seed: settings.seed)
        clients = (0..<settings.connections).map {
            BenchClient(load: self, node: $0 % settings.targets.count, number: $0)
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

    /// The next operation; nil when a client has nothing more to do.
    func nextOperation() -> (key: Int, isPut: Bool)? {
        switch phase {
        case .loading(let next) where next < frames.count:
            phase = .loading(next: next + 1)
            return (next, true)
        case .running:
            let drawn = random.next()
            let key = Int(drawn >> 32) % frames.count
            return (key, Int(drawn & 0xFFFF_FFFF) % 100 < settings.putPercentage)
        case .idle, .loading, .ending:
            return nil
        }
    }

    func frame(_ key: Int, isPut: Bool) -> [UInt8] {
        isPut ? frames.put(key, context: settings.carriesContext ? contexts[key] : []) : frames.gets[key]
    }

    func completed(key: Int, context: [UInt8], latency: TimeAmount) {
        if settings.carriesContext, !context.isEmpty { contexts[key] = context }
        guard windowBegan != nil else { return }
        window.operations += 1
        window.latencies.record(UInt64(max(0, latency.nanoseconds / 1_000)))
    }

    func failed(_ reason: String) {
        lastError = reason
        if windowBegan != nil { window.errors += 1 }
    }

    /// A client has nothing more to do.
    func rested() {
        busy -= 1
        guard busy == 0, let promise = whenIdle else { return }
        whenIdle = nil
        promise.succeed()
    }
}
