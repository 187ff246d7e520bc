/// Nanoseconds as a person reads them.
enum Seconds {
    /// `4.812 s`
    static func text(_ nanoseconds: Int64) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let milliseconds = (nanoseconds.magnitude + 500_000) / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(sign)\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }

    /// The same in a unit that tells instants apart which lie within `span` nanoseconds: `4.812 s`, `4812.345 ms`, `86.105 µs`.
    static func text(_ nanoseconds: Int64, within span: Int64) -> String {
        if span >= 100_000_000 { return text(nanoseconds) }
        let unit: Int64 = span >= 100_000 ? 1000 : 1
        let whole = nanoseconds / unit / 1000, fraction = String((nanoseconds / unit % 1000).magnitude)
        return "\(whole).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) \(unit == 1 ? "µs" : "ms")"
    }
}
