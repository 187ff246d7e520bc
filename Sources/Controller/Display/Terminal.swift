import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What is known of the terminal behind a file descriptor.
public struct Terminal: Sendable {
    /// Whether there is one that understands cursor movements.
    public let isSteerable: Bool
    /// Whether colours are wanted on it (no-color.org: `NO_COLOR` set to anything but nothing forbids them).
    public let hasColour: Bool
    private let descriptor: Int32

    public init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.descriptor = descriptor
        let term = environment["TERM"] ?? ""
        isSteerable = isatty(descriptor) == 1 && !term.isEmpty && term != "dumb"
        hasColour = isSteerable && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// How wide it is now; nil when it is no terminal or does not tell.
    public var columns: Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}
