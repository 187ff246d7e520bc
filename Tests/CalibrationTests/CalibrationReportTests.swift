import Calibration
import Checkers
import Dynamo
import Foundation
import Testing

/// The certificate says what was found, and nothing else.
struct CalibrationReportTests {
    private let find = Find(
        checker: .durability, anomaly: .missedHandoff, message: "gone", operations: 120, seconds: 3.456)

    private func report(found: Bool, alarms: [String] = []) -> CalibrationReport {
        var report = CalibrationReport(build: "0123", started: Date(timeIntervalSince1970: 0))
        report.add(.forgetHints, .processes, finds: [(1, nil), (2, found ? find : nil)])
        report.addSound(.simulated, workload: "handoff", seed: 9, alarms: alarms)
        report.finish(at: Date(timeIntervalSince1970: 86_400))
        return report
    }

    @Test func aFlawThatWasFoundAndNoAlarmIsGreen() {
        #expect(report(found: true).isGreen)
        #expect(!report(found: false).isGreen)
        #expect(!report(found: true, alarms: ["siblings: lost-write: …"]).isGreen)
        #expect(!CalibrationReport(build: "0123", started: Date()).isGreen)
    }

    @Test func theFileHasWhatAGateReads() throws {
        let json = Data(report(found: true, alarms: ["one", "two"]).json.utf8)
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(object["build"] as? String == "0123")
        #expect(object["finished"] as? String == "1970-01-02T00:00:00Z")
        let sound = try #require(object["sound"] as? [String: Any])
        #expect(sound["runs"] as? Int == 1 && sound["falseAlarms"] as? Int == 1)
        let row = try #require((object["flaws"] as? [[String: Any]])?.first)
        #expect(row["flaw"] as? String == "forget-hints" && row["found"] as? Bool == true)
        #expect(row["seeds"] as? Int == 2 && row["foundSeeds"] as? Int == 1 && row["seed"] as? Int == 2)
        #expect(row["checker"] as? String == "durability" && row["anomaly"] as? String == "missed-handoff")
        #expect(row["workload"] as? String == "handoff" && row["mode"] as? String == "processes")
        #expect(row["operations"] as? Int == 120 && row["seconds"] as? Double == 3.46)
        let again = try JSONDecoder().decode(CalibrationReport.self, from: json)
        #expect(again == report(found: true, alarms: ["one", "two"]))
    }

    @Test func theTableNamesWhatWasMissed() {
        let text = CalibrationText.text(of: report(found: false))
        #expect(text.contains("0 of 1 flaws found") && text.contains("missed: forget-hints"))
        #expect(text.contains("0 false alarms in 1 runs"))
    }

    @Test func anotherProgramIsAnotherBuild() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "build-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "program").path
        try Data("one".utf8).write(to: URL(filePath: path))
        let one = try BuildIdentity.of([path])
        #expect(try BuildIdentity.of([path]) == one && one.count == 32)
        try Data("two".utf8).write(to: URL(filePath: path))
        #expect(try BuildIdentity.of([path]) != one)
        #expect(throws: (any Error).self) { try BuildIdentity.of([path + "-missing"]) }
    }
}
