/// What the index of a native file tells of a block before it is read.
public struct BlockSummary: Sendable {
    /// The indexes of its events in the history.
    public let events: Range<Int>
    /// The times of its first and its last event.
    public let times: ClosedRange<Int64>
    private let filter: KeyFilter?

    init(_ block: NativeBlock, firstIndex: Int) {
        events = firstIndex..<firstIndex + block.events
        times = min(block.firstTime, block.lastTime)...max(block.firstTime, block.lastTime)
        filter = block.filter
    }

    /// False only when no event of the block has that key.
    public func mayHold(key: String) -> Bool {
        guard let filter else { return true }
        var key = key
        return key.withUTF8 { filter.mayContain(UnsafeRawBufferPointer($0)) }
    }
}

extension HistoryFile {
    /// Reads a file block by block, so that a long history takes no more memory than one block of it.
    ///
    /// Of a native file with an index, only the blocks that are wanted are read. A file of another form is one block.
    ///
    /// - Parameters:
    ///   - isWanted: whether a block is wanted, as far as the index can tell.
    ///   - body: takes the events of a block, with strings of their own, and the index of the first; false: no more are
    ///     wanted.
    /// - Returns: why the history is shorter than its run, if it is.
    @discardableResult
    public static func forEachBlock(
        path: String, where isWanted: (BlockSummary) -> Bool = { _ in true },
        _ body: (History, _ firstIndex: Int) throws(HistoryError) -> Bool
    ) throws(HistoryError) -> Truncation? {
        let file = try InputFile(path: path)
        guard let size = file.size, size >= NativeLayout.fileMagic.count,
            NativeReader.isNative(try file.bytes(NativeLayout.fileMagic.count, from: 0))
        else {
            let history = try read(path: path)
            _ = try body(history, 0)
            return history.truncation
        }
        var (cursor, header) = try NativeReader.open(file)
        let assembly = NativeAssembly(path: path, fileSize: size, version: cursor.version)
        var history = History()
        while true {
            let firstIndex = try cursor.skip { isWanted(BlockSummary($0, firstIndex: $1)) }
            guard let frame = try cursor.next(file) else { break }
            history.removeEvents()
            history.header = header
            try frame.decode(into: &history, path: path, version: cursor.version)
            try assembly.checkMemory(history.footprint, at: frame.block.offset)
            if try !body(history, firstIndex) { return nil }
        }
        return cursor.truncation
    }
}

extension HistoryFile {
    /// Reads and inflates the blocks of a native file and looks at nothing in them: the floor of what reading can cost.
    ///
    /// - Returns: how many bytes there are, inflated.
    package static func inflateBlocks(path: String) throws(HistoryError) -> Int {
        let file = try InputFile(path: path)
        var (cursor, _) = try NativeReader.open(file)
        var bytes = 0
        while let frame = try cursor.next(file) { bytes += frame.inflated()?.count ?? 0 }
        return bytes
    }
}
