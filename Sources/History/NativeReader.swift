/// Reads `.dyno` files. See "Reading" in Format.md for what is an error and what a truncation.
public enum NativeReader {
    /// Whether `bytes` begin as a native file does.
    static func isNative(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: NativeLayout.fileMagic) }

    /// Reads a file whose bytes are in memory.
    ///
    /// - Parameter file: the name that errors carry.
    /// - Returns: the history, with its ``History/truncation`` set when the file was never closed or is cut short.
    public static func read(_ bytes: [UInt8], file: String) throws(HistoryError) -> History {
        try read(MemoryFile(path: file, content: bytes))
    }

    /// Reads a whole file.
    static func read(_ file: borrowing some RandomAccess & ~Copyable) throws(HistoryError) -> History {
        var (cursor, header) = try open(file)
        var assembly = NativeAssembly(path: file.path, fileSize: file.byteCount, version: cursor.version)
        assembly.history.header = header
        if let blocks = cursor.indexed { assembly.reserve(blocks) }
        while let frame = try cursor.next(file) { try assembly.append(frame) }
        assembly.history.truncation = cursor.truncation
        return assembly.history
    }

    /// Reads all but the blocks.
    static func open(
        _ file: borrowing some RandomAccess & ~Copyable
    ) throws(HistoryError) -> (cursor: NativeCursor, header: Header) {
        var history = History()
        let (start, version) = try readHeader(file, into: &history)
        let blocks = try index(of: file, from: start)
        return (NativeCursor(path: file.path, version: version, indexed: blocks, start: start), history.header)
    }

    /// Reads the file header and gives where the blocks begin.
    private static func readHeader(
        _ file: borrowing some RandomAccess & ~Copyable, into history: inout History
    ) throws(HistoryError) -> (start: Int, version: UInt32) {
        let prefixSize = NativeLayout.fileHeaderPrefix
        guard file.byteCount >= prefixSize + 4 else {
            throw HistoryError(file: file.path, offset: 0, reason: "the file header is cut short")
        }
        let prefix = try file.bytes(prefixSize, from: 0)
        guard isNative(prefix) else { throw HistoryError(file: file.path, offset: 0, reason: "not a native history") }
        let version = number(prefix, at: 8)
        let length = Int(number(prefix, at: 12))
        guard length <= NativeLayout.headerTextLimit, length <= file.byteCount - prefixSize - 4 else {
            throw HistoryError(file: file.path, offset: 12, reason: "the file header is cut short or damaged")
        }
        let header = try file.bytes(prefixSize + length + 4, from: 0)
        guard Zlib.crc(Array(header.dropLast(4))) == number(header, at: prefixSize + length) else {
            throw HistoryError(file: file.path, offset: 0, reason: "the file header is damaged: its checksum is wrong")
        }
        guard version >= 1, version <= NativeLayout.version else {
            throw HistoryError(
                file: file.path, offset: 8,
                reason: "version \(version) of the format is not known, only 1 to \(NativeLayout.version) are")
        }
        history.header = try JSONLines.parse(Array(header[prefixSize..<prefixSize + length]), file: file.path).header
        return (header.count, version)
    }

    private static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The blocks of the index; nil when the file has no sound footer.
    private static func index(
        of file: borrowing some RandomAccess & ~Copyable, from start: Int
    ) throws(HistoryError) -> [NativeBlock]? {
        let size = file.byteCount
        guard size - start >= NativeLayout.footerSize else { return nil }
        let footer = try file.bytes(NativeLayout.footerSize, from: size - NativeLayout.footerSize)
        guard
            let (range, events) = sound({ () throws(NativeFault) in
                try footer.reading { (bytes) throws(NativeFault) in
                    try NativeIndex.locate(footer: bytes, fileSize: size)
                }
            }), range.lowerBound >= start
        else { return nil }
        let index = try file.bytes(range.count, from: range.lowerBound)
        let blocks = sound { () throws(NativeFault) in
            try index.reading { (bytes) throws(NativeFault) in
                try NativeIndex.blocks(bytes, from: start, to: range.lowerBound)
            }
        }
        guard let blocks, UInt64(blocks.reduce(0) { $0 + $1.events }) == events else { return nil }
        return blocks
    }

    /// Whether the file ends in a sound footer, and its blocks at `offset`.
    static func isClosed(
        _ file: borrowing some RandomAccess & ~Copyable, from offset: Int
    ) throws(HistoryError) -> Bool {
        let size = file.byteCount
        guard size - offset >= NativeLayout.footerSize else { return false }
        let footer = try file.bytes(NativeLayout.footerSize, from: size - NativeLayout.footerSize)
        let place = sound { () throws(NativeFault) in
            try footer.reading { (bytes) throws(NativeFault) in
                try NativeIndex.locate(footer: bytes, fileSize: size)
            }
        }
        return place?.range.lowerBound == offset
    }

    /// The result of `body`; nil when it finds a fault, which then is no error but the lack of something.
    private static func sound<Result>(_ body: () throws(NativeFault) -> Result) -> Result? { try? body() }
}

/// A block as it lies in the file, its checksums found right.
struct NativeFrame {
    enum Outcome {
        case frame(NativeFrame)
        case unsound(StaticString)
    }

    let block: NativeBlock
    let header: NativeBlockHeader
    /// As in the file: deflated.
    let payload: [UInt8]

    /// Reads the block at `offset`, which must end before `end`.
    static func read(
        _ file: borrowing some RandomAccess & ~Copyable, at offset: Int, before end: Int
    ) throws(HistoryError) -> Outcome {
        let size = NativeLayout.blockHeaderSize
        guard end - offset >= size else { return .unsound("a block's header is cut short") }
        let bytes = try file.bytes(size, from: offset)
        let header: NativeBlockHeader
        do throws(NativeFault) {
            header = try bytes.reading { (bytes) throws(NativeFault) in try NativeBlockHeader(bytes) }
        } catch { return .unsound(error.reason) }
        guard Int(header.payloadLength) <= end - offset - size else { return .unsound("a block is cut short") }
        let payload = try file.bytes(Int(header.payloadLength), from: offset + size)
        guard Zlib.crc(payload) == header.payloadChecksum else { return .unsound("the checksum of a block is wrong") }
        let block = NativeBlock(
            offset: offset, length: size + payload.count, events: Int(header.events), firstTime: header.firstTime,
            lastTime: header.lastTime)
        return .frame(NativeFrame(block: block, header: header, payload: payload))
    }

    /// The payload, inflated; nil when it is no deflate stream of the length that the header says.
    func inflated() -> [UInt8]? {
        var isSound = false
        let length = Int(header.inflatedLength)
        let result = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            payload.withUnsafeBytes {
                isSound = Zlib.inflated(
                    $0, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<length]))
            }
            count = isSound ? length : 0
        }
        return isSound ? result : nil
    }
}

/// A history that grows block by block, within what its file may cost in memory.
struct NativeAssembly {
    let path: String
    let memoryLimit: Int
    let version: UInt32
    var history = History()
    /// Bytes of extras that the payloads only tell how to spell.
    private var spelled = 0

    init(path: String, fileSize: Int, version: UInt32) {
        self.path = path
        self.version = version
        memoryLimit = NativeLayout.memoryLimit(fileSize: fileSize)
    }

    /// Takes memory for the events that an index promises, as long as a file of this size may well hold them.
    mutating func reserve(_ blocks: [NativeBlock]) {
        let bytes = blocks.reduce(0) { $0 + $1.length }
        history.events.reserveCapacity(min(blocks.reduce(0) { $0 + $1.events }, bytes))
        history.versions.reserveCapacity(min(blocks.reduce(0) { $0 + $1.events }, bytes) / 2)
    }

    mutating func append(_ frame: NativeFrame) throws(HistoryError) {
        let offset = frame.block.offset
        guard history.events.count <= Int(Int32.max) - frame.block.events, history.strings.count < 1 << 31 else {
            throw HistoryError(file: path, offset: offset, reason: "the history is too large to be held in memory")
        }
        spelled += try frame.decode(into: &history, path: path, version: version)
        try checkMemory(history.footprint + spelled, at: offset)
    }

    func checkMemory(_ footprint: Int, at offset: Int) throws(HistoryError) {
        if footprint > memoryLimit {
            throw HistoryError(
                file: path, offset: offset, reason: "the history would take more than \(memoryLimit >> 20) MiB")
        }
    }
}

extension NativeFrame {
    /// Appends the block's events to a history.
    ///
    /// - Returns: how many bytes of extras it spelled that are not in the payload.
    @discardableResult
    func decode(into history: inout History, path: String, version: UInt32) throws(HistoryError) -> Int {
        try decode(into: &history, path: path, version: version, every: block.events) { _ in }
    }

    /// The same in steps of `step` events, after each of which `use` has the events of the step and may take them away.
    @discardableResult
    func decode(
        into history: inout History, path: String, version: UInt32, every step: Int, _ use: (inout History) -> Void
    ) throws(HistoryError) -> Int {
        guard let payload = inflated() else {
            throw HistoryError(file: path, offset: block.offset, reason: "a block cannot be inflated")
        }
        do throws(NativeFault) {
            let end = try payload.reading { (bytes) throws(NativeFault) in
                try BlockDecoder.decode(
                    bytes, version: version, count: Int(header.events), time: header.firstTime, every: step,
                    into: &history, use)
            }
            if end.lastTime != header.lastTime {
                throw NativeFault("a block ends at another time than its header says")
            }
            return end.spelled
        } catch {
            throw HistoryError(
                file: path, offset: block.offset, reason: "a block is not as the format says: \(error.reason)")
        }
    }
}

extension History {
    /// Memory that the events and their strings take, in bytes.
    var footprint: Int { eventFootprint + strings.footprint }

    /// Memory that the events take, in bytes.
    var eventFootprint: Int {
        events.count * MemoryLayout<Event>.stride + versions.count * MemoryLayout<Version>.stride + ids.count * 4
            + clocks.count * MemoryLayout<ClockEntry>.stride
    }

    /// Forgets the events and their strings, and keeps the memory.
    mutating func removeEvents() {
        events.removeAll(keepingCapacity: true)
        versions.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
        clocks.removeAll(keepingCapacity: true)
        if !extras.isEmpty { extras.removeAll() }
        if !versionExtras.isEmpty { versionExtras.removeAll() }
        strings.removeAll()
    }
}

extension Array where Element == UInt8 {
    /// Calls `body` with the bytes, and throws what it throws.
    func reading<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome = withUnsafeBytes { bytes -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
