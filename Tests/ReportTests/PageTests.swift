import Checkers
import Foundation
import History
import Report
import Testing

/// The report as a file: what is in it, and that nothing of a history can act in it.
@Suite struct PageTests {
    private func page(_ history: History, library: ChartLibrary? = nil) -> String {
        ReportPage.html(
            .init(
                history: history, verdict: RunCheck.verdict(on: history, checkers: []),
                path: "runs/it's here/history.dyno",
                workload: "name: <script>alert(7)</script>\n", library: library, nonce: "secret"))
    }

    @Test func theVerdictComesFirstAndEverySectionIsThere() throws {
        let text = page(try Samples.parse(Samples.handoff))
        let verdict = try #require(text.range(of: "class=\"verdict bad\""))
        for section in ["exercised", "time", "anomalies", "repeat"] {
            let place = try #require(text.range(of: "<section id=\"\(section)\""), "\(section)")
            #expect(verdict.lowerBound < place.lowerBound)
        }
        #expect(text.contains("missed-handoff of cart-7"))
        #expect(text.contains("<svg class=\"st\""))
        #expect(text.contains("dyno explain &#39;runs/it&#39;\\&#39;&#39;s here/history.dyno&#39; 1"))
    }

    /// Every way in which a name could become markup or script.
    @Test func nothingOfAHostileHistoryCanAct() throws {
        let text = page(try Samples.parse(Samples.hostile))
        for number in 1...9 { #expect(!text.contains("<script>alert(\(number))"), "\(number)") }
        #expect(!text.contains("<img"))
        #expect(!text.contains("<b>kill"))
        #expect(!text.contains("<!--"))
        let scripts = text.components(separatedBy: "<script").dropFirst()
        #expect(scripts.count == 2, "the charts' data and the page's own script")
        #expect(scripts.allSatisfy { $0.hasPrefix(" type=\"application/json\"") || $0.hasPrefix(" nonce=\"secret\"") })
        #expect(text.components(separatedBy: "</script>").count == 3)
        #expect(
            !text.unicodeScalars.contains {
                ($0.value < 0x20 && $0 != "\n") || [0x2028, 0x2029, 0x202e, 0x7f].contains($0.value)
            })
        #expect(text.contains("\\u{1b}"), "it is shown, spelled out")
        #expect(text.contains("script-src 'nonce-secret'") || text.contains("script-src &#39;nonce-secret&#39;"))
    }

    @Test func theDataOfTheChartsIsJSONThatASameReaderReads() throws {
        let text = page(try Samples.parse(Samples.hostile))
        let start = try #require(text.range(of: "id=\"charts\">"))
        let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
        let json = try JSONSerialization.jsonObject(with: Data(text[start.upperBound..<end.lowerBound].utf8))
        let charts = try #require(json as? [[String: Any]])
        let ids = charts.compactMap { $0["id"] as? String }
        #expect(ids.contains("throughput") && ids.contains("latency") && ids.contains("staleness"))
        let bands = try #require(charts[0]["bands"] as? [[String: Any]])
        #expect(bands.contains { ($0["name"] as? String)?.contains("</script>") == true }, "as it was, once it is read")
    }

    /// A hundred thousand operations: under two megabytes, with everything.
    @Test func aLargeRunMakesAPageUnderTwoMegabytes() throws {
        let history = SyntheticHistory.generate(events: 240_000, keys: 400, clients: 16, seed: 5)
        let text = page(history, library: ChartLibrary())
        #expect(text.utf8.count < 2_000_000, "\(text.utf8.count)")
    }

    @Test func aPageOfARunThatWentVeryWrongStaysSmallAndSaysWhatItLeavesOut() throws {
        var lines =
            "{\"dyno\":1,\"nodes\":[\"n1\"]}\n{\"time\":0,\"process\":\"controller\",\"type\":\"info\",\"f\":\"phase\",\"value\":\"final\"}\n"
        for number in 0..<900 {
            lines +=
                "{\"time\":\(number + 1),\"process\":0,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"k\(number)\",\"node\":\"n1\"}\n"
            lines +=
                "{\"time\":\(number + 1),\"process\":0,\"type\":\"ok\",\"f\":\"get\",\"key\":\"k\(number)\",\"value\":[\"x\(number)\"]}\n"
        }
        let text = page(try Samples.parse(lines))
        #expect(text.contains("900 anomalies"))
        #expect(text.contains("and 596 more"), "4 drawn, 300 told")
        #expect(text.utf8.count < 700_000)
    }

    @Test func latenciesAreCountedInTheSecondInWhichOperationsEnd() throws {
        var lines = "{\"dyno\":1}\n"
        for number in 0..<100 {
            let begin = number * 100_000_000
            lines += "{\"time\":\(begin),\"process\":0,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"k\"}\n"
            lines +=
                "{\"time\":\(begin + (number + 1) * 100_000),\"process\":0,\"type\":\"ok\",\"f\":\"get\",\"key\":\"k\",\"value\":[]}\n"
        }
        let history = try Samples.parse(lines)
        let series = RunSeries(history, partner: history.pairing())
        #expect(series.seconds == 1)
        #expect(series.slices.map(\.ok) == Array(repeating: 10, count: 10))
        // Operation number k, from 1, took k tenths of a millisecond.
        #expect(series.slices[0].p50 == 0.5)
        #expect(series.slices[0].p99 == 1)
        #expect(series.slices[9].p999 == 10)
    }

    @Test func aReadIsAsStaleAsTheOldestAcknowledgedWriteThatItMissed() throws {
        let history = try Samples.parse(Samples.handoff)
        let curve = Staleness(history)
        #expect(curve.reads == 2)
        // The first read misses 3-1, acknowledged at 5 ms; it began at 15 ms. The second misses nothing.
        #expect(curve.ages == [10_000_000])
        #expect(curve.missed == [1: 1])
        #expect(curve.share(after: 0) == 0.5)
        #expect(curve.share(after: 10_000_000) == 0.5)
        #expect(curve.share(after: 10_000_001) == 1)
    }

    @Test func faultsLastUntilWhatEndsThem() throws {
        let history = try Samples.parse(
            """
            {"dyno":1,"nodes":["n1","n2","n3"]}
            {"time":1,"process":"nemesis","type":"info","f":"kill","value":["n1"]}
            {"time":2,"process":"nemesis","type":"info","f":"partition","value":[["n1"],["n2","n3"]]}
            {"time":3,"process":"nemesis","type":"info","f":"fault","value":"clock n2"}
            {"time":4,"process":"nemesis","type":"info","f":"partition","value":[["n2"],["n3"]]}
            {"time":5,"process":"nemesis","type":"info","f":"restart","value":["n1"]}
            {"time":6,"process":"nemesis","type":"info","f":"fault-end","value":"clock n2"}
            {"time":7,"process":"nemesis","type":"info","f":"pause","value":["n3"]}

            """)
        let intervals = FaultTimeline(history).intervals
        #expect(intervals.map(\.word) == ["down", "cut off", "clock n2", "cut off", "paused"])
        #expect(intervals.map(\.nodes) == [["n1"], ["n1", "n2", "n3"], ["n2"], ["n2", "n3"], ["n3"]])
        #expect(intervals.map(\.end) == [4, 3, 5, nil, nil])
    }

    /// What a run of ours writes into its history beside the events of the contract.
    private static let recorded = """
        {"dyno":1,"nodes":["n1","n2"],"n":2,"r":1,"w":1,"seed":7,"workload":"small","flaw":"forget-hints"}
        {"time":0,"process":"controller","type":"info","f":"ring","value":{"n":2,"preference":[["n1","n2"],["n2","n1"],["n1","n2"],["n2","n1"]]}}
        {"time":1,"process":"controller","type":"info","f":"phase","value":"load"}
        {"time":500000000,"process":"controller","type":"info","f":"sample","value":{"hints_waiting":41,"hints_stored":50,"hints_delivered":9,"keys_repaired":3,"read_repairs":2,"roots_differing":1}}
        {"time":1000000000,"process":0,"type":"invoke","f":"get","key":"k"}
        {"time":1001000000,"process":0,"type":"ok","f":"get","key":"k","value":[]}
        {"time":1500000000,"process":"controller","type":"info","f":"sample","value":{"hints_waiting":0,"hints_stored":50,"hints_delivered":50,"keys_repaired":3,"read_repairs":2,"keys_differing":4,"roots_differing":0}}
        {"time":9000000000,"process":"controller","type":"info","f":"wire","value":WIRE}

        """

    @Test func whatTheRunSampledIsDrawn() throws {
        let wire =
            #"{"step":1,"links":[{"from":"n1","to":"n2","sent":[10,10,20],"delivered":[10,0,20]},{"from":"n2","to":"n1","sent":[1],"delivered":[1]}],"kinds":[{"name":"replicate","group":"replication","seconds":[5,0,7]}]}"#
        let text = page(try Samples.parse(Self.recorded.replacing("WIRE", with: wire)))
        for part in [
            "hints waiting", "ring partitions whose roots differ", "keys repaired by Merkle exchange",
            "4 ring partitions",
            "partition 2: n1, n2", "n1 → n2", "class=\"stopped\"", "replication",
            "dyno run &#39;runs/it&#39;\\&#39;&#39;s here/workload.yml&#39; --seed 7 --flaw forget-hints",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(text.components(separatedBy: "class=\"stopped\"").count == 2, "in one cell, that of the second second")
    }

    /// Numbers that no run has: they must cost a picture, never the page.
    @Test(arguments: [
        #"{"step":9223372036854775807,"links":[],"kinds":[]}"#, #"{"step":0,"links":[],"kinds":[]}"#, "[]", "null", "7",
        #"{"step":1,"links":[{"from":"a","to":"b","sent":[9223372036854775807,-9223372036854775808],"delivered":[9223372036854775807,9223372036854775807]}],"kinds":[{"name":"k","group":"g","seconds":[9223372036854775807,9223372036854775807]}]}"#,
    ]) func absurdNumbersAreNoTrap(_ wire: String) throws {
        let text = page(
            try Samples.parse(
                Self.recorded.replacing("WIRE", with: wire).replacing(
                    "\"hints_waiting\":41", with: "\"hints_waiting\":-9223372036854775808"
                )
                .replacing("\"n\":2,\"preference\"", with: "\"n\":9223372036854775807,\"preference\"")))
        #expect(text.hasSuffix("</html>\n"))
    }
}
