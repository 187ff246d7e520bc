import ArgumentParser
import Foundation
import History
import Importers

/// `dyno convert`.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a history in another form.",
        discussion: """
            Our own forms are told by the name of the file: .dyno (native, compressed), .jsonl (JSON Lines), .jsonl.gz; from one \
            to the other nothing is lost. A history of another tool is told by how it begins: history.edn of Jepsen, Knossos \
            and Maelstrom, JSON of Jepsen and elle-cli, the logs that Porcupine carries. To .edn a history is written as \
            Elle and Knossos read it.

              dyno convert history.dyno history.jsonl
              dyno convert history.edn history.dyno
              dyno convert history.dyno history.edn
            """)

    @Argument(help: "The history to read.", completion: .file())
    var input: String

    @Argument(help: "The file to write; it is replaced when it exists.", completion: .file())
    var output: String

    func run() throws {
        do {
            let history = try HistorySource.read(path: input)
            try history.validate(file: input)
            if let truncation = history.truncation {
                throw Failure.unusable("\(input) is cut short (\(truncation.reason)); a copy would hide that")
            }
            if output.hasSuffix(".edn") {
                try writeEDN(history)
            } else {
                try HistoryFile.write(history, to: output)
            }
            print("\(output): \(history.events.count) events")
        } catch let error as HistoryError {
            throw Failure.unusable("\(error)")
        }
    }

    private func writeEDN(_ history: History) throws {
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let handle = FileHandle(forWritingAtPath: output)
        else { throw Failure.unusable("\(output): cannot be created") }
        do {
            try EDNExport.write(history) { piece in try handle.write(contentsOf: Data(piece.utf8)) }
            try handle.close()
        } catch {
            throw Failure.unusable("\(output): cannot be written: \(error)")
        }
    }
}
