import Checkers
import Controller
import Dispatch
import History
import Synchronization

/// Ends the load of a run at the first violation that is certain.
final class FailFast: Sendable {
    private let progress: RunProgress
    private let interruption: Interruption
    private let checks: Mutex<LiveChecks?>

    init(progress: RunProgress, interruption: Interruption) {
        self.progress = progress
        self.interruption = interruption
        checks = Mutex(nil)
    }

    /// Takes the next events of the run.
    func take(_ part: History) {
        let violations = checks.withLock { checks in
            if checks == nil { checks = LiveChecks(header: part.header) }
            return checks?.take(part) ?? []
        }
        guard !violations.isEmpty else { return }
        progress.clear()
        for violation in violations.prefix(10) { progress.say(Follow.text(violation)) }
        if violations.count > 10 { progress.say("and \(violations.count - 10) more") }
        if !interruption.isInterrupted { progress.say("a violation is certain: the load ends here (--fail-fast)") }
        // Not from here: what ends the load may have an event to record, and wait until this call is over.
        DispatchQueue.global().async { [interruption] in interruption.interrupt() }
    }
}
