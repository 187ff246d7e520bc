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
        var assembly = NativeAssembly(path: file.path, fileSize: file.byteCount)
        let start = try readHeader(file, into: &assembly.history)
        if let blocks = try index(of: file, from: start) {
            assembly.reserve(blocks)
            for block in blocks { try readIndexed(block, file, &assembly) }
        } else {
            assembly.history.truncation = try scan(file, from: start, &assembly)
        }
        return assembly.history
    }

    /// Reads the file header and gives where the blocks begin.
    private static func readHeader(
        _ file: borrowing some RandomAccess & ~Copyable, into history: inout History
    ) throws(HistoryError) -> Int {
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
        if version != NativeLayout.version {
            throw HistoryError(
                file: file.path, offset: 8, reason: "version \(version) of the format is not known, only 1 is")
        }
        history.header = try JSONLines.parse(Array(header[prefixSize..<prefixSize + length]), file: file.path).header
        return header.count
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

    /// The result of `body`; nil when it finds a fault, which then is no error but the lack of something.
    private static func sound<Result>(_ body: () throws(NativeFault) -> Result) -> Result? { try? body() }

    private static func readIndexed(
        _ block: NativeBlock, _ file: borrowing some RandomAccess & ~Copyable, _ assembly: inout NativeAssembly
    ) throws(HistoryError) {
        switch try NativeFrame.read(file, at: block.offset, before: block.offset + block.length) {
        case .unsound(let reason):
            throw HistoryError(file: file.path, offset: block.offset, reason: "a damaged block: \(reason)")
        case .frame(let frame):
            guard frame.block == block, frame.header.firstIndex == UInt64(assembly.history.events.count) else {
                throw HistoryError(
                    file: file.path, offset: block.offset, reason: "a block is not what the index says of it")
            }
            try assembly.append(frame)
        }
    }

    /// Reads sound blocks as far as there are any, and says why there are no more.
    private static func scan(
        _ file: borrowing some RandomAccess & ~Copyable, from start: Int, _ assembly: inout NativeAssembly
    ) throws(HistoryError) -> Truncation {
        var offset = start
        while offset < file.byteCount {
            let bytesLost = file.byteCount - offset
            switch try NativeFrame.read(file, at: offset, before: file.byteCount) {
            case .unsound(let reason):
                return Truncation(reason: "the file was not closed: \(reason)", bytesLost: bytesLost)
            case .frame(let frame):
                guard frame.header.firstIndex == UInt64(assembly.history.events.count) else {
                    return Truncation(reason: "the file was not closed: events are missing here", bytesLost: bytesLost)
                }
                try assembly.append(frame)
                offset += frame.block.length
            }
        }
        return Truncation(reason: "the file was not closed: it ends after a whole block", bytesLost: 0)
    }
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
    var history = History()

    init(path: String, fileSize: Int) {
        self.path = path
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
        guard let payload = frame.inflated() else {
            throw HistoryError(file: path, offset: offset, reason: "a block cannot be inflated")
        }
        do throws(NativeFault) {
            let header = frame.header
            let last = try payload.reading { (bytes) throws(NativeFault) in
                try BlockDecoder.decode(bytes, count: Int(header.events), time: header.firstTime, into: &history)
            }
            if last != header.lastTime { throw NativeFault("a block ends at another time than its header says") }
        } catch {
            throw HistoryError(file: path, offset: offset, reason: "a block is not as the format says: \(error.reason)")
        }
        if history.footprint > memoryLimit {
            throw HistoryError(
                file: path, offset: offset, reason: "the history would take more than \(memoryLimit >> 20) MiB")
        }
    }
}

extension History {
    /// Memory that the events take, in bytes.
    var footprint: Int {
        events.count * MemoryLayout<Event>.stride + versions.count * MemoryLayout<Version>.stride + ids.count * 4
            + clocks.count * MemoryLayout<ClockEntry>.stride + strings.footprint
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
