import Checkers
import History
import Testing

/// Corners of the contract that random histories do not reach, each once the only thing that told a fault apart.
@Suite struct ContractEdgeTests {
    private typealias H = FieldHistory

    private static func delete(_ process: Int, _ key: String, _ id: String, seen: String) -> [String] {
        H.done(
            process, "delete", "\"key\":\"\(key)\",\"value\":\"\(id)\",\"seen\":[\"\(seen)\"]",
            answer: "\"key\":\"\(key)\",\"value\":\"\(id)\"")
    }

    /// Two final reads overlap, and the put is deleted after the one that ends first: only the other is excused.
    @Test func aDeleteExcusesNoReadThatEndedBefore() throws {
        let first = H.get(1, "k", []), second = H.get(2, "k", [])
        var lines = H.put(3, "k", "3-1") + [H.final, first[0], second[0], second[1]]
        lines += Self.delete(4, "k", "4-1", seen: "3-1") + [first[1]]
        #expect(try result(.siblings, lines).brief == ["lost-write 3-1 @0,1,5"])
    }

    /// The newer of two deletes in a row was asked for before the read, the older one after it: a `seen` may name an id that
    /// is written further down.
    @Test func theNewerDeleteExcusesWhatOnlyTheOlderOneSaw() throws {
        let lines =
            H.put(3, "k", "3-1") + [H.final] + Self.delete(5, "k", "5-1", seen: "4-1") + H.get(1, "k", [])
            + Self.delete(4, "k", "4-1", seen: "3-1")
        #expect(try result(.siblings, lines).validity == .valid)
    }

    /// Two homes name two ranges of the same key: they diverge, but neither range's roots promised that they do not.
    @Test func aRangeAnswersForThoseThatNameIt() throws {
        func observed(_ f: String, _ node: String, _ rest: String) -> String {
            "\"process\":\"inspector\",\"type\":\"ok\",\"f\":\"\(f)\",\"node\":\"\(node)\"," + rest
        }
        var lines = H.put(1, "k", "1-1") + H.put(2, "k", "2-1") + [H.final]
        for (node, range, id) in [("n1", "a", "1-1"), ("n2", "b", "2-1")] {
            for named in ["a", "b"] {
                lines.append(observed("root", node, "\"range\":\"\(named)\",\"hash\":\"h\""))
            }
            lines.append(
                observed("replica", node, "\"key\":\"k\",\"home\":true,\"range\":\"\(range)\",\"value\":[\"\(id)\"]"))
        }
        #expect(try result(.convergence, lines).anomalies.map(\.type) == [.diverged])
    }

    /// Composed, the first id would come after the second; by its bytes it comes before.
    @Test func idsAreOrderedByTheirBytes() throws {
        let dot = ",\"dot\":[\"n1\",1]"
        let lines = ["f", "e\u{301}"].enumerated().flatMap { process, id in
            H.done(
                process, "put", "\"key\":\"k\",\"value\":\"\(id)\"",
                answer: "\"key\":\"k\",\"value\":\"\(id)\"\(dot)")
        }
        let anomaly = try #require(try result(.causality, lines).anomalies.first)
        #expect(anomaly.type == .duplicateDot)
        #expect(anomaly.value.map { Array($0.utf8) } == Array("e\u{301}".utf8) && anomaly.other == "f")
    }

    @Test func noCheckerIsNoVerdict() {
        let verdict = check(History(), checkers: [])
        #expect(verdict.validity == .unknown && verdict.reason == "No checker was chosen.")
    }
}
