import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Shows how a run goes: one line that is rewritten where the output is a terminal, a plain line every few seconds where it is not.
public final class RunProgress: Sendable {
    /// Seconds between two plain lines.
    private static let plainInterval: TimeInterval = 5

    private struct State {
        var status = ""
        var lastPlain = Date.distantPast
    }

    private let isTerminal: Bool
    private let isQuiet: Bool
    private let state = Mutex(State())

    /// Writes to standard error, so that standard output carries nothing but results.
    public init(quiet: Bool = false) {
        isTerminal = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        isQuiet = quiet
    }

    /// A line that stays.
    public func say(_ line: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            write((isTerminal && !state.status.isEmpty ? "\r\u{1B}[K" : "") + line + "\n")
            if isTerminal, !state.status.isEmpty { write(state.status) }
        }
    }

    /// What is going on now; replaces what was said before.
    public func status(_ line: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            if isTerminal {
                state.status = line
                write("\r\u{1B}[K" + line)
            } else if Date().timeIntervalSince(state.lastPlain) >= Self.plainInterval {
                state.lastPlain = Date()
                write(line + "\n")
            }
        }
    }

    /// Removes the status line.
    public func clear() {
        state.withLock { state in
            if isTerminal, !state.status.isEmpty { write("\r\u{1B}[K") }
            state.status = ""
        }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
