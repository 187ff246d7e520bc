/// The keys that a load touches and how often it touches each.
public struct KeySpace: Sendable, Hashable {
    /// How many distinct keys.
    public var count = 100
    public var distribution = Distribution.uniform

    public init(count: Int = 100, distribution: Distribution = .uniform) {
        self.count = count
        self.distribution = distribution
    }

    /// How operations are spread over the keys.
    public enum Distribution: Sendable, Hashable {
        /// Every key equally often.
        case uniform
        /// The key of rank k (from 1) in proportion to k to the power of minus the exponent.
        case zipf(Double)
    }

    /// The key of `rank`, from 0: the lower, the hotter under a zipf distribution.
    public func name(rank: Int) -> String { "key-\(rank)" }

    /// The `limit` hottest keys, hottest first.
    public func hottest(_ limit: Int) -> [String] {
        (0..<min(max(0, limit), count)).map { name(rank: $0) }
    }
}
