import Foundation

/// A small change of checker code that some test must notice.
struct Mutant: Decodable {
    /// The module whose file it is; nil: `Checkers`.
    var module: String?
    /// Name of the file, in the folder of the module.
    var file: String
    /// What the change makes of the rule, in a few words.
    var meaning: String
    /// A longer passage that contains ``original``, where that alone is not unique in the file.
    var within: String?
    /// The expression that is replaced, or the statement that is skipped: word for word.
    var original: String
    /// What stands in its place; nil: nothing, a statement is skipped.
    var mutated: String?
    /// Why no test can notice it; nil for a mutant that must be killed.
    var equivalent: String?

    /// Its number, from 1, by which the changed package is told which mutant to be.
    var number = 0

    private enum CodingKeys: String, CodingKey { case module, file, meaning, within, original, mutated, equivalent }

    /// Modules that may have mutants.
    static let modules = ["Checkers", "Linearizability"]

    /// The file, from the root of the repository.
    var path: String { "Sources/\(module ?? Mutant.modules[0])/\(file)" }

    /// Where the list is, from the root of the repository.
    static let listPath = "Sources/mutate-checkers/mutants.json"

    /// Reads the list and numbers it.
    static func list(root: URL) throws -> [Mutant] {
        let data = try Data(contentsOf: root.appendingPathComponent(listPath))
        var mutants = try JSONDecoder().decode([Mutant].self, from: data)
        for position in mutants.indices { mutants[position].number = position + 1 }
        return mutants
    }

    /// Where in `text` the change goes.
    func place(in text: String) throws -> Range<String.Index> {
        let outer = try Self.only(within ?? original, in: text[...], of: self)
        return try Self.only(original, in: text[outer], of: self)
    }

    private static func only(
        _ snippet: String, in text: Substring, of mutant: Mutant
    ) throws -> Range<String.Index> {
        let places = text.ranges(of: snippet)
        guard places.count == 1, let place = places.first else {
            throw MutationFailure(
                "\(listPath): mutant \(mutant.number): found \(places.count) times in \(mutant.file), not once: \(snippet)"
            )
        }
        return place
    }
}

/// Why there is nothing to count: in a sentence.
struct MutationFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
