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

/// Values of which shares are asked for.
struct Distribution {
    private var values: ContiguousArray<Int64> = []
    private var isSorted = true

    var count: Int { values.count }

    mutating func add(_ value: Int64) {
        values.append(value)
        isSorted = false
    }

    /// The smallest value that at least this share of the values does not exceed; nil when there are none.
    mutating func quantile(_ share: Double) -> Int64? {
        if !isSorted {
            values.sort()
            isSorted = true
        }
        guard !values.isEmpty else { return nil }
        let rank = Int((share * Double(values.count)).rounded(.up))
        return values[min(max(rank, 1), values.count) - 1]
    }
}
