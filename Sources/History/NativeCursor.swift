/// Where a reader is in a native file: it hands out block after block, by the index where there is a sound one, else by
/// scanning. See "Reading" in Format.md.
struct NativeCursor {
    let path: String
    /// Of the format.
    let version: UInt32
    /// The blocks by the index; nil when the file has none that is sound.
    let indexed: [NativeBlock]?
    /// Why the blocks ended before the file's writer closed it; known once ``next(_:)`` gave nil.
    private(set) var truncation: Truncation?
    /// Events in the blocks handed out so far.
    private(set) var events = 0
    private(set) var offset: Int
    private var position = 0

    init(path: String, version: UInt32, indexed: [NativeBlock]?, start: Int) {
        self.path = path
        self.version = version
        self.indexed = indexed
        offset = start
    }

    /// How many events there are by the index, or a guess by the size of the file.
    func eventEstimate(fileSize: Int) -> Int { indexed.map { $0.reduce(0) { $0 + $1.events } } ?? fileSize / 7 }

    /// The next block, its checksums found right; nil after the last one.
    mutating func next(_ file: borrowing some RandomAccess & ~Copyable) throws(HistoryError) -> NativeFrame? {
        guard let indexed else { return try scanned(file) }
        guard position < indexed.count else { return nil }
        let block = indexed[position]
        switch try NativeFrame.read(file, at: block.offset, before: block.offset + block.length) {
        case .unsound(let reason):
            throw HistoryError(file: path, offset: block.offset, reason: "a damaged block: \(reason)")
        case .frame(let frame):
            guard frame.block.isSame(as: block), frame.header.firstIndex == UInt64(events) else {
                throw HistoryError(
                    file: path, offset: block.offset, reason: "a block is not what the index says of it")
            }
            position += 1
            take(frame)
            return frame
        }
    }

    /// Passes over indexed blocks that are not wanted, and gives the index of the next block's first event.
    mutating func skip(unless isWanted: (NativeBlock, _ firstIndex: Int) -> Bool) throws(HistoryError) -> Int {
        guard let indexed else { return events }
        while position < indexed.count, !isWanted(indexed[position], events) {
            events += indexed[position].events
            offset = indexed[position].offset + indexed[position].length
            position += 1
        }
        return events
    }

    private mutating func scanned(
        _ file: borrowing some RandomAccess & ~Copyable
    ) throws(HistoryError) -> NativeFrame? {
        let bytesLost = file.byteCount - offset
        guard bytesLost > 0 else {
            truncation = Truncation(reason: "the file was not closed: it ends after a whole block", bytesLost: 0)
            return nil
        }
        switch try NativeFrame.read(file, at: offset, before: file.byteCount) {
        case .unsound(let reason):
            truncation = Truncation(reason: "the file was not closed: \(reason)", bytesLost: bytesLost)
            return nil
        case .frame(let frame):
            guard frame.header.firstIndex == UInt64(events) else {
                truncation = Truncation(
                    reason: "the file was not closed: events are missing here", bytesLost: bytesLost)
                return nil
            }
            take(frame)
            return frame
        }
    }

    private mutating func take(_ frame: NativeFrame) {
        events += frame.block.events
        offset = frame.block.offset + frame.block.length
    }
}
