/// The checkers beyond the contract of Dynamo: those that the rest of the field has.
enum FieldCheckers {
    /// What a checker finds; nil for one of the contract.
    static func result(
        _ name: CheckerName, _ subject: Subject, _ options: CheckOptions, limit: Int
    ) -> CheckerResult? {
        switch name {
        case .siblings, .causality, .durability, .convergence, .session: nil
        case .linearizable: LinearizableChecker.check(subject, options, limit: limit)
        case .setFull: SetFullChecker.check(subject, limit: limit)
        case .counter: CounterChecker.check(subject, limit: limit)
        case .uniqueIDs: UniqueIDsChecker.check(subject, limit: limit)
        case .availability: AvailabilityChecker.check(subject, options, limit: limit)
        case .staleness: StalenessChecker.check(subject, options, limit: limit)
        case .causal: CausalChecker.check(subject, limit: limit)
        case .cart: CartChecker.check(subject, limit: limit)
        }
    }
}
