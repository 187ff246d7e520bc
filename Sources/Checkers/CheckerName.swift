/// The checkers, by the names that `--checker` and the verdict use (SEMANTICS section 3).
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

    /// The checkers that run when none is named.
    public static let defaults: [CheckerName] = [.siblings, .causality, .durability, .convergence]
}
