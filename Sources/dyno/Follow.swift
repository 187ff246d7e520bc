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
    /// Of each kind of violation so many are told one by one; of the rest only how many there are.
    private static let mostTold = 20

    /// Returns when the writer has closed the file or is gone.
    func watch() throws {
        var follower = try HistoryFollower(path: path)
        var checks = LiveChecks(header: follower.header)
        var found: [AnomalyType: Int] = [:]
        var reported = Date()
        while true {
            switch try follower.next() {
            case .events(let part, _):
                for violation in checks.take(part) {
                    found[violation.type, default: 0] += 1
                    if found[violation.type, default: 0] <= Self.mostTold { tell(Self.text(violation)) }
                    if found[violation.type] == Self.mostTold {
                        tell("more \(violation.type.name) are counted, and listed in the verdict")
                    }
                }
            case .nothing:
                if !quiet, Date().timeIntervalSince(reported) >= Self.reportInterval {
                    reported = Date()
                    tell("\(path): \(checks.eventCount) events so far\(Self.text(found))")
                }
                Thread.sleep(forTimeInterval: Self.interval)
            case .closed:
                if !quiet { tell("\(path): closed after \(checks.eventCount) events\(Self.text(found))") }
                return
            case .abandoned:
                tell(
                    "\(path): its writer is gone and never closed it, after \(checks.eventCount) events"
                        + Self.text(found))
                return
            }
        }
    }

    /// How many violations there are, for the end of a line.
    private static func text(_ found: [AnomalyType: Int]) -> String {
        AnomalyType.allCases.compactMap { type in found[type].map { ", \($0) \(type.name)" } }.joined()
    }

    /// A violation as a line.
    static func text(_ violation: LiveViolation) -> String {
        "event \(violation.event): \(violation.type.name): \(violation.message)"
    }

    private func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
