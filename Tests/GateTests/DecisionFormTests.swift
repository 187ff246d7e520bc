import Checkers
import Foundation
import Gate
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The forms that other programs read: well-formed, whatever a history says.
@Suite struct DecisionFormTests {
    private var decision: Decision {
        var decision = Decision(policy: "release <1>")
        decision.findings = [
            Finding(rule: "build", subject: "runs/1", outcome: .pass, sentence: "Made by this build."),
            Finding(
                rule: "checker siblings", subject: "runs/1", outcome: .fail,
                sentence: "siblings is false: <script>alert(1)</script>\u{1}\n::error::100%",
                anomalies: [
                    Anomaly(type: .lostWrite, key: "<b>", message: "\"gone\" & <lost>"),
                    Anomaly(type: .staleSibling, key: "k", message: "stale"),
                ]),
            Finding(rule: "runs", subject: "policy", outcome: .inconclusive, sentence: "No run | was handed over."),
        ]
        return decision
    }

    @Test func jUnitIsWellFormedAndCounts() throws {
        let xml = DecisionJUnit.xml(decision)
        let parser = XMLParser(data: Data(xml.utf8))
        let counter = Counter()
        parser.delegate = counter
        #expect(parser.parse())
        #expect(counter.counts == ["testsuites": 1, "testsuite": 2, "testcase": 3, "failure": 1, "error": 1])
        #expect(counter.message?.contains("<script>") == true)
    }

    private final class Counter: NSObject, XMLParserDelegate {
        var counts: [String: Int] = [:]
        var message: String?
        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            counts[name, default: 0] += 1
            if name == "failure" { message = attributes["message"] }
        }
    }

    @Test func sarifHasAResultForEachReason() throws {
        let text = try DecisionJSON.sarif(decision, version: "1")
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(root["version"] as? String == "2.1.0")
        #expect(root["$schema"] != nil)
        let run = try #require((root["runs"] as? [[String: Any]])?.first)
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.map { $0["ruleId"] as? String } == ["lost-write", "stale-sibling", "runs"])
        #expect(results.map { $0["level"] as? String } == ["error", "error", "warning"])
    }

    @Test func annotationsStayOneLineEach() {
        let lines = DecisionAnnotations.text(decision).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("::error title=gate release <1>%3A checker siblings::runs/1: "))
        #expect(lines[0].hasSuffix("%0A::error::100%25"))
        #expect(lines[1].hasPrefix("::warning "))
    }

    @Test func markdownHoldsNoMarkupOfTheHistory() {
        let text = DecisionText.markdown(decision)
        #expect(!text.contains("<script>"))
        #expect(text.contains("No run \\| was handed over."))
        #expect(text.contains("1 of 3 checks passed."))
    }

    @Test func plainTextEndsWithTheAnswerAndJSONHasIt() throws {
        #expect(DecisionText.plain(decision).hasSuffix("gate release <1>: fail"))
        let json = try JSONSerialization.jsonObject(with: Data(try DecisionJSON.json(decision).utf8)) as? [String: Any]
        #expect(json?["outcome"] as? String == "fail")
        #expect((json?["findings"] as? [Any])?.count == 3)
    }
}
