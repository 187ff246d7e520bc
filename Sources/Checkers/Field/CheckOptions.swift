import Linearizability

/// The object that a history is held against (`--model`).
public enum LinearizableModel: String, CaseIterable, Sendable {
    case register
    case casRegister = "cas-register"
    case multiRegister = "multi-register"
    case kv, set, counter, mutex
}

/// What some checkers must be told, beyond the history.
public struct CheckOptions {
    /// What *linearizable* holds the history against; nil: told from its operations.
    public var model: LinearizableModel?
    /// The value that a register holds before anything was written to it, as JSON.
    public var initialValue = "null"
    /// Bytes that the tables of *linearizable* may take; more, and the verdict is unknown.
    public var memory = 2 << 30
    /// Whether *linearizable* makes its proofs small; else it lists all operations up to the one that no order reaches.
    public var shrinksProofs = true
    /// Whether *linearizable* is to give up, which makes the verdict unknown. Asked now and then: a checker has no clock.
    public var isTimeUp: () -> Bool = { false }
    /// *availability*: nanoseconds within which 99.9 % of the successful operations must end.
    public var serviceLevel: Int64?
    /// *staleness*: how many acknowledged writes a read may miss.
    public var mostVersionsBehind: Int?
    /// *staleness*: how many nanoseconds ago a write may have been acknowledged that a read misses.
    public var longestStaleness: Int64?

    public init() {}
}
