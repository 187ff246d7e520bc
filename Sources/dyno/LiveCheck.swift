import Checkers
import Foundation
import History
import Synchronization

/// Counts, while a run goes on, the anomalies that are certain already: what the run has sealed is checked now and then.
///
/// Only the checkers that need no end of the run are asked, and never for more than a small part of the time.
final class LiveCheck: Sendable {
    /// A check rests for so many times as long as it took.
    private static let restFactor = 25.0
    /// Seconds between two checks, at least.
    private static let shortestRest = 4.0
    private static let checkers: [CheckerName] = [.siblings, .causality]

    private let path: String
    private let found = Mutex<Int?>(nil)
    private let stopped = Mutex(false)
    private let queue = DispatchQueue(label: "live check", qos: .utility)

    init(path: String) { self.path = path }

    /// Nil before the first check.
    var count: Int? { found.withLock { $0 } }

    func start() { schedule(after: Self.shortestRest) }
    func stop() { stopped.withLock { $0 = true } }

    private func schedule(after seconds: Double) {
        queue.asyncAfter(deadline: .now() + seconds) { [weak self] in self?.check() }
    }

    private func check() {
        guard !stopped.withLock({ $0 }) else { return }
        let clock = ContinuousClock()
        let took = clock.measure {
            // A block that is being written just now is no error: the next check sees it.
            guard let history = try? HistoryFile.read(path: path), (try? history.validate(file: path)) != nil else {
                return
            }
            let verdict = Checkers.check(history, checkers: Self.checkers, maxAnomalies: 0)
            let count = verdict.checkers.reduce(0) { $0 + $1.result.anomalyCount }
            found.withLock { $0 = count }
        }
        schedule(after: max(Self.shortestRest, took / .seconds(1) * Self.restFactor))
    }
}
