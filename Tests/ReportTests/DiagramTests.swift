import Checkers
import Foundation
import History
import Report
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Space-time diagrams: the drawings of a sample to the byte, and what must hold of every anomaly that a checker finds.
@Suite struct DiagramTests {
    private static let drawn = ["missed-handoff", "lost-write", "stale-sibling"]

    private func diagram(_ type: String) throws -> SpaceTimeDiagram {
        let history = try Samples.parse(Samples.handoff)
        let anomaly = try #require(Samples.anomalies(of: history).first { $0.type.name == type })
        return DiagramBuilder(history).diagram(of: anomaly)
    }

    /// Compares with a file; with DYNO_RECORD set, writes it anew instead, for a person to look at.
    private func compare(_ text: String, _ name: String) throws {
        let file = Samples.golden.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["DYNO_RECORD"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text == (try String(contentsOf: file, encoding: .utf8)), "\(name)")
    }

    @Test(arguments: drawn) func theTextIsThatOfTheGoldenFile(_ type: String) throws {
        try compare(DiagramText(width: 100).text(diagram(type)) + "\n", "\(type).txt")
    }

    @Test(arguments: drawn) func theSVGIsThatOfTheGoldenFile(_ type: String) throws {
        try compare(DiagramSVG.file(diagram(type)), "\(type).svg")
    }

    @Test func aFaultInForceIsShadedAndTheBrokenEdgeLeadsToTheHomeThatMissedIt() throws {
        let diagram = try diagram("missed-handoff")
        let fault = try #require(diagram.spans.first { $0.kind == .fault })
        #expect(fault.name == "down")
        #expect(diagram.lanes[fault.lane].name == "n2")
        #expect(diagram.rows[fault.from].title == "kill n2")
        #expect(fault.to.map { diagram.rows[$0].title } == "restart n2")
        let broken = try #require(diagram.arrows.first { $0.kind == .broken })
        #expect(diagram.rows[broken.from].title.contains("3-1 acknowledged"))
        #expect(diagram.rows[broken.to].title.hasPrefix("n2 holds 0-1"))
        #expect(diagram.versions.contains { $0.id == "3-1" && $0.dots == ["n1:2"] && $0.clocks == ["{n1:1}"] })
    }

    @Test func aSeenArrowLeadsFromTheOlderWriteToTheNewer() throws {
        let diagram = try diagram("stale-sibling")
        let seen = try #require(diagram.arrows.first { $0.kind == .seen })
        #expect(diagram.rows[seen.from].event == 2)
        #expect(diagram.rows[seen.to].event == 4)
    }

    /// Whatever the checkers find, now and later: every event of the proof is there, one edge is broken, both renderers draw.
    @Test func everyAnomalyOfTheConformanceHistoriesIsDrawn() throws {
        var types: Set<String> = []
        for (name, history) in try Samples.all() {
            let builder = DiagramBuilder(history)
            for anomaly in Samples.anomalies(of: history) where types.insert(anomaly.type.name).inserted {
                let diagram = builder.diagram(of: anomaly)
                let words = "\(name): \(anomaly.title)"
                #expect(Set(anomaly.ops).isSubset(of: Set(diagram.rows.map(\.event))), "\(words)")
                #expect(diagram.rows.map(\.event) == diagram.rows.map(\.event).sorted(), "\(words)")
                #expect(diagram.arrows.count { $0.kind == .broken } == 1, "\(words)")
                #expect(diagram.spans.allSatisfy { $0.from <= $0.to ?? Int.max }, "\(words)")
                let text = DiagramText(width: 90).text(diagram)
                #expect(text.split(separator: "\n").allSatisfy { $0.count <= 90 }, "\(words)\n\(text)")
                #expect(text.contains("✗") && text.contains(anomaly.ops.first.map(String.init) ?? ""), "\(words)")
                let parser = XMLParser(data: Data(DiagramSVG.file(diagram).utf8))
                #expect(parser.parse(), "\(words): \(parser.parserError.map { "\($0)" } ?? "")")
            }
        }
        #expect(types.count >= 20, "\(types.sorted())")
    }

    /// Operations that the contract has no name for are told with what they gave and got.
    @Test func valuesOfOtherModelsAreTold() throws {
        let history = try Samples.parse(
            """
            {"dyno":1}
            {"time":1,"process":0,"type":"invoke","f":"write","key":"x","value":1}
            {"time":2,"process":0,"type":"ok","f":"write","key":"x","value":1}
            {"time":3,"process":0,"type":"invoke","f":"cas","key":"x","value":[2,3]}
            {"time":4,"process":0,"type":"ok","f":"cas","key":"x","value":[2,3],"applied":false}
            {"time":5,"process":1,"type":"invoke","f":"read","key":"x"}
            {"time":6,"process":1,"type":"ok","f":"read","key":"x","value":null}

            """)
        let anomaly = Anomaly(type: .nonlinearizable, key: "x", ops: Array(0..<6), message: "wrong")
        let titles = DiagramBuilder(history).diagram(of: anomaly).rows.map(\.title)
        #expect(
            titles == [
                "write x 1", "write x 1: ok", "cas x [2,3]", "cas x [2,3]: refused", "read x", "read x null: ok",
            ])
    }

    @Test func aVeryLongProofLosesItsMiddleAndSaysSo() throws {
        var history = History()
        for number in 0..<300 {
            var draft = EventDraft(Int64(number), .inspector, .ok, .hints)
            draft.node = "n1"
            draft.number = 1
            history.append(draft)
        }
        let anomaly = Anomaly(type: .undeliveredHint, node: "n1", ops: Array(0..<300), message: "long")
        let diagram = DiagramBuilder(history).diagram(of: anomaly)
        #expect(diagram.rows.count == 40)
        #expect(diagram.notes.contains { $0.contains("260 events") })
    }

    @Test func eventsThatDoNotExistAreNoTrap() {
        let anomaly = Anomaly(type: .lostWrite, key: "k", value: "v", ops: [-1, 5, 99], message: "none")
        let diagram = DiagramBuilder(History()).diagram(of: anomaly)
        #expect(diagram.rows.isEmpty)
        #expect(!DiagramText().text(diagram).isEmpty)
        #expect(!DiagramSVG.file(diagram).isEmpty)
    }

    @Test func colourIsOnlyThereWhenItIsAskedFor() throws {
        let diagram = try diagram("lost-write")
        let plain = DiagramText(width: 100).text(diagram)
        let coloured = DiagramText(width: 100, colour: true).text(diagram)
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.contains("\u{1B}[1;31m"))
        let stripped = coloured.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
        #expect(stripped == plain)
    }

    @Test func controlCharactersOfAHistoryReachNoTerminal() throws {
        let history = try Samples.parse(Samples.hostile)
        for anomaly in Samples.anomalies(of: history) {
            let text = DiagramText(width: 100).text(DiagramBuilder(history).diagram(of: anomaly))
            #expect(
                !text.unicodeScalars.contains {
                    ($0.value < 0x20 && $0 != "\n") || $0.value == 0x202e || $0.value == 0x2028
                })
        }
    }

    @Test func anAnomalyIsChosenByNumberOrByName() throws {
        let verdict = check(try Samples.parse(Samples.handoff), checkers: CheckerName.allCases)
        let choice = AnomalyChoice(verdict)
        #expect(choice.all.map(\.number) == Array(1...choice.all.count))
        let second = choice.all[1]
        #expect(choice.matching("2") == [second])
        #expect(choice.matching(second.name) == [second])
        #expect(choice.matching("missed-handoff:cart-7").count == 1)
        #expect(choice.matching("missed-handoff:cart").isEmpty, "a part of a name is no name")
        #expect(choice.matching("0").isEmpty && choice.matching("999").isEmpty && choice.matching("nonsense").isEmpty)
    }
}

/// The page that explains the anomalies, and the small histories that its drawings are made of.
@Suite struct AnomalyPageTests {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let page = here.appendingPathComponent("../../Sources/dyno/dyno.docc/Anomalies.md").standardized

    private func drawing(_ type: AnomalyType) throws -> String {
        let file = Self.here.appendingPathComponent("Examples/\(type.name).jsonl").path
        let history = try HistoryFile.read(path: file)
        try history.validate(file: file)
        let anomaly = try #require(Samples.anomalies(of: history).first { $0.type == type }, "\(type.name)")
        return DiagramText(width: 100).text(DiagramBuilder(history).diagram(of: anomaly))
    }

    /// With DYNO_RECORD set the page's drawings are made anew, for a person to look at.
    @Test func everyAnomalyOfTheContractIsDrawnOnThePageAsTheRendererDrawsIt() throws {
        var page = try String(contentsOf: Self.page, encoding: .utf8)
        let types = AnomalyType.allCases.filter {
            FileManager.default.fileExists(atPath: Self.here.appendingPathComponent("Examples/\($0.name).jsonl").path)
        }
        #expect(types.count >= 24)
        for type in types {
            let drawing = try drawing(type)
            let heading = try #require(page.range(of: "### \(type.name)\n"), "\(type.name) is explained")
            let open = try #require(page.range(of: "```\n", range: heading.upperBound..<page.endIndex))
            let close = try #require(page.range(of: "\n```", range: open.upperBound..<page.endIndex))
            if ProcessInfo.processInfo.environment["DYNO_RECORD"] != nil {
                page.replaceSubrange(open.upperBound..<close.lowerBound, with: drawing)
            } else {
                #expect(page[open.upperBound..<close.lowerBound] == drawing, "\(type.name)")
            }
        }
        if ProcessInfo.processInfo.environment["DYNO_RECORD"] != nil {
            try page.write(to: Self.page, atomically: true, encoding: .utf8)
        }
    }
}
