extension HistoryPartition {
    /// Reads a history from a file, whatever its form, and takes it apart without holding it as a whole.
    ///
    /// The blocks of a native file are decoded by several threads; a text form is parsed into memory first.
    package static func read(
        path: String, settings: PartitionSettings
    ) throws(HistoryError) -> HistoryPartition {
        if let partition = try readNative(path, settings) { return partition }
        return try of(try HistoryFile.read(path: path), settings: settings)
    }

    /// Takes a history in memory apart.
    package static func of(_ history: History, settings: PartitionSettings) throws(HistoryError) -> HistoryPartition {
        var partition = HistoryPartition(
            header: history.header, parts: settings.partCount(events: history.events.count), settings: settings)
        partition.truncation = history.truncation
        var names = PartitionNames()
        try partition.add(history, 0..<history.events.count, &names)
        return partition
    }

    /// nil when the file is of another form, or has no places to go back to.
    private static func readNative(
        _ path: String, _ settings: PartitionSettings
    ) throws(HistoryError) -> HistoryPartition? {
        let file = try InputFile(path: path)
        guard let size = file.size, size >= NativeLayout.fileMagic.count,
            NativeReader.isNative(try file.bytes(NativeLayout.fileMagic.count, from: 0))
        else { return nil }
        var (cursor, header) = try NativeReader.open(file)
        var partition = HistoryPartition(
            header: header, parts: settings.partCount(events: cursor.eventEstimate(fileSize: size)),
            settings: settings)
        var decoder = RoundDecoder(
            path: path, fileSize: size, version: cursor.version, threads: settings.threads)
        if settings.threads > 1 {
            try decoder.run(&cursor, file, &partition)
        } else {
            try decoder.runAlone(&cursor, file, &partition)
        }
        partition.truncation = cursor.truncation
        return partition
    }
}

/// Decodes blocks in rounds: while some threads decode the next blocks, one puts those of the round before into the
/// partition, in their order.
private struct RoundDecoder {
    private let path: String
    private let threads: Int
    private let assembly: NativeAssembly
    private var footprint = 0
    private var names = PartitionNames()

    /// A block being decoded, by one thread at a time.
    private final class Slot: @unchecked Sendable {
        var frame: NativeFrame?
        var history = RoundDecoder.block()
    }

    /// Memory for blocks. A block brings each of its strings once, and the partition takes them by their codes: nobody need look
    /// whether a string is known.
    private static func block() -> History {
        var history = History()
        history.strings = Interner(looksUp: false)
        return history
    }

    init(path: String, fileSize: Int, version: UInt32, threads: Int) {
        self.path = path
        self.threads = max(threads, 1)
        assembly = NativeAssembly(path: path, fileSize: fileSize, version: version)
    }

    mutating func run(
        _ cursor: inout NativeCursor, _ file: borrowing InputFile, _ partition: inout HistoryPartition
    ) throws(HistoryError) {
        var (next, last) = ((0..<threads).map { _ in Slot() }, (0..<threads).map { _ in Slot() })
        repeat {
            for slot in next { slot.frame = try cursor.next(file) }
            try Parallel.forEach(next.count + 1, threads: threads, makeState: {}) {
                (number, _) throws(HistoryError) in
                if number == 0 { return try empty(last, into: &partition) }
                let slot = next[number - 1]
                slot.history.removeEvents()
                try slot.frame?.decode(into: &slot.history, path: path, version: assembly.version)
            }
            swap(&next, &last)
        } while last.contains { $0.frame != nil } && !partition.isMalformed
    }

    /// With one thread each event is taken soon after it was decoded, while a near cache still has it.
    mutating func runAlone(
        _ cursor: inout NativeCursor, _ file: borrowing InputFile, _ partition: inout HistoryPartition
    ) throws(HistoryError) {
        var history = RoundDecoder.block()
        while !partition.isMalformed, let frame = try cursor.next(file) {
            try checkCount(partition.eventCount, frame)
            history.removeEvents()
            names.removeAll()
            var failure: HistoryError?
            try frame.decode(into: &history, path: path, version: assembly.version, every: RoundDecoder.step) {
                history in
                do throws(HistoryError) {
                    if failure == nil { try partition.add(history, history.events.indices, &names) }
                } catch { failure = error }
                history.events.removeAll(keepingCapacity: true)
                if !history.extras.isEmpty { history.extras.removeAll() }
            }
            if let failure { throw failure }
            footprint += history.eventFootprint + frame.block.events * MemoryLayout<Event>.stride
            try assembly.checkMemory(footprint, at: frame.block.offset)
        }
    }

    /// Events that are decoded before they are taken.
    private static let step = 512

    private func checkCount(_ count: Int, _ frame: NativeFrame) throws(HistoryError) {
        guard count <= Int(Int32.max) - frame.block.events else {
            throw HistoryError(
                file: path, offset: frame.block.offset, reason: "a history has at most \(Int32.max) events")
        }
    }

    private mutating func empty(_ slots: [Slot], into partition: inout HistoryPartition) throws(HistoryError) {
        for slot in slots {
            guard let frame = slot.frame else { continue }
            try checkCount(partition.eventCount, frame)
            names.removeAll()
            footprint += slot.history.eventFootprint
            try assembly.checkMemory(footprint, at: frame.block.offset)
            try partition.add(slot.history, slot.history.events.indices, &names)
        }
    }
}
