import Checkers
import Foundation
import Importers
import Testing

/// The histories that Porcupine and Knossos carry, where they stand beside the package: the same verdicts.
@Suite struct PublicHistoriesTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/histories").path
    static let isThere = FileManager.default.fileExists(atPath: directory)

    static func validity(_ name: String, _ model: LinearizableModel, initial: String = "null") throws -> Validity {
        let path = "\(directory)/\(name)"
        let history = try HistorySource.read(path: path)
        #expect(!history.events.isEmpty, "nothing was read from \(name)")
        try history.validate(file: path)
        var options = CheckOptions()
        options.model = model
        options.initialValue = initial
        let result = check(history, checkers: [.linearizable], options: options)[.linearizable]
        if case .unknown? = result?.validity, result?.reason?.hasPrefix("No operation was answered") == true {
            return .valid
        }
        return try #require(result).validity
    }

    static func names(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
        return names.sorted().map { "\(folder)/\($0)" }
    }

    @Test(.enabled(if: isThere)) func porcupine() throws {
        let table = try String(contentsOfFile: "\(Self.directory)/porcupine/EXPECTED.tsv", encoding: .utf8)
        var compared = 0
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t")
            guard fields.count == 4, fields[3] != "empty-skip" else { continue }
            let model = fields[0].hasPrefix("kv") ? LinearizableModel.kv : .casRegister
            let validity = try Self.validity("porcupine/\(fields[0])", model)
            #expect((validity == .valid) == (fields[3] == "true"), "\(fields[0]): \(validity)")
            compared += 1
        }
        #expect(compared == 108)
    }

    @Test(.enabled(if: isThere)) func knossos() throws {
        let folders: [(String, LinearizableModel, String)] = [
            ("cas-register", .casRegister, "null"), ("multi-register", .multiRegister, "0"), ("mutex", .mutex, "null"),
        ]
        var compared = 0
        for (folder, model, initial) in folders {
            for expected in [Validity.valid, .invalid] {
                let verdict = expected == .valid ? "good" : "bad"
                for name in Self.names("knossos/\(folder)/\(verdict)") {
                    let validity = try Self.validity(name, model, initial: initial)
                    #expect(validity == expected, "\(name): \(validity)")
                    compared += 1
                }
            }
        }
        #expect(compared >= 113)
    }
}
