/// The checkers, by the names that `--checker` and the verdict use.
public enum CheckerName: String, CaseIterable, Sendable, Hashable {
    /// Reads against the clients' causal order: lost writes, stale siblings, resurrections, values from nowhere.
    case siblings
    /// The store's dots and clocks against that order.
    case causality
    /// Every home replica against every acknowledged write.
    case durability
    /// The replicas against each other.
    case convergence
    /// Each client process against itself; only when asked for.
    case session
    /// Whether each object behaved as if its operations had happened one after the other.
    case linearizable
    /// Elements added to a set: lost, stale, duplicated.
    case setFull = "set-full"
    /// Reads of a counter between what must and what may have been added.
    case counter
    /// No id generated twice.
    case uniqueIDs = "unique-ids"
    /// Writes taken by every healthy node, within the service level.
    case availability
    /// How many versions and how long reads are behind.
    case staleness
    /// What is in a client's past is in what it reads, over all keys.
    case causal
    /// No acknowledged item of a shopping cart lost.
    case cart

    /// The checkers that run when none is named.
    public static let defaults: [CheckerName] = [.siblings, .causality, .durability, .convergence]

    /// The checkers of the contract (SEMANTICS section 3); the others are those of the rest of the field.
    public static let contract: [CheckerName] = defaults + [.session]
}
