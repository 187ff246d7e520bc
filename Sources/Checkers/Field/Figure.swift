/// A number that a checker gives beside its verdict, for people: a count, a share, a time.
public struct Figure: Sendable, Hashable {
    /// What it is and in what unit, such as `reads_ms_p99.9`.
    public var name: String
    public var value: Double

    public init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ count: Int) { self.init(name, Double(count)) }

    /// A span of nanoseconds, in milliseconds.
    init(_ name: String, nanoseconds: Int64) { self.init(name, Double(nanoseconds) / 1e6) }

    /// The value with at most four decimals, the same on every machine.
    public var text: String {
        guard value.magnitude < 1e14 else { return "\(value)" }
        let scaled = Int64((value.magnitude * 10_000).rounded())
        var text = "\(scaled / 10_000)"
        var fraction = String(scaled % 10_000)
        if scaled % 10_000 != 0 {
            fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return value < 0 && scaled != 0 ? "-" + text : text
    }
}
