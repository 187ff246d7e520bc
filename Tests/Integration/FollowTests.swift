import Foundation
import History
import Testing

/// `dyno check --follow` on a history that this process writes.
@Suite struct FollowTests {
    /// A read of an id that nobody wrote, and the phases that make its history complete.
    private static func events(_ number: Int = 0) -> History {
        var history = History()
        for (index, type) in [EventType.invoke, .ok].enumerated() {
            var draft = EventDraft(Int64(2 * number + index) * 1000, .client(0), type, .get)
            draft.key = "cart-7"
            if type == .ok { draft.list = .versions([VersionDraft(id: "9-\(9 + number)")]) }
            history.append(draft)
        }
        return history
    }

    /// Starts following `path` and gives the process with what it says on standard error.
    private static func follow(_ path: String, output: Pipe) throws -> (Foundation.Process, FileHandle) {
        let process = Foundation.Process()
        let errors = Pipe()
        process.executableURL = URL(fileURLWithPath: Program.dyno)
        process.arguments = ["check", path, "--follow", "--checker", "siblings", "--format", "json"]
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, errors.fileHandleForReading)
    }

    @Test func aViolationIsToldWhileTheHistoryGrows() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/h.dyno"
        let writer = try NativeWriter(path: path, header: Header())
        let output = Pipe()
        let (process, errors) = try Self.follow(path, output: output)
        defer { process.terminate() }
        try writer.append(Self.events())
        // Comes as soon as it is certain, though the writer goes on.
        let told = String(decoding: errors.availableData, as: UTF8.self)
        #expect(told == "event 1: phantom-value: A get of cart-7 returned 9-9, which nobody had written.\n")
        #expect(process.isRunning)
        try writer.close()
        let verdict = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        let again = try Program.run(["check", path, "--checker", "siblings", "--format", "json"])
        #expect(verdict == again.output && verdict.contains("phantom-value"))
    }

    @Test func aWriterThatIsGoneEndsIt() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/h.dyno"
        var writer: NativeWriter? = try NativeWriter(path: path, header: Header())
        try writer?.append(Self.events())
        writer = nil
        let result = try Program.run(["check", path, "--follow", "--checker", "causality"])
        #expect(result.status == 2)
        #expect(result.errors.contains("its writer is gone and never closed it, after 2 events"))
        #expect(result.output.contains("The history is not complete"))
    }

    @Test func manyViolationsOfOneKindAreCounted() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/h.dyno"
        var writer: NativeWriter? = try NativeWriter(path: path, header: Header())
        for number in 0..<30 { try writer?.append(Self.events(number)) }
        writer = nil
        let result = try Program.run(["check", path, "--follow", "--checker", "siblings", "--format", "json"])
        let told = result.errors.split(separator: "\n")
        #expect(told.filter { $0.hasPrefix("event ") }.count == 20, "\(result.errors)")
        #expect(told.last?.hasSuffix("after 60 events, 30 phantom-value") == true)
        #expect(result.status == 1 && result.output.contains("\"anomaly_count\":30"))
        #expect(
            result.output.contains("not complete"), "what was lost is stated beside the anomalies: \(result.output)")
    }

    @Test func onlyANativeFileCanBeFollowed() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/h.jsonl"
        try "{\"dyno\":1}\n{\"time\":1,\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"heal\"}\n".write(
            toFile: path, atomically: true, encoding: .utf8)
        let result = try Program.run(["check", path, "--follow"])
        #expect(result.status == 254)
        #expect(result.errors.contains("not a native history"))
    }

    @Test func memoryAndThreadsChangeNothing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/h.dyno"
        let made = try Program.run(["generate", "--events", "60000", "--keys", "50", path])
        #expect(made.status == 0, "\(made.errors)")
        let verdicts = try [["--memory", "1MB", "--threads", "1"], ["--memory", "2GB", "--threads", "3"], []].map {
            try Program.run(["check", path, "--format", "json"] + $0)
        }
        #expect(verdicts.allSatisfy { $0.status == 0 && $0.output == verdicts[0].output })
        #expect(try Program.run(["check", path, "--memory", "3 apples"]).status == 254)
    }
}
