import Foundation

/// Times as a person reads them.
enum Text {
    static func seconds(_ duration: Duration) -> String { String(format: "%.1f s", duration / .seconds(1)) }

    /// - Parameter microseconds: a latency.
    static func milliseconds(_ microseconds: UInt64) -> String {
        String(format: "%.1f ms", Double(microseconds) / 1000)
    }
}
