import Checkers
import Testing

private typealias H = FieldHistory

/// What is found of an object does not depend on what happened to others.
@Suite struct KeysByThemselvesTests {
    private static func orders(_ letters: [String]) -> [String] {
        if letters.isEmpty { return [""] }
        return letters.flatMap { first in orders(letters.filter { $0 != first }).map { first + $0 } }
    }

    /// Texts that no read saw are one state, so that few orders need to be tried; were those that were read under another
    /// key to be told apart here, too, there would be more than a search without memory for a larger table can note.
    @Test func textsOfOtherKeysAreNoStates() throws {
        let letters = ["a", "b", "c", "d", "e", "f"]
        var lines: [String] = []
        for text in Self.orders(letters) {
            lines += H.done(0, "write", "\"key\":\"x\",\"value\":\"\(text)\"")
            lines += H.done(0, "read", "\"key\":\"x\"", answer: "\"value\":\"\(text)\"")
        }
        let clients = letters.enumerated()
        lines += clients.map { H.begin($0 + 1, "append", "\"key\":\"y\",\"value\":\"\($1)\"") }
        lines += clients.map { client, _ in H.ok(client + 1, "append") }
        let right = lines + H.done(9, "read", "\"key\":\"z\"", answer: "\"value\":\"\"")
        let wrong = lines + H.done(9, "read", "\"key\":\"y\"", answer: "\"value\":\"z\"")
        let options: (inout CheckOptions) -> Void = {
            $0.model = .kv
            $0.memory = 0
        }
        #expect(try result(.linearizable, right, options).validity == .valid)
        let found = try result(.linearizable, wrong, options)
        #expect(found.validity == .invalid && found.anomalies.map(\.key) == ["y"], "\(found.reason ?? "")")
    }
}
