import ArgumentParser
import Foundation
import Fuzzing

/// `fuzz-decoders`: feeds every decoder of outside bytes with spoilt inputs, in a process of its own that may trap.
@main
struct FuzzDecoders: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz-decoders",
        abstract: "Feed the decoders of both client ports, of peers, of the store and of histories with spoilt bytes.",
        discussion: """
            The inputs are fed in a child process. Should it trap, the parent names the input and writes its bytes to a file; \
            --only feeds that one input again. Exit status: 0 no trap, 1 a trap or too much memory.
            """)

    @Option(help: "How many inputs.")
    var inputs = 10_000_000

    @Option(help: "From which all inputs follow.")
    var seed: UInt64 = 1

    @Option(
        parsing: .upToNextOption,
        help:
            "The decoders to be fed, in turn: \(Decoder.allCases.map(\.rawValue).joined(separator: ", ")) (default: all)."
    )
    var decoders: [Decoder] = []

    @Option(help: "Megabytes that the process may come to use.")
    var memory = 512

    @Option(help: "Feed this input alone, in this process.")
    var only: Int?

    @Option(help: ArgumentHelp("The file that holds the number of the input in hand.", visibility: .hidden))
    var marker: String?

    func validate() throws {
        guard (1...1_000_000_000_000).contains(inputs), (16...1_000_000).contains(memory), only ?? 0 >= 0 else {
            throw ValidationError("--inputs: 1 or more; --memory: 16 or more; --only: a number of an input")
        }
    }

    func run() throws {
        if let only {
            let input = fuzzer.input(only)
            print("\(input.decoder.rawValue): \(Self.hexadecimal(input.bytes))")
            _ = try fuzzer.run(only..<(only + 1), memoryLimit: memory << 20)
            print("no trap")
        } else if let marker {
            try feed(marker)
        } else {
            try watch()
        }
    }

    private var chosen: [Decoder] { decoders.isEmpty ? Decoder.allCases : decoders }
    private var fuzzer: Fuzzer { Fuzzer(seed: seed, decoders: chosen) }

    /// The child: feeds all inputs.
    private func feed(_ path: String) throws {
        guard let marker = Marker(path: path) else { throw ValidationError("cannot write \(path)") }
        let began = Date()
        let tally = try fuzzer.run(0..<inputs, memoryLimit: memory << 20) { number in
            marker.number = number
        } progress: { tally in
            guard tally.inputs / 65_536 % 16 == 0 else { return }
            print("\(tally.inputs) inputs, \(tally.residentBytes >> 20) MB at most")
            fflush(nil)
        }
        let seconds = Date().timeIntervalSince(began)
        print(
            String(
                format: "no trap in %d inputs (seed %llu): %.0f s, %.0f inputs/s, %d MB of memory at most",
                tally.inputs,
                seed, seconds, Double(tally.inputs) / max(seconds, 0.001), tally.residentBytes >> 20))
        for decoder in chosen {
            let share = Double(tally.understood[decoder] ?? 0) * Double(chosen.count) / Double(tally.inputs)
            print(String(format: "  %@: %.0f %% understood", decoder.rawValue, share * 100))
        }
    }

    /// The parent: tells of a child that ended in another way than by itself.
    private func watch() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(getpid()).input").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let names = chosen.map(\.rawValue)
        child.arguments =
            ["--inputs", "\(inputs)", "--seed", "\(seed)", "--memory", "\(memory)", "--marker", path, "--decoders"]
            + names
        try child.run()
        child.waitUntilExit()
        if child.terminationReason == .exit, child.terminationStatus == 0 { return }
        let number = Marker(path: path)?.number ?? 0
        let input = fuzzer.input(number)
        let file = "fuzz-\(seed)-\(number).bin"
        try Data(input.bytes).write(to: URL(fileURLWithPath: file))
        print(
            "the process ended at input \(number) of seed \(seed), for the decoder \(input.decoder.rawValue): \(file)")
        let option = decoders.isEmpty ? "" : " --decoders " + names.joined(separator: " ")
        print("again: fuzz-decoders --seed \(seed) --only \(number)\(option)")
        throw ExitCode(1)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Decoder: ExpressibleByArgument {}
