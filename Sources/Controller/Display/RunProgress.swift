import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Shows how a run goes: a few lines that are drawn again in place where the output is a terminal, a plain line every few
/// seconds where it is not.
///
/// Writes to standard error, so that standard output carries nothing but results.
public final class RunProgress: Sendable {
    /// Seconds between two plain lines.
    private static let plainInterval: TimeInterval = 5
    /// Of a terminal that does not tell.
    private static let usualWidth = 80

    private struct State {
        /// What stands on the terminal below the last line that stays.
        var drawn: [String] = []
        var rates: [Double] = []
        var lastPlain = Date.distantPast
        var anomalies: (@Sendable () -> Int?)?
    }

    private let terminal = Terminal(descriptor: STDERR_FILENO)
    private let isQuiet: Bool
    private let state = Mutex(State())

    public init(quiet: Bool = false) { isQuiet = quiet }

    /// Where to ask how many anomalies are certain already.
    public func watchAnomalies(_ count: @escaping @Sendable () -> Int?) {
        state.withLock { $0.anomalies = count }
    }

    /// A line that stays.
    public func say(_ line: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            write(erasure(state) + line + "\n" + state.drawn.joined(separator: "\n"))
        }
    }

    /// How the run stands now; replaces what was shown before.
    public func show(_ status: RunStatus) {
        guard !isQuiet else { return }
        state.withLock { state in
            var status = status
            state.rates = (state.rates + status.rates).suffix(RunDisplay.sparklineLength)
            status.rates = state.rates
            status.anomalies = state.anomalies?()
            if terminal.isSteerable {
                // One column stays free: some terminals wrap as soon as the last one is written.
                let width = max(10, (terminal.columns ?? Self.usualWidth) - 1)
                let before = erasure(state)
                state.drawn = RunDisplay.lines(status, width: width, colour: terminal.hasColour)
                write(before + state.drawn.joined(separator: "\n"))
            } else if Date().timeIntervalSince(state.lastPlain) >= Self.plainInterval {
                state.lastPlain = Date()
                write(RunDisplay.plain(status) + "\n")
            }
        }
    }

    /// Removes what does not stay.
    public func clear() {
        state.withLock { state in
            write(erasure(state))
            state.drawn = []
        }
    }

    /// Leaves the cursor where the display began, with nothing behind it.
    private func erasure(_ state: State) -> String {
        guard !state.drawn.isEmpty else { return "" }
        let up = state.drawn.count > 1 ? "\u{1B}[\(state.drawn.count - 1)A" : ""
        return "\r\(up)\u{1B}[J"
    }

    private func write(_ text: String) {
        guard !text.isEmpty else { return }
        FileHandle.standardError.write(Data(text.utf8))
    }
}
