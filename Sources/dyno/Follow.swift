import Checkers
import Foundation
import History

/// Watches a history that a run is writing, and tells on standard error what is certain already.
struct Follow {
    let path: String
    /// Tell of violations only.
    let quiet: Bool

    /// How often it looks, and how often it says how far the history is, in seconds.
    private static let interval = 0.2
    private static let reportInterval = 5.0

    /// Returns when the writer has closed the file or is gone.
    func watch() throws {
        var follower = try HistoryFollower(path: path)
        var checks = LiveChecks(header: follower.header)
        var reported = Date()
        while true {
            switch try follower.next() {
            case .events(let part, _):
                for violation in checks.take(part) { tell(Self.text(violation)) }
            case .nothing:
                if !quiet, Date().timeIntervalSince(reported) >= Self.reportInterval {
                    reported = Date()
                    tell("\(path): \(checks.eventCount) events so far")
                }
                Thread.sleep(forTimeInterval: Self.interval)
            case .closed:
                if !quiet { tell("\(path): closed after \(checks.eventCount) events") }
                return
            case .abandoned:
                tell("\(path): its writer is gone and never closed it, after \(checks.eventCount) events")
                return
            }
        }
    }

    /// A violation as a line.
    static func text(_ violation: LiveViolation) -> String {
        "event \(violation.event): \(violation.type.name): \(violation.message)"
    }

    private func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
