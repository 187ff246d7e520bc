import Causality
import Dynamo

/// A client's operation and what came of it: a line of a simulated run's history.
public struct Operation: Sendable {
    public enum Kind: Hashable, Sendable { case get, put, delete }

    public enum Outcome: Hashable, Sendable {
        case ok
        /// It had no effect, and never will.
        case fail
        /// Whether it had one is not known.
        case info
    }

    public var process: Int
    public var kind: Kind
    public var key: Key
    /// The id of the version written; unique in the run.
    public var value: Int = 0
    /// The ids of the versions whose context was passed back.
    public var seen: [Int] = []
    public var node: String
    /// Places in the order of all invocations and completions; nil: never completed.
    public var invoked: Int
    public var completed: Int?
    public var outcome: Outcome = .info
    /// Of a get: what it returned, tombstones included.
    public var found: Siblings = Siblings()
    /// Of an acknowledged put: its dot and clock.
    public var dot: Dot?
    public var clock: VersionVector?
}

extension DottedVersion where Payload == Content {
    /// The id that a simulated client wrote; nil for anything else.
    public var id: Int? { Int(String(decoding: payload.value, as: UTF8.self)) }
}

extension ClientReply {
    /// What a client learns about the effect of its operation.
    public var outcome: Operation.Outcome {
        switch self {
        case .got, .put, .bucketSet: .ok
        case .failed(.timeout), .failed(.quorumFailed), .failed(.nodesUnconfirmed), .failed(.storage): .info
        case .failed: .fail
        }
    }
}
