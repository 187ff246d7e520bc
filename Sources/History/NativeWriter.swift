/// Writes a `.dyno` file block by block: what was appended survives the end of this process, however it comes.
///
/// Not for use by several threads at once. See Format.md for the bytes.
public final class NativeWriter {
    private let file: OutputFile
    private let level: Int32
    private var encoder = BlockEncoder()
    private var blocks: [NativeBlock] = []

    /// Events sealed so far.
    public private(set) var eventsWritten = 0
    /// Bytes of the file so far.
    public var bytesWritten: Int { file.count }

    /// Creates the file at `path`, or empties the one that is there, and writes the header.
    ///
    /// The file is locked as long as it is open, by which others see that its writer lives.
    ///
    /// - Parameter level: how hard blocks are compressed, from 1 (fast) to 12 (small).
    public init(path: String, header: Header, level: Int32 = 1) throws(HistoryError) {
        file = try OutputFile(path: path)
        file.lock()
        self.level = level
        var text = JSONLinesWriter()
        text.write(header)
        let line = text.bytes.dropLast()
        guard line.count <= NativeLayout.headerTextLimit else {
            throw HistoryError(file: path, reason: "the header is longer than \(NativeLayout.headerTextLimit) bytes")
        }
        var writer = ColumnWriter()
        for byte in NativeLayout.fileMagic { writer.fixed(byte) }
        writer.fixed(NativeLayout.version)
        writer.fixed(UInt32(line.count))
        for byte in line { writer.fixed(byte) }
        writer.fixed(Zlib.crc(writer.bytes))
        try file.write(writer.bytes)
    }

    /// Seals the events of a part of the run; its header is not looked at.
    ///
    /// The part's interner may hold the strings of the whole run: a block takes only what it uses.
    ///
    /// - Parameter synchronize: return only when the events are on the disk, and so survive the end of the machine too.
    public func append(_ part: History, synchronize: Bool = false) throws(HistoryError) {
        var start = 0
        while start < part.events.count {
            let end = try BlockMeasure.end(of: part, from: start, path: file.path)
            try seal(part, start..<end)
            start = end
        }
        if synchronize { try file.synchronize() }
    }

    /// Writes the index, by which a reader knows that nothing is missing, and closes the file. Nothing can be
    /// appended after.
    public func close(synchronize: Bool = false) throws(HistoryError) {
        try file.write(NativeIndex.bytes(blocks, at: file.count))
        if synchronize { try file.synchronize() }
        try file.close()
    }

    private func seal(_ part: History, _ range: Range<Int>) throws(HistoryError) {
        let payload = encoder.encode(part, range)
        guard payload.count <= NativeLayout.payloadLimit else { throw tooLarge(range) }
        guard let deflated = Zlib.deflated(payload, level: level) else {
            throw HistoryError(file: file.path, reason: "no memory to compress a block")
        }
        let block = NativeBlock(
            offset: file.count, length: NativeLayout.blockHeaderSize + deflated.count, events: range.count,
            firstTime: part.events[range.lowerBound].time, lastTime: part.events[range.upperBound - 1].time,
            filter: encoder.keyFilter(part.strings))
        let header = NativeBlockHeader(
            payloadLength: UInt32(deflated.count), inflatedLength: UInt32(payload.count), events: UInt32(range.count),
            firstIndex: UInt64(eventsWritten), firstTime: block.firstTime, lastTime: block.lastTime,
            payloadChecksum: Zlib.crc(deflated))
        // One write, so that a reader of the growing file sees whole blocks.
        try file.write(header.bytes + deflated)
        blocks.append(block)
        eventsWritten += range.count
    }

    private func tooLarge(_ range: Range<Int>) -> HistoryError {
        HistoryError(file: file.path, reason: "event \(eventsWritten) is too large for a block of the native format")
    }
}

/// Finds how many events fit into a block, by bounds that are cheap to add up.
enum BlockMeasure {
    /// What the payload should not exceed unless one event alone does, in bytes: bounds are generous.
    private static let aim = 48 << 20
    private static let shortString = 32

    /// The end of the block that begins at event `start`. Throws when that event alone goes beyond the limits.
    static func end(of part: History, from start: Int, path: String) throws(HistoryError) -> Int {
        var (bytes, versions, ids, entries) = (0, 0, 0, 0)
        var index = start
        // Where all strings are short, nobody need look how short each is.
        let bound = part.strings.lengthBound <= BlockMeasure.shortString ? part.strings.lengthBound : nil
        while index < part.events.count, index - start < NativeLayout.eventLimit {
            let measure = part.measure(index, stringBound: bound)
            bytes += measure.bytes
            versions += measure.versions
            ids += measure.ids
            entries += measure.entries
            let isTooMuch =
                versions > NativeLayout.versionLimit || ids > NativeLayout.idLimit
                || entries > NativeLayout.clockEntryLimit
            if index == start && (isTooMuch || bytes > NativeLayout.dictionaryLimit) {
                throw HistoryError(
                    file: path, reason: "event \(index) of a part is too large for a block of the native format")
            }
            if index > start && (isTooMuch || bytes > aim) { break }
            index += 1
        }
        return index
    }
}

extension History {
    /// Upper bounds of what an event takes in a block.
    ///
    /// - Parameter stringBound: at least the length of any string; nil: each is to be looked at.
    @inline(__always)
    fileprivate func measure(
        _ index: Int, stringBound: Int?
    ) -> (bytes: Int, versions: Int, ids: Int, entries: Int) {
        let event = events[index]
        /// What a string takes in a dictionary, at most.
        func length(_ identifier: UInt32) -> Int { (stringBound ?? strings.lengthBound(of: identifier)) + 20 }
        var (bytes, entries) = (64, 0)
        bytes += length(event.key) + length(event.node) + length(event.value) + length(event.hash) + length(event.name)
        if !extras.isEmpty, let text = extras[index] { bytes += text.utf8.count + 10 }
        if let name = event.process.otherName { bytes += length(name) }
        guard event.carriesList else { return (bytes, 0, 0, 0) }
        if !event.listKind.isVersions {
            for position in event.list.range { bytes += length(ids[position]) + 10 }
            // One more for a group that is left open.
            return (bytes, 0, Int(event.list.count) + 1, 0)
        }
        for position in event.list.range {
            let version = versions[position]
            entries += Int(version.clock.count)
            bytes += length(version.id) + length(version.actor) + 40
            if stringBound != nil {
                bytes += Int(version.clock.count) * (length(Interner.none) + 20)
            } else {
                for entry in clock(of: version) { bytes += length(entry.actor) + 20 }
            }
            if let text = versionExtras.isEmpty ? nil : versionExtras[position] { bytes += text.utf8.count + 10 }
        }
        return (bytes, Int(event.list.count), 0, entries)
    }
}
