import Foundation
import Testing

/// The list of `mutate-checkers` is about the checkers as they are: what it changes is still there, once each.
@Suite struct MutantListTests {
    private struct Mutant: Decodable {
        var module: String?
        var file: String
        var meaning: String
        var within: String?
        var original: String
    }

    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources").standardized

    @Test func everySnippetOccursOnce() throws {
        let path = Self.sources.appendingPathComponent("mutate-checkers/mutants.json")
        let mutants = try JSONDecoder().decode([Mutant].self, from: Data(contentsOf: path))
        #expect(mutants.count >= 60)
        #expect(Set(mutants.map { $0.file + $0.meaning }).count == mutants.count)
        for (position, mutant) in mutants.enumerated() {
            let file = Self.sources.appendingPathComponent("\(mutant.module ?? "Checkers")/\(mutant.file)")
            let text = try String(contentsOf: file, encoding: .utf8)
            let snippet = mutant.within ?? mutant.original
            #expect(text.ranges(of: snippet).count == 1, "mutant \(position + 1), \(mutant.file): \(snippet)")
            #expect(snippet.ranges(of: mutant.original).count == 1, "mutant \(position + 1): \(mutant.original)")
        }
    }
}
