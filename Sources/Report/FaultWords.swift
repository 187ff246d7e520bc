import Foundation
import History

/// The words of an event of a name that the contract does not know.
enum FaultWords {
    private struct Form: Decodable {
        var value: String
    }

    /// Its `value`, as a run records it or as a file in the interchange form keeps it; empty when it has none.
    static func of(_ index: Int, _ history: History) -> String {
        let event = history.events[index]
        if event.value != Interner.none { return history.string(event.value) }
        guard let extras = history.extras[index] else { return "" }
        return (try? JSONDecoder().decode(Form.self, from: Data("{\(extras)}".utf8)))?.value ?? ""
    }
}
