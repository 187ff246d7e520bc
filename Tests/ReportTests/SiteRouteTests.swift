import Foundation
import Report
import Testing

/// No request leads out of the folder, and none from another site's page is answered.
@Suite struct SiteRouteTests {
    private let runs = ["a run", "20260101T000000Z-handoff-7", "..evil"]

    private func route(_ target: String) -> SiteRoute { SiteRoute(target: target, runs: runs) }

    @Test func pagesAndFilesOfKnownRunsAreFound() {
        #expect(route("/") == .index)
        #expect(route("/?x=1") == .index)
        #expect(route("/run/a%20run/") == .report(run: "a run"))
        #expect(
            route("/run/20260101T000000Z-handoff-7/history.dyno")
                == .file(run: "20260101T000000Z-handoff-7", name: "history.dyno"))
        for name in runs { #expect(route("/run/\(SiteRoute.component(name))/") == .report(run: name)) }
    }

    @Test(arguments: [
        "/../etc/passwd", "/run/../../etc/passwd", "/run/..%2f..%2fetc/passwd", "/run/%2e%2e/history.dyno", "/run/../",
        "/run/./", "/run//", "/run/a run/../history.dyno", "/run/a%20run/../../x", "/run/a%20run/nodes/n1/node.log",
        "/run/a%20run/..%2fhistory.dyno", "/run/a%20run/history.dyno%00.txt", "/run/a%20run/%2fetc%2fpasswd",
        "//etc/passwd", "/etc/passwd", "/run/a%20run%2f..%2f/", "/run/unknown/", "http://127.0.0.1/run/a%20run/", "*",
        "",
        "/run/a%2/", "/run/%ff%fe/", "/run/a%20run", "/RUN/a%20run/", "/run/a%20run/History.dyno",
        "\\..\\..\\etc\\passwd",
    ]) func everythingElseIsNotThere(_ target: String) {
        #expect(route(target) == .notFound)
    }

    @Test func onlyNamesOfThisMachineAreItsHost() {
        for host in ["127.0.0.1", "127.0.0.1:8100", "localhost", "LOCALHOST:80", "[::1]:8100", "[::1]"] {
            #expect(SiteRoute.isLocal(host: host), "\(host)")
        }
        for host in [
            nil, "", "evil.example", "evil.example:8100", "127.0.0.1.evil.example", "localhost.evil.example",
            "127.0.0.1:x",
            "127.0.0.1:99999", "0.0.0.0", "127.0.0.2", "localhost:", "[::1", "localhost:80:80",
        ] { #expect(!SiteRoute.isLocal(host: host), "\(host ?? "none")") }
    }

    @Test func aFolderOfRunsIsListedTheLatestFirst() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-index-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, verdict) in [
            ("1-good", #"{"valid":true,"events":12,"checkers":{"siblings":{"valid":true,"anomaly_count":0}}}"#),
            ("2-<b>", #"{"valid":false,"events":7,"checkers":{"siblings":{"valid":false,"anomaly_count":3}}}"#),
            ("3-cut", nil),
        ] as [(String, String?)] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            try "".write(toFile: "\(folder)/\(name)/history.dyno", atomically: true, encoding: .utf8)
            try verdict?.write(toFile: "\(folder)/\(name)/verdict.json", atomically: true, encoding: .utf8)
        }
        try FileManager.default.createDirectory(atPath: folder + "/no run", withIntermediateDirectories: true)
        let entries = RunIndex.entries(of: folder) { "/run/\($0)/" }
        #expect(entries.map(\.name) == ["3-cut", "2-<b>", "1-good"])
        #expect(entries.map(\.validity) == [nil, .invalid, .valid])
        #expect(entries[1].findings == "siblings 3")
        let page = RunIndex.html(entries, folder: folder)
        #expect(page.contains("2-&lt;b&gt;") && !page.contains("<b>"))
    }
}
