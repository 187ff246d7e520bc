import Histogram
import History
import Synchronization

/// Counts what a load does; written on the event loop, read from any thread.
final class LoadMeter: Sendable {
    private struct State: ~Copyable {
        var counts = LoadSnapshot()
        var window = RateWindow()
        /// Latencies in microseconds, three digits, up to ten minutes (the longest client timeout); longer ones grow it.
        var latencies = Histogram<UInt32>(highestTrackableValue: 600_000_000)
    }

    private let start = ContinuousClock.now
    private let state: Mutex<State>

    init() {
        var state = State()
        state.latencies.autoResize = true
        self.state = Mutex(state)
    }

    func began() {
        state.withLock { $0.counts.inFlight += 1 }
    }

    /// - Parameter versions: how many a read returned.
    func completed(_ function: Function, _ type: EventType, latency: Duration, versions: Int) {
        let tick = currentTick()
        let microseconds = UInt64(max(0, latency / .microseconds(1)))
        state.withLock { state in
            state.counts.inFlight -= 1
            state.counts.count(function, type)
            if versions > 1 { state.counts.siblingReads += 1 }
            state.window.add(at: tick)
            state.latencies.record(microseconds)
        }
    }

    func retired() {
        state.withLock { $0.counts.retiredProcesses += 1 }
    }

    func snapshot() -> LoadSnapshot {
        let tick = currentTick()
        return state.withLock { state in
            var snapshot = state.counts
            snapshot.operationsPerSecond = state.window.perSecond(at: tick)
            guard state.latencies.totalCount > 0 else { return snapshot }
            snapshot.latency.p50 = state.latencies.valueAtPercentile(50)
            snapshot.latency.p99 = state.latencies.valueAtPercentile(99)
            snapshot.latency.p999 = state.latencies.valueAtPercentile(99.9)
            snapshot.latency.max = state.latencies.max
            return snapshot
        }
    }

    private func currentTick() -> Int {
        Int((ContinuousClock.now - start) / RateWindow.tick)
    }
}

/// How many events there were in the last second, to a tenth of it.
struct RateWindow: Sendable {
    static let tick: Duration = .milliseconds(100)
    private static let ticks = 10

    /// The running tick and the ten before it, by tick number modulo their count.
    private var buckets = [Int](repeating: 0, count: ticks + 1)
    private var latest = 0

    init() {}

    mutating func add(at tick: Int) {
        advance(to: tick)
        buckets[latest % buckets.count] += 1
    }

    /// The ten whole ticks before the running one.
    mutating func perSecond(at tick: Int) -> Double {
        advance(to: tick)
        return Double(buckets.reduce(0, +) - buckets[latest % buckets.count])
    }

    private mutating func advance(to tick: Int) {
        guard tick > latest else { return }
        for passed in (latest + 1)...min(tick, latest + buckets.count) { buckets[passed % buckets.count] = 0 }
        latest = tick
    }
}

extension LoadSnapshot {
    fileprivate mutating func count(_ function: Function, _ type: EventType) {
        switch function {
        case .get: gets.count(type)
        case .put: puts.count(type)
        case .delete: deletes.count(type)
        default: break
        }
    }
}

extension OutcomeCounts {
    fileprivate mutating func count(_ type: EventType) {
        switch type {
        case .ok: ok += 1
        case .fail: fail += 1
        case .info: info += 1
        case .invoke: break
        }
    }
}
