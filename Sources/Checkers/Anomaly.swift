/// Every anomaly by name (SEMANTICS section 3).
///
/// The raw values are only ordinals for fast comparison; ``name`` is what a verdict shows.
public enum AnomalyType: UInt8, CaseIterable, Sendable, Hashable {
    case phantomValue, wrongKey, futureRead, failedWriteVisible, staleSibling, lostWrite, resurrection
    case duplicateDot, dotReusedAfterDelete, missedDominance, clockRegression, falseDominance
    case counterRegression, counterRestartAfterDelete
    case missedHandoff, underReplicated, undeliveredHint, ackBelowW
    case diverged, rootMismatch, dishonestRoot, convergedToLess, notConverged
    case readYourWrites, monotonicReads
    case nonlinearizable
    case lostElement, duplicatedElement, phantomElement
    case counterOutOfBounds, duplicateID
    case refusedWrite, serviceLevelMissed
    case staleRead
    case monotonicWrites, writesFollowReads
    case lostItem

    /// The name in the verdict, such as `lost-write`.
    public var name: String {
        switch self {
        case .phantomValue: "phantom-value"
        case .wrongKey: "wrong-key"
        case .futureRead: "future-read"
        case .failedWriteVisible: "failed-write-visible"
        case .staleSibling: "stale-sibling"
        case .lostWrite: "lost-write"
        case .resurrection: "resurrection"
        case .duplicateDot: "duplicate-dot"
        case .dotReusedAfterDelete: "dot-reused-after-delete"
        case .missedDominance: "missed-dominance"
        case .clockRegression: "clock-regression"
        case .falseDominance: "false-dominance"
        case .counterRegression: "counter-regression"
        case .counterRestartAfterDelete: "counter-restart-after-delete"
        case .missedHandoff: "missed-handoff"
        case .underReplicated: "under-replicated"
        case .undeliveredHint: "undelivered-hint"
        case .ackBelowW: "ack-below-w"
        case .diverged: "diverged"
        case .rootMismatch: "root-mismatch"
        case .dishonestRoot: "dishonest-root"
        case .convergedToLess: "converged-to-less"
        case .notConverged: "not-converged"
        case .readYourWrites: "read-your-writes"
        case .monotonicReads: "monotonic-reads"
        case .nonlinearizable: "nonlinearizable"
        case .lostElement: "lost-element"
        case .duplicatedElement: "duplicated-element"
        case .phantomElement: "phantom-element"
        case .counterOutOfBounds: "counter-out-of-bounds"
        case .duplicateID: "duplicate-id"
        case .refusedWrite: "refused-write"
        case .serviceLevelMissed: "service-level-missed"
        case .staleRead: "stale-read"
        case .monotonicWrites: "monotonic-writes"
        case .writesFollowReads: "writes-follow-reads"
        case .lostItem: "lost-item"
        }
    }

    /// Those of the contract's checkers (SEMANTICS section 3).
    public static let contract = allCases.filter { $0.rawValue < AnomalyType.nonlinearizable.rawValue }
}

/// One thing that is wrong with a history, with its proof.
///
/// An anomaly is the same as another when `type`, `key`, `value`, `other` and `node` are; it is reported once.
public struct Anomaly: Sendable, Hashable {
    public var type: AnomalyType
    /// The key, or the range for `root-mismatch` and `dishonest-root`.
    public var key: String?
    /// The id at fault.
    public var value: String?
    /// The second id, where the type names one.
    public var other: String?
    /// The node at fault, where the type names one.
    public var node: String?
    /// The events that prove it, by index, ascending; the fewest that do.
    public var ops: [Int]
    /// One sentence for a person.
    public var message: String

    public init(
        type: AnomalyType, key: String? = nil, value: String? = nil, other: String? = nil, node: String? = nil,
        ops: [Int] = [], message: String = ""
    ) {
        self.type = type
        self.key = key
        self.value = value
        self.other = other
        self.node = node
        self.ops = ops
        self.message = message
    }
}
