/// The text of one file with all its mutants in it, each asleep until the environment names it.
struct MutatedSource {
    private struct Edit {
        var mutant: Mutant
        var place: Range<String.Index>
    }

    private let text: String
    private var edits: [Edit]

    init(_ text: String, _ mutants: [Mutant]) throws {
        self.text = text
        edits = try mutants.map { Edit(mutant: $0, place: try $0.place(in: text)) }
        // Outer before inner, and of two at the same place the first of the list: each is then inside the one before.
        edits.sort {
            ($0.place.lowerBound, $1.place.upperBound, $0.mutant.number)
                < ($1.place.lowerBound, $0.place.upperBound, $1.mutant.number)
        }
    }

    /// The changed text.
    func rendered() throws -> String {
        var next = 0
        return try render(text.startIndex..<text.endIndex, &next)
    }

    /// Renders a stretch of the text with the edits from `next` on that lie in it.
    private func render(_ stretch: Range<String.Index>, _ next: inout Int) throws -> String {
        var result = ""
        var position = stretch.lowerBound
        while next < edits.count, edits[next].place.lowerBound < stretch.upperBound {
            let edit = edits[next]
            guard edit.place.upperBound <= stretch.upperBound else {
                throw MutationFailure("\(Mutant.listPath): mutant \(edit.mutant.number) overlaps another one")
            }
            next += 1
            result += text[position..<edit.place.lowerBound]
            result += Self.schema(of: edit.mutant, around: try render(edit.place, &next))
            position = edit.place.upperBound
        }
        return result + text[position..<stretch.upperBound]
    }

    private static func schema(of mutant: Mutant, around original: String) -> String {
        guard let mutated = mutant.mutated else { return "if chosenMutant != \(mutant.number) { \(original) }" }
        return "(chosenMutant == \(mutant.number) ? (\(mutated)) : (\(original)))"
    }

    /// The file that tells the changed module which mutant to be.
    static let choice = """
        import Foundation

        /// The number of the mutant to be; 0: none.
        let chosenMutant = ProcessInfo.processInfo.environment["\(Trial.variable)"].flatMap { Int($0) } ?? 0

        """
}
