import ArgumentParser
import History

/// `dyno generate`.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a synthetic valid history, for benchmarks.",
        discussion: "  dyno generate --events 1000000 --keys 1000 --clients 50 --seed 1 big.dyno")

    @Option(help: "How many events, about.")
    var events = 1_000_000

    @Option(help: "How many keys.")
    var keys = 1000

    @Option(help: "How many client processes at a time.")
    var clients = 16

    @Option(help: "The seed: the same seed writes the same file.")
    var seed: UInt64 = 1

    @Argument(help: "The file to write: .dyno, .jsonl or .jsonl.gz.", completion: .file())
    var output: String

    func validate() throws {
        guard events > 0, keys > 0, clients > 0 else {
            throw ValidationError("--events, --keys and --clients must be above 0")
        }
        guard events <= 1_000_000_000, keys <= events, clients <= 1_000_000 else {
            throw ValidationError("at most 1000000000 events, as many keys, and 1000000 clients")
        }
    }

    func run() throws {
        do { print("\(output): \(try Self.write(events, keys, clients, seed, to: output)) events") } catch {
            throw Failure.unusable("\(error)")
        }
    }

    /// Writes the history and gives back how many events it has. The native form is written as it is made, so that its length
    /// is not bounded by memory.
    static func write(
        _ events: Int, _ keys: Int, _ clients: Int, _ seed: UInt64, to path: String
    ) throws(HistoryError) -> Int {
        guard path.hasSuffix(".dyno") else {
            let history = SyntheticHistory.generate(events: events, keys: keys, clients: clients, seed: seed)
            try HistoryFile.write(history, to: path)
            return history.events.count
        }
        let writer = try NativeWriter(path: path, header: SyntheticHistory.header(seed: seed))
        try SyntheticHistory.generate(events: events, keys: keys, clients: clients, seed: seed, chunk: 65_536) {
            (part: History) throws(HistoryError) in try writer.append(part)
        }
        try writer.close()
        return writer.eventsWritten
    }
}
