/// What the index says of a block, and the block's own header as well.
struct NativeBlock {
    /// Where it begins in the file.
    var offset: Int
    /// How many bytes of the file it takes, its header included.
    var length: Int
    var events: Int
    var firstTime: Int64
    var lastTime: Int64
    /// Which keys it may have events of; nil when the file does not say.
    var filter: KeyFilter?

    /// Whether two say the same, apart from the keys.
    func isSame(as other: NativeBlock) -> Bool {
        offset == other.offset && length == other.length && events == other.events && firstTime == other.firstTime
            && lastTime == other.lastTime
    }
}

/// The header of a block: see "Block" in Format.md.
struct NativeBlockHeader {
    var payloadLength: UInt32
    var inflatedLength: UInt32
    var events: UInt32
    var firstIndex: UInt64
    var firstTime: Int64
    var lastTime: Int64
    var payloadChecksum: UInt32

    var bytes: [UInt8] {
        var writer = ColumnWriter()
        writer.fixed(NativeLayout.blockMagic)
        writer.fixed(payloadLength)
        writer.fixed(inflatedLength)
        writer.fixed(events)
        writer.fixed(firstIndex)
        writer.fixed(firstTime)
        writer.fixed(lastTime)
        writer.fixed(payloadChecksum)
        writer.fixed(Zlib.crc(writer.bytes))
        return writer.bytes
    }
}

extension NativeBlockHeader {
    /// Reads the 48 bytes of a header and checks all that can be checked of them alone.
    init(_ bytes: UnsafeRawBufferPointer) throws(NativeFault) {
        var reader = ColumnReader(bytes)
        guard try reader.fixed(UInt32.self) == NativeLayout.blockMagic else {
            throw NativeFault("no block begins here")
        }
        payloadLength = try reader.fixed(UInt32.self)
        inflatedLength = try reader.fixed(UInt32.self)
        events = try reader.fixed(UInt32.self)
        firstIndex = try reader.fixed(UInt64.self)
        firstTime = try reader.fixed(Int64.self)
        lastTime = try reader.fixed(Int64.self)
        payloadChecksum = try reader.fixed(UInt32.self)
        let checksum = try reader.fixed(UInt32.self)
        let covered = UnsafeRawBufferPointer(rebasing: bytes[..<(NativeLayout.blockHeaderSize - 4)])
        guard Zlib.crc(covered) == checksum else { throw NativeFault("the checksum of a block's header is wrong") }
        guard events > 0, events <= UInt32(NativeLayout.eventLimit), inflatedLength <= UInt32(NativeLayout.payloadLimit)
        else {
            throw NativeFault("a block is larger than the format allows")
        }
    }
}

/// The index and the footer of a file that was closed.
enum NativeIndex {
    /// The bytes of index and footer, for an index that begins at `offset`.
    static func bytes(_ blocks: [NativeBlock], at offset: Int) -> [UInt8] {
        var index = ColumnWriter()
        index.fixed(NativeLayout.indexMagic)
        index.fixed(UInt32(truncatingIfNeeded: blocks.count))
        for block in blocks {
            index.fixed(UInt64(block.offset))
            index.fixed(UInt32(truncatingIfNeeded: block.length))
            index.fixed(UInt32(truncatingIfNeeded: block.events))
            index.fixed(block.firstTime)
            index.fixed(block.lastTime)
            let filter = block.filter?.bytes ?? []
            index.fixed(UInt32(filter.count))
            for byte in filter { index.fixed(byte) }
        }
        index.fixed(Zlib.crc(index.bytes))
        var footer = ColumnWriter()
        footer.fixed(UInt64(offset))
        footer.fixed(UInt64(index.bytes.count))
        footer.fixed(UInt64(blocks.reduce(0) { $0 + $1.events }))
        footer.fixed(Zlib.crc(footer.bytes))
        footer.fixed(NativeLayout.footerMagic)
        return index.bytes + footer.bytes
    }

    /// Where the index lies, by a sound footer that ends a file of `fileSize` bytes, and how many events there are.
    static func locate(
        footer: UnsafeRawBufferPointer, fileSize: Int
    ) throws(NativeFault) -> (range: Range<Int>, events: UInt64) {
        var reader = ColumnReader(footer)
        let offset = try reader.fixed(UInt64.self)
        let length = try reader.fixed(UInt64.self)
        let events = try reader.fixed(UInt64.self)
        let checksum = try reader.fixed(UInt32.self)
        let covered = UnsafeRawBufferPointer(rebasing: footer[..<24])
        guard try reader.fixed(UInt32.self) == NativeLayout.footerMagic, Zlib.crc(covered) == checksum else {
            throw NativeFault("no footer")
        }
        let end = UInt64(fileSize - NativeLayout.footerSize)
        guard offset <= end, length == end - offset else { throw NativeFault("the index lies elsewhere") }
        return (Int(offset)..<Int(end), events)
    }

    /// The blocks of an index, which must follow each other from `start` to the index at `end`.
    static func blocks(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) throws(NativeFault)
        -> [NativeBlock]
    {
        guard bytes.count >= 12 else { throw NativeFault("the index is too short") }
        let covered = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 4)])
        var reader = ColumnReader(UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - 4)...]))
        guard try reader.fixed(UInt32.self) == Zlib.crc(covered) else { throw NativeFault("the index is damaged") }
        reader = ColumnReader(covered)
        guard try reader.fixed(UInt32.self) == NativeLayout.indexMagic else { throw NativeFault("no index") }
        let count = try reader.fixed(UInt32.self)
        var blocks: [NativeBlock] = []
        var next = start
        for _ in 0..<count {
            let block = try block(&reader, at: next, before: end)
            next += block.length
            blocks.append(block)
        }
        try reader.checkEnd()
        guard next == end else { throw NativeFault("the blocks do not reach the index") }
        return blocks
    }

    private static func block(
        _ reader: inout ColumnReader, at place: Int, before end: Int
    ) throws(NativeFault) -> NativeBlock {
        let offset = try reader.fixed(UInt64.self)
        let length = try reader.fixed(UInt32.self)
        let events = try reader.fixed(UInt32.self)
        let firstTime = try reader.fixed(Int64.self)
        let lastTime = try reader.fixed(Int64.self)
        let filter = try KeyFilter(try reader.bytes(Int(try reader.fixed(UInt32.self))))
        guard offset == UInt64(place), Int(length) >= NativeLayout.blockHeaderSize, Int(length) <= end - place else {
            throw NativeFault("the blocks do not follow each other")
        }
        return NativeBlock(
            offset: place, length: Int(length), events: Int(events), firstTime: firstTime, lastTime: lastTime,
            filter: filter)
    }
}
