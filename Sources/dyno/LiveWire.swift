import Foundation
import Wire

/// `dyno wire RUN --live`: what passes the network of a run that goes on, by link and by kind of message, again each second.
struct LiveWire {
    /// The run's directory.
    let directory: String

    private var file: URL { URL(fileURLWithPath: directory).appendingPathComponent("wire.json") }
    /// How often, in microseconds, it is looked whether there is something new; the run writes twice a second.
    private static let interval: UInt32 = 250_000
    /// Until a run that begins has its load on, in seconds.
    private static let patience = 30.0

    /// Shows what there is until the load of the run has ended.
    ///
    /// - Throws: `Failure` when the directory is no run, or nothing is published there in 30 seconds.
    func follow(seconds: Double = 1) throws {
        let history = URL(fileURLWithPath: directory).appendingPathComponent("history.dyno").path
        guard FileManager.default.fileExists(atPath: history) else {
            throw Failure.unusable("\(directory) is not the directory of a run: it has no history.dyno")
        }
        var before: (report: WireReport, time: Double)?
        let began = ProcessInfo.processInfo.systemUptime
        while true {
            let now = ProcessInfo.processInfo.systemUptime
            if let report = read() {
                if let last = before, now - last.time >= seconds {
                    show(WireText.live(from: last.report, to: report, seconds: now - last.time))
                    before = (report, now)
                } else if before == nil {
                    before = (report, now)
                }
            } else if before != nil {
                print("the load of the run has ended: dyno wire \(history) has all of it")
                return
            } else if now - began > Self.patience {
                throw Failure.unusable(
                    "\(directory): no load is on, or its network is not read (network: relay); "
                        + "dyno wire \(history) shows what a run left")
            }
            usleep(Self.interval)
        }
    }

    private func read() -> WireReport? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        return try? JSONDecoder().decode(WireReport.self, from: data)
    }

    /// On a terminal in the place of what was shown before.
    private func show(_ text: String) {
        if isatty(STDOUT_FILENO) == 1 { print("\u{1B}[H\u{1B}[2J", terminator: "") }
        print(text)
        if isatty(STDOUT_FILENO) != 1 { print("") }
        fflush(nil)
    }
}
