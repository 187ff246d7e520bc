import History
import Linearizability

/// The operations of a history, ready to be decided: for measuring the decision by itself.
package struct LinearizableTask {
    private let given: LinearizableOperations
    private let options: CheckOptions

    /// Nil when the history cannot be held against the model of the options.
    package init?(_ history: History, _ options: CheckOptions) {
        guard let model = options.model else { return nil }
        let subject = Subject(history: history)
        do throws(ModelFault) {
            given = try LinearizableOperations(
                subject, model: model, initialValue: options.initialValue, functions: subject.clientFunctions())
        } catch { return nil }
        self.options = options
    }

    /// Whether every object is linearizable.
    package func decide() -> Bool {
        let check = LinearizabilityCheck(
            given.operations, given.specification, shrinksProofs: options.shrinksProofs)
        let budget = Budget(bytes: options.memory, isTimeUp: options.isTimeUp)
        return (0..<check.groupCount).allSatisfy { check.decide(group: $0, budget) == .linearizable }
    }
}
