/// The checkers beyond the contract of Dynamo: those that the rest of the field has.
enum FieldCheckers {
    /// What a checker finds; nil for one of the contract.
    static func result(
        _ name: CheckerName, _ subject: Subject, _ options: CheckOptions, limit: Int
    ) -> CheckerResult? {
        if name == .causal { return CausalChecker.check(subject, options, limit: limit) }
        let functions = name == .linearizable ? subject.clientFunctions() : ClientFunctions()
        return survey(name, subject, options, functions, limit: limit)?.conclude()
    }

    /// What a checker finds in a history, or in a group of its keys with the events that concern every key; nil for one that
    /// does not look at one key at a time.
    ///
    /// - Parameter functions: what the clients of the whole history did; only *linearizable* asks.
    static func survey(
        _ name: CheckerName, _ subject: Subject, _ options: CheckOptions, _ functions: ClientFunctions, limit: Int
    ) -> FieldTally? {
        switch name {
        case .siblings, .causality, .durability, .convergence, .session, .causal: nil
        case .linearizable: .linearizable(LinearizableChecker.survey(subject, options, functions, limit: limit))
        case .setFull: .setFull(SetFullChecker.survey(subject, limit: limit))
        case .counter: .counter(CounterChecker.survey(subject, limit: limit))
        case .uniqueIDs: .uniqueIDs(UniqueIDsChecker.survey(subject, limit: limit))
        case .availability: .availability(AvailabilityChecker.survey(subject, options, limit: limit))
        case .staleness: .staleness(StalenessChecker.survey(subject, options, limit: limit))
        case .cart: .cart(CartChecker.survey(subject, limit: limit))
        }
    }
}

/// What a field checker found among some keys, as far as the verdict on all keys depends on it.
///
/// Merged in whatever order, the tallies of all groups conclude as the tally of the whole history does.
enum FieldTally {
    case linearizable(LinearizableChecker.Tally)
    case setFull(SetFullChecker.Tally)
    case counter(CounterChecker.Tally)
    case uniqueIDs(UniqueIDsChecker.Tally)
    case availability(AvailabilityChecker.Tally)
    case staleness(StalenessChecker.Tally)
    case cart(CartChecker.Tally)

    /// With that of the same checker among other keys.
    func merged(with other: FieldTally) -> FieldTally {
        switch (self, other) {
        case (.linearizable(var mine), .linearizable(let theirs)):
            mine.merge(theirs)
            return .linearizable(mine)
        case (.setFull(var mine), .setFull(let theirs)):
            mine.merge(theirs)
            return .setFull(mine)
        case (.counter(var mine), .counter(let theirs)):
            mine.merge(theirs)
            return .counter(mine)
        case (.availability(var mine), .availability(let theirs)):
            mine.merge(theirs)
            return .availability(mine)
        case (.staleness(var mine), .staleness(let theirs)):
            mine.merge(theirs)
            return .staleness(mine)
        case (.cart(var mine), .cart(let theirs)):
            mine.merge(theirs)
            return .cart(mine)
        default:
            // Ids are taken in shares of their own, which are one tally in the end; other pairs are of two checkers.
            return self
        }
    }

    func conclude() -> CheckerResult {
        switch self {
        case .linearizable(let tally): tally.conclude()
        case .setFull(let tally): tally.conclude()
        case .counter(let tally): tally.conclude()
        case .uniqueIDs(let tally): tally.conclude()
        case .availability(let tally): tally.conclude()
        case .staleness(let tally): tally.conclude()
        case .cart(let tally): tally.conclude()
        }
    }
}
