import Foundation
import Testing

/// `dyno check` and `dyno explain` on whatever a user may name.
@Suite struct CheckTests {
    private static let conformance = Program.root + "/Tests/CheckersTests/Conformance"

    private static func sh(_ script: String) throws -> (status: Int32, output: String) {
        let process = Foundation.Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// Also what a history of another tool could be taken for.
    @Test func malformedHistoriesAreRefusedInOneSentence() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.conformance)
            .filter { $0.hasPrefix("malformed-") && $0.hasSuffix(".jsonl") }
        #expect(names.count >= 10)
        for name in names {
            let result = try Program.run(["check", "\(Self.conformance)/\(name)"])
            #expect(result.status == 254 && result.output.isEmpty, "\(name): \(result.output)")
            #expect(result.errors.hasPrefix("dyno: \(Self.conformance)/\(name):"), "\(name): \(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
    }

    /// A pipe can be read only once; whatever comes out of it is read like a file.
    @Test(.timeLimit(.minutes(1))) func pipesAndStandardInput() throws {
        let directory = try TemporaryDirectory()
        let (text, native) = ("\(Self.conformance)/bug-phantom.jsonl", "\(directory.path)/h.dyno")
        #expect(try Program.run(["convert", text, native]).status == 0)
        let expected = try Program.run(["check", text])
        #expect(expected.status == 1)
        let pipe = "\(directory.path)/pipe"
        let ways = [
            "cat \(text) | \(Program.dyno) check -", "cat \(native) | \(Program.dyno) check -",
            "gzip -c \(text) | \(Program.dyno) check /dev/stdin", "\(Program.dyno) check - < \(native)",
            "mkfifo \(pipe); cat \(text) > \(pipe) & \(Program.dyno) check \(pipe)",
        ]
        for way in ways {
            let result = try Self.sh(way)
            #expect(result.status == 1 && result.output == expected.output, "\(way): \(result.output.prefix(300))")
        }
        let edn = "{:process 0 :type :invoke :f :read} {:process 0 :type :ok :f :read :value 3}"
        let result = try Self.sh("echo '\(edn)' | \(Program.dyno) check - --checker linearizable --model register")
        #expect(result.status == 1 && result.output.contains("nonlinearizable"), "\(result.output)")
    }

    @Test func historiesOfOtherToolsAreExplainedAndShown() throws {
        let directory = try TemporaryDirectory()
        let (path, svg) = ("\(directory.path)/history.edn", "\(directory.path)/why.svg")
        try """
        [{:process 0, :type :invoke, :f :write, :value 1} {:process 0, :type :ok, :f :write, :value 1}
         {:process 1, :type :invoke, :f :read, :value nil} {:process 1, :type :ok, :f :read, :value 0}]
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let why = ["explain", path, "1", "--checker", "linearizable", "--model", "cas-register", "--initial", "0"]
        let text = try Program.run(why)
        #expect(text.status == 0 && text.output.contains("nonlinearizable"), "\(text.output)\(text.errors)")
        #expect(try Program.run(why + ["--svg", svg]).status == 0)
        #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("<svg"))
        let shown = try Program.run(["show", path, "--process", "1"])
        #expect(shown.output.split(separator: "\n").count == 2, "\(shown.output)\(shown.errors)")
    }
}
