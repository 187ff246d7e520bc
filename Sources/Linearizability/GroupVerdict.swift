/// What was decided of the operations of one object.
public enum GroupVerdict: Sendable, Hashable {
    case linearizable
    case notLinearizable(Proof)
    case unknown(Exhaustion)
}

/// Why no order exists, in as few operations as were found to prove it.
public struct Proof: Sendable, Hashable {
    /// Ascending numbers of ``Operations``. They have no order after what ended before the first of them began, even when
    /// every other operation that changes the object may have happened at any time, or never (one that is in flight when
    /// ``stuck`` ends: not before it began), and every other answer is passed over.
    public var operations: [Int32]
    /// The operation that no order reaches: all that ended before it can be put into an order.
    public var stuck: Int32
    /// How many operations ended before that one did.
    public var ordered: Int
}
