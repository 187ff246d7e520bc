import ArgumentParser
import History

/// `dyno convert`.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a history in another form, without loss.",
        discussion: """
            The forms are told by the name of the file: .dyno (native, compressed), .jsonl (JSON Lines), .jsonl.gz.

              dyno convert history.dyno history.jsonl
            """)

    @Argument(help: "The history to read.", completion: .file())
    var input: String

    @Argument(help: "The file to write; it is replaced when it exists.", completion: .file())
    var output: String

    func run() throws {
        do {
            let history = try HistoryFile.read(path: input)
            try history.validate(file: input)
            if let truncation = history.truncation {
                throw Failure.unusable("\(input) is cut short (\(truncation.reason)); a copy would hide that")
            }
            try HistoryFile.write(history, to: output)
            print("\(output): \(history.events.count) events")
        } catch let error as HistoryError {
            throw Failure.unusable("\(error)")
        }
    }
}
