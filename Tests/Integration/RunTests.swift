import Foundation
import History
import Testing

/// Whole runs: real nodes, real namespaces, real kills and cuts. One after the other: each has the machine to itself.
@Suite(.serialized) struct RunTests {
    @Test func aSmallRunIsValidAndTheOfflineCheckSaysTheSame() throws {
        let directory = try TemporaryDirectory()
        let workload = try SmallWorkload.write(into: directory)
        let run = directory.path + "/run"
        let result = try Program.run(["run", workload, "--into", run, "--quiet"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let live = try String(contentsOfFile: run + "/verdict.json", encoding: .utf8)
        let offline = try Program.run(["check", run + "/history.dyno", "--format", "json"])
        #expect(offline.status == 0)
        #expect(offline.output == live, "byte for byte")

        // Through the interchange form and back nothing of the verdict changes.
        let text = try Program.run(["convert", run + "/history.dyno", directory.path + "/h.jsonl"])
        #expect(text.status == 0, "\(text.errors)")
        let again = try Program.run(["check", directory.path + "/h.jsonl", "--format", "json"])
        #expect(again.output == live)
        let history = try HistoryFile.read(path: run + "/history.dyno")
        #expect(history.events.contains { $0.function == .kill })
        #expect(history.events.contains { $0.function == .converged })
        try theCaptureSaysTheSame(run)
        #expect(!FileManager.default.fileExists(atPath: run + "/nodes/n1/data"), "a run removes what its nodes stored")
    }

    private struct Wire: Decodable, Equatable {
        var packets: Int
        var judged: Int
        var belowW: Int
        var unjudged: Int
        var gaps: Int
    }

    /// What was read of the live traffic, and what is read of the file of it.
    private func theCaptureSaysTheSame(_ run: String) throws {
        let live = try Program.run(["wire", run + "/history.dyno", "--format", "json"])
        let again = try Program.run(["wire", run + "/capture.pcap.gz", "--format", "json"])
        #expect(live.status == 0 && again.status == 0, "\(live.errors)\(again.errors)")
        let one = try JSONDecoder().decode(Wire.self, from: Data(live.output.utf8))
        #expect(one == (try JSONDecoder().decode(Wire.self, from: Data(again.output.utf8))))
        #expect(one.judged > 300 && one.belowW == 0 && one.gaps == 0, "\(one)")
        #expect(try Program.run(["wire", run + "/history.dyno"]).output.contains("n1 → n2"))
    }

    @Test func killingTheRunLeavesNothingBehindAndAReadableHistory() throws {
        let directory = try TemporaryDirectory()
        let workload = try SmallWorkload.write(into: directory)
        let run = directory.path + "/run"
        let (interfaces, mounts) = (Program.interfaces, Program.mounts)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.dyno)
        process.arguments = ["run", workload, "--into", run, "--quiet"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        try wait("a sealed block") { Self.size(run + "/history.dyno") > 4096 }
        #expect(Program.processes(naming: run).count >= 5)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try wait("the end of every process") { Program.processes(naming: run).isEmpty }
        #expect(Program.interfaces == interfaces)
        #expect(Program.mounts == mounts)

        let history = try HistoryFile.read(path: run + "/history.dyno")
        #expect(history.events.count > 10)
        #expect(history.truncation != nil, "a history that was cut short says so")
        let check = try Program.run(["check", run + "/history.dyno"])
        #expect(check.status == 2, "\(check.output)\(check.errors)")
    }

    @Test func aPlantedFaultIsFound() throws {
        let directory = try TemporaryDirectory()
        let result = try Program.run(
            ["canary", "--flaw", "no-exchange", "--workloads", Program.root + "/Workloads", "--runs", directory.path],
            limit: 180)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test func whatCannotBeRunIsOneSentenceAndExit254() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/bad.yml"
        try "name: bad\ncleints: 3\n".write(toFile: path, atomically: true, encoding: .utf8)
        for arguments in [
            ["run", path], ["run", directory.path + "/none.yml"], ["check", "/none"], ["run"], ["nonsense"],
        ] {
            let result = try Program.run(arguments)
            #expect(result.status == 254, "\(arguments): \(result.errors)")
            #expect(!result.errors.isEmpty)
        }
        #expect(try Program.run(["run", path]).errors.contains("bad.yml:2:"))
        let calm = Program.root + "/Workloads/calm.yml"
        let flaw = try Program.run(["run", calm, "--into", directory.path + "/run", "--flaw", "nonsense"])
        #expect(flaw.status == 254 && flaw.errors.contains("forget-hints"), "\(flaw.errors)")
    }

    private static func size(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
    }

    /// Waits for what a process brings about; a minute is beyond doubt.
    private func wait(_ what: String, _ condition: () -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while !condition() {
            try #require(Date() < deadline, "no \(what)")
            usleep(10_000)
        }
    }
}
