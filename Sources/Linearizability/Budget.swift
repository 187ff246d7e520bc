/// How much a decision may cost before it is given up.
public struct Budget {
    /// Bytes that the tables of one search may take.
    public var bytes: Int
    /// Configurations that one search may meet.
    var visits = Int.max
    /// Whether the time is up; asked every few thousand steps, so that this module needs no clock.
    public var isTimeUp: () -> Bool

    public init(bytes: Int = 2 << 30, isTimeUp: @escaping () -> Bool = { false }) {
        self.bytes = bytes
        self.isTimeUp = isTimeUp
    }
}

/// Why a decision was given up.
public enum Exhaustion: Sendable, Hashable {
    case memory
    case time
    /// More operations in flight together than any set of slots holds.
    case concurrency(Int)
}

/// What a search found out.
enum Answer: Equatable {
    case linearizable
    /// No order gets past the operation that ends at this step.
    case notLinearizable(step: Int)
    case unknown(Exhaustion)
}
