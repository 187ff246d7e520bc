/// A count that a run must reach for its verdict to mean something; with less, the verdict is unknown.
public enum Requirement: String, Sendable, CaseIterable {
    case operations
    case okOperations = "ok-operations"
    case kills
    case pauses
    case partitions
    case hintsStored = "hints-stored"
    case hintsDelivered = "hints-delivered"
    case acknowledgedWhileHomeDown = "acknowledged-while-home-down"
    case keysRepaired = "keys-repaired"
    case siblingsSeen = "siblings-seen"
    case finalReads = "final-reads"
    case faultsWitnessed = "faults-witnessed"
    case acknowledgementsJudged = "acknowledgements-judged"

    /// What is counted, in one phrase.
    public var meaning: String {
        switch self {
        case .operations: "client operations begun"
        case .okOperations: "client operations completed `ok`"
        case .kills: "nodes killed with SIGKILL, confirmed by the end of the process"
        case .pauses: "nodes stopped with SIGSTOP"
        case .partitions: "network partitions put in force"
        case .hintsStored: "hints stored by fallbacks for an absent home"
        case .hintsDelivered: "hints delivered to their home and acknowledged by it"
        case .acknowledgedWhileHomeDown:
            "writes acknowledged while a home replica of their key was killed, paused or cut off"
        case .keysRepaired: "keys that a Merkle exchange found different and made equal"
        case .siblingsSeen: "reads that returned two or more versions"
        case .faultsWitnessed: "faults of any kind that were proven to have been there"
        case .acknowledgementsJudged:
            "acknowledgements of writes whose replica acknowledgements were looked for on the wire"
        case .finalReads: "reads completed `ok` after the load, once the store was healed"
        }
    }
}

/// The least count of one ``Requirement``.
public struct Floor: Sendable, Hashable {
    public var requirement: Requirement
    public var minimum: Int
    public init(_ requirement: Requirement, _ minimum: Int) {
        self.requirement = requirement
        self.minimum = minimum
    }
}
