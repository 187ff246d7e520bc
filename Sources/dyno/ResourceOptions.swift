import ArgumentParser
import Checkers
import Foundation

/// What a check may take of the machine.
struct ResourceOptions: ParsableArguments {
    @Option(
        help: "Memory that a history may take before parts of it go to a temporary file, such as 512MB or 2GB.")
    var memory = MemorySize(bytes: 3 << 30)

    @Option(help: "How many threads work at a time; by default one for each processor.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024") }
    }

    var value: CheckResources {
        CheckResources(
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, memory: memory.bytes,
            directory: FileManager.default.temporaryDirectory.path)
    }
}

/// A number of bytes, as people write it: 2GB, 512MB, 64MiB, 1000000.
struct MemorySize: ExpressibleByArgument, CustomStringConvertible {
    static let minimum = 1 << 20
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let text = argument.uppercased()
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), let unit = Self.unit(text.dropFirst(digits.count)) else { return nil }
        let bytes = number * unit
        guard bytes >= Double(Self.minimum), bytes < 1e18 else { return nil }
        self.bytes = Int(bytes)
    }

    private static func unit(_ text: Substring) -> Double? {
        switch text {
        case "", "B": 1
        case "K", "KB", "KIB": 1024
        case "M", "MB", "MIB": 1_048_576
        case "G", "GB", "GIB": 1_073_741_824
        case "T", "TB", "TIB": 1_099_511_627_776
        default: nil
        }
    }

    var description: String {
        for (size, unit) in [(1 << 30, "GB"), (1 << 20, "MB")] where bytes % size == 0 {
            return "\(bytes / size)\(unit)"
        }
        return "\(bytes)"
    }

    var defaultValueDescription: String { description }
}
