import Checkers
import Foundation
import History
import Importers

/// What reads histories: our two forms, the parts that they are taken apart into, and Jepsen's store files.
enum HistoryDecoders {
    /// Lines of JSON: what is understood is written, read again and checked.
    static func lines(_ bytes: [UInt8]) -> Bool {
        guard let history = try? JSONLines.parse(bytes, file: "input") else { return false }
        return use(history, again: true)
    }

    /// A native file. The first byte tells whether the others are one, or the columns of its only block.
    static func native(_ bytes: [UInt8]) -> Bool {
        guard let file = file(bytes), let history = try? NativeReader.read(file, file: "input") else { return false }
        return use(history, again: false)
    }

    /// A native file again, read from a file, taken apart and decided part by part.
    static func partitions(_ bytes: [UInt8]) -> Bool {
        guard let file = file(bytes), let path = scratch?.path(with: file) else { return false }
        var settings = PartitionSettings()
        // One in four lies on the disk for the most part.
        (settings.parts, settings.memory) = (3, (bytes.first ?? 0) & 6 == 0 ? 1 << 12 : 1 << 20)
        settings.directory = ScratchFile.directory
        guard let partition = try? HistoryPartition.read(path: path, settings: settings) else { return false }
        let check = try? PartitionedCheck(
            partition, checkers: Array(CheckerName.partitionable), maxAnomalies: 3, threads: 1, countsExercise: true)
        _ = try? check?.verdict()
        return true
    }

    /// A store file of Jepsen. The first byte tells whether the others are one, or the data of its history's block.
    static func store(_ bytes: [UInt8]) -> Bool {
        let data = Array(bytes.dropFirst())
        let file: [UInt8]
        switch bytes.first.map({ $0 % 8 }) ?? 0 {
        case 0: file = data
        case 1, 2: file = StoreSample.file(history: [.init(1, type: 2, data)])
        case 3:
            let chunk = StoreSample.Block(2, type: 4, StoreSample.operations(4, seed: 1))
            file = StoreSample.file(history: [.init(1, type: 5, data), chunk])
        default:
            // As many elements as there turn out to be.
            let vector = StoreSample.vector(count: UInt64(bytes.first ?? 0) / 8, [(0, 2)])
            file = StoreSample.file(history: [.init(1, type: 5, vector), .init(2, type: 4, data)])
        }
        guard let history = try? ImportedBytes.parse(file, file: "input") else { return false }
        precondition((try? history.validate(file: "input")) != nil, "the importer let a malformed history through")
        return use(history, again: true)
    }

    /// Does with a history what commands do, and demands that its text is the same when it is read `again`.
    private static func use(_ history: History, again: Bool) -> Bool {
        _ = try? history.validate(file: "input")
        _ = history.pairing()
        let text = JSONLines.text(of: history)
        guard again else { return true }
        let copy = try? JSONLines.parse(text, file: "input")
        precondition(copy.map { JSONLines.text(of: $0) } == text, "a history is another one when it is read again")
        return true
    }

    private static func file(_ bytes: [UInt8]) -> [UInt8]? {
        guard let first = bytes.first else { return nil }
        if first % 2 == 0 { return Array(bytes.dropFirst()) }
        return sample(first)?.file(columns: Array(bytes.dropFirst()))
    }

    /// The sample that the first byte of an input tells.
    private static func sample(_ first: UInt8) -> NativeSample? {
        natives.isEmpty ? nil : natives[Int(first >> 3) % natives.count]
    }

    // MARK: Samples

    static func corpus(_ decoder: Decoder, _ index: Int) -> [UInt8] {
        switch decoder {
        case .lines:
            // Few lines, from anywhere: of many, one that is spoilt refuses all.
            let lines = JSONLines.text(of: SyntheticHistory.withExtras(seed: index)).split(
                separator: UInt8(ascii: "\n"))
            let start = 1 + index * 7 % max(1, lines.count - 8)
            let part = lines.prefix(1) + lines[start..<min(lines.count, start + 1 + index % 6)]
            return Array(part.joined(separator: [UInt8(ascii: "\n")]))
        case .store:
            let count = 2 * (1 + index % 6)
            let operations = StoreSample.operations(count, seed: index)
            switch index % 4 {
            case 0:
                let vector = StoreSample.vector(count: UInt64(count), [(0, 2)])
                return [0] + StoreSample.file(history: [.init(1, type: 5, vector), .init(2, type: 4, operations)])
            case 1:
                var list = FressianWriter()
                list.list(count)
                list.raw(operations)
                return [1] + list.bytes
            case 2: return [3] + StoreSample.vector(count: 4, [(0, 2)])
            default: return [UInt8(8 * count + 4)] + operations
            }
        default:
            let mark = UInt8(truncatingIfNeeded: 2 * index)
            if index % 3 == 0 { return [mark] + NativeSample.bytes(of: SyntheticHistory.withExtras(seed: index % 200)) }
            return [mark | 1] + (sample(mark)?.columns ?? [])
        }
    }

    private static let scratch = ScratchFile()
    private static let natives = (0..<16).compactMap {
        NativeSample(NativeSample.bytes(of: SyntheticHistory.withExtras(seed: $0)))
    }
}
