import Controller
import Foundation
import Testing
import Wire

/// What is said of the network while a run goes on.
@Suite struct WireRatesTests {
    private func report(_ json: String) throws -> WireReport {
        var report = WireReport()
        report.kinds = try JSONDecoder().decode([WireReport.Kind].self, from: Data(json.utf8))
        return report
    }

    private func link(_ from: String, _ to: String, bytes: [Int]) throws -> WireReport.Link {
        let json = #"{"from":"\#(from)","to":"\#(to)","sent":[1],"delivered":[1],"bytes":\#(bytes),"messages":{}}"#
        // The text above is complete.
        return try JSONDecoder().decode(WireReport.Link.self, from: Data(json.utf8))
    }

    @Test func ratesAreOfTheTimeBetweenAndClientsAreNoNodes() throws {
        var before = try report(
            #"[{"name":"replicate","group":"replication","messages":10,"bytes":1,"seconds":[]}]"#)
        before.links = [try link("n1", "n2", bytes: [1_000_000]), try link("clients", "n1", bytes: [5])]
        var after = try report(
            #"""
            [{"name":"replicate","group":"replication","messages":50,"bytes":1,"seconds":[]},
             {"name":"ping","group":"gossip","messages":90,"bytes":1,"seconds":[]}]
            """#)
        after.links = [
            try link("n1", "n2", bytes: [1_000_000, 3_000_000]), try link("clients", "n1", bytes: [9_000_000]),
        ]
        #expect(
            WireRates.words(from: before, to: after, seconds: 2) == "1.50 MB/s  ping 45/s  replicate 20/s")
        #expect(WireRates.words(from: before, to: after, seconds: 0) == nil)
    }

    @Test func whatIsPublishedCanBeReadAndIsGoneAtTheEnd() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("wire-\(UUID().uuidString).json")
        var rates = WireRates(file: file.path)
        var report = WireReport()
        report.packets = 77
        #expect(rates.publish(report) == nil)
        let read = try JSONDecoder().decode(WireReport.self, from: Data(contentsOf: file))
        #expect(read == report)
        rates.end()
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test func theTextHasARowForEachLinkThatIsUsedAndEachKind() throws {
        var after = try report(
            #"[{"name":"replicate","group":"replication","messages":50,"bytes":400,"seconds":[]}]"#)
        after.links = [try link("n1", "n2", bytes: [500]), try link("clients", "clients", bytes: [])]
        after.links[1].sent = []
        let text = WireText.live(from: WireReport(), to: after, seconds: 2)
        #expect(text.contains("n1 → n2       1            1      250"))
        #expect(text.contains("replicate  replication           25      200      50"))
        #expect(!text.contains("clients"))
    }
}
