/// Decides whether the operations of objects are linearizable: whether each operation can be thought to have happened
/// at one instant between its beginning and its end, such that one after the other they do what the model says.
///
/// Deterministic: the same operations get the same verdict, whatever the order in which groups are asked for
/// and whatever other groups there are.
public final class LinearizabilityCheck {
    /// What the objects are.
    public enum Specification: Sendable {
        /// Read, write, compare-and-set.
        case register
        /// Add an amount, read the sum.
        case counter
        /// Acquire, release.
        case mutex
        /// Read, write and append texts.
        case text(TextModel)
        /// The same with the texts of each group by themselves, by group: what is found of one does not depend on the others.
        case texts([TextModel])
        /// Add, remove, read, contains.
        case set(SetModel)
        /// Transactions over registers.
        case transactions(MultiRegisterModel)
    }

    private let decideGroup: (Int, Budget) -> GroupVerdict
    private let countVisits: () -> Int
    public let groupCount: Int

    /// - Parameters:
    ///   - operations: sealed.
    ///   - usesUniqueValues: false makes even registers with unique values be searched; for comparison.
    ///   - shrinksProofs: false leaves proofs as they were found: all operations that ended until no order went on.
    public init(
        _ operations: Operations, _ specification: Specification, usesUniqueValues: Bool = true,
        shrinksProofs: Bool = true
    ) {
        groupCount = operations.groupCount
        let parts: ((Int, Budget) -> GroupVerdict, () -> Int)
        switch specification {
        case .register: parts = Self.parts(operations, RegisterModel(), usesUniqueValues, shrinksProofs)
        case .counter: parts = Self.parts(operations, CounterModel(), false, shrinksProofs)
        case .mutex: parts = Self.parts(operations, MutexModel(), false, shrinksProofs)
        case .text(let model): parts = Self.parts(operations, model, usesUniqueValues, shrinksProofs)
        case .texts(let models): parts = Self.parts(operations, models, usesUniqueValues, shrinksProofs)
        case .set(let model): parts = Self.parts(operations, model, false, shrinksProofs)
        case .transactions(let model): parts = Self.parts(operations, model, false, shrinksProofs)
        }
        (decideGroup, countVisits) = parts
    }

    private static func parts<Model: SequentialModel>(
        _ operations: Operations, _ model: Model, _ triesUnique: Bool, _ shrinks: Bool
    ) -> ((Int, Budget) -> GroupVerdict, () -> Int) {
        var decider = Decider(operations: operations, model: model, triesUnique: triesUnique, shrinks: shrinks)
        return ({ decider.decide(group: $0, $1) }, { decider.visits })
    }

    private static func parts(
        _ operations: Operations, _ models: [TextModel], _ triesUnique: Bool, _ shrinks: Bool
    ) -> ((Int, Budget) -> GroupVerdict, () -> Int) {
        var (episode, visits) = (Episode(), 0)
        let decide = { (group: Int, budget: Budget) -> GroupVerdict in
            var decider = Decider(
                operations: operations, model: models[group], triesUnique: triesUnique, shrinks: shrinks,
                episode: episode)
            episode = Episode()
            defer {
                episode = decider.episode
                visits += decider.visits
            }
            return decider.decide(group: group, budget)
        }
        return (decide, { visits })
    }

    /// Decides on one object.
    public func decide(group: Int, _ budget: Budget) -> GroupVerdict { decideGroup(group, budget) }

    /// Configurations that the searches met so far: their cost, whatever the machine.
    public var visits: Int { countVisits() }
}
