/// Durations as workload files spell them: a whole number and a unit, `250ms`, `3s`, `2m`, `1h`.
public enum DurationText {
    /// The duration that `text` spells, or nil when it spells none (or one beyond 2^63 milliseconds).
    package static func parse(_ text: Substring) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits) else { return nil }
        let milliseconds: Int64
        switch text.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "s": milliseconds = 1_000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: milliseconds)
        // A Duration holds attoseconds in 128 bits, so 2^63 milliseconds fit.
        return overflow ? nil : .milliseconds(product)
    }

    /// The shortest spelling of a whole number of milliseconds.
    public static func spell(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if milliseconds != 0 { return "\(seconds * 1_000 + milliseconds)ms" }
        if seconds != 0, seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
        if seconds != 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}
