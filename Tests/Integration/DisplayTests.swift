import Foundation
import Testing

/// What `dyno run` draws while it runs, on a terminal of its own (util-linux's `script`) and without one.
@Suite(.serialized) struct DisplayTests {
    private static let workload = """
        name: tiny
        store: { kind: dynamo, nodes: 3, n: 3, r: 2, w: 2, ring: 16 }
        clients: 4
        rate: 400
        operations: 1000
        keys: { count: 20, distribution: uniform }
        mix: { get: 45, put: 50, delete: 5, blind: 20% }
        faults:
          - { kill: home, at: 500ms, for: 1500ms }
        converge-within: 30s
        checkers: [siblings, causality, convergence]
        seed: 7
        """

    private func run(_ environment: [String: String], columns: Int, terminal: Bool) throws -> String {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tiny.yml"
        try Self.workload.write(toFile: path, atomically: true, encoding: .utf8)
        let command = "stty cols \(columns) 2>/dev/null; exec \(Program.dyno) run \(path) --into \(directory.path)/run"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: terminal ? "/usr/bin/script" : "/bin/sh")
        process.arguments = terminal ? ["-qec", command, "/dev/null"] : ["-c", command + " 2>&1"]
        var own = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        if environment["NO_COLOR"] == nil { own["NO_COLOR"] = nil }
        process.environment = own
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        #expect(process.terminationStatus == 0, "\(text)")
        return text
    }

    @Test func onATerminalItIsDrawnInPlaceWithColoursAndLeavesNothingBehind() throws {
        let text = try run(["TERM": "xterm-256color"], columns: 100, terminal: true)
        #expect(text.contains("\u{1B}[J"), "erased before it is drawn again")
        #expect(text.contains("nodes") && text.contains("\u{1B}[1;31mdown\u{1B}[0m"), "\(text)")
        #expect(text.contains("hints waiting"))
        // After the last erasure nothing of the display is drawn any more.
        let rest = text.components(separatedBy: "\u{1B}[J").last ?? ""
        #expect(!rest.contains("hints waiting") && rest.contains("valid: true"), "\(rest)")
    }

    @Test func aNarrowTerminalWithoutColoursGetsNoLineThatWraps() throws {
        let text = try run(["TERM": "xterm", "NO_COLOR": "1"], columns: 44, terminal: true)
        #expect(!text.contains("\u{1B}[1;31m"))
        let drawn = text.components(separatedBy: "\u{1B}[J").dropFirst().compactMap {
            $0.components(separatedBy: "\r\n").first
        }
        #expect(drawn.contains { $0.hasPrefix("load ") })
        for line in drawn where line.hasPrefix("load ") || line.hasPrefix("heal ") {
            #expect(line.count < 44, "\(line)")
        }
    }

    @Test func withoutATerminalThereAreOnlyPlainLines() throws {
        let text = try run(["TERM": "xterm"], columns: 80, terminal: false)
        #expect(!text.contains("\u{1B}") && !text.contains("\r"))
        #expect(text.contains("load: 1000 operations"))
        let dumb = try run(["TERM": "dumb"], columns: 80, terminal: true)
        #expect(!dumb.contains("\u{1B}"))
    }

    /// Ctrl-C reaches every process of the terminal's foreground group: the nodes must not be among them.
    @Test func ctrlCOnTheTerminalEndsTheLoadAndTheRunStillHealsAndDecides() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tiny.yml"
        try Self.workload.replacing("operations: 1000", with: "operations: 100000")
            .write(toFile: path, atomically: true, encoding: .utf8)
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
        process.arguments = ["-qec", "\(Program.dyno) run \(path) --into \(directory.path)/run", "/dev/null"]
        process.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { _, new in new }
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var text = ""
        var isInterrupted = false
        while case let bytes = output.fileHandleForReading.availableData, !bytes.isEmpty {
            text += String(decoding: bytes, as: UTF8.self)
            if !isInterrupted, text.contains("hints waiting") {
                isInterrupted = true
                try input.fileHandleForWriting.write(contentsOf: [3])
            }
        }
        process.waitUntilExit()
        #expect(text.contains("ending early"), "\(text)")
        #expect(text.contains("after the heal") && text.contains("valid: "), "\(text)")
        #expect(process.terminationStatus != 255)
    }
}
