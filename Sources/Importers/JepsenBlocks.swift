import History

/// The blocks of a `.jepsen` store file: a header, and behind it blocks with a length, a checksum and a type, found by
/// their numbers through the last index that was written (`jepsen.store.format`, versions 0 and 1).
///
/// All numbers are big-endian. The type of a block takes two of the sixteen bytes that Jepsen keeps for it.
struct JepsenBlocks {
    enum Kind: UInt64 {
        case index = 1
        case fressian, partialMap, fressianStream, bigVector
    }

    struct Block {
        var kind: Kind
        /// Where the block begins, and its data.
        var offset: Int
        var data: Range<Int>
    }

    let bytes: UnsafeRawBufferPointer
    let file: String
    /// The number of the block that holds the test.
    private(set) var root: UInt64 = 0
    private var offsets: [UInt64: Int] = [:]

    static let magic = Array("JEPSEN".utf8)
    private static let firstBlock = 18
    private static let headerSize = 28

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) {
        self.bytes = bytes
        self.file = file
        guard bytes.count >= JepsenBlocks.firstBlock, bytes.starts(with: JepsenBlocks.magic) else {
            throw error(0, "a store file of Jepsen begins with JEPSEN and \(JepsenBlocks.firstBlock - 6) bytes more")
        }
        let version = number(at: 6, 4)
        guard version <= 1 else {
            throw error(
                6, "version \(version) of Jepsen's store files is not known here; give the history.edn beside it")
        }
        let index = number(at: 10, 8)
        guard index != 0 else { throw error(10, "there is no index of blocks: the test ended before it began") }
        let block = try self.block(at: index, toldAt: 10)
        guard block.kind == .index else { throw error(block.offset, "the block of the index is none") }
        try readIndex(block.data)
    }

    /// A block by its number, its checksum compared.
    func block(number id: UInt64, toldAt place: Int) throws(HistoryError) -> Block {
        guard let offset = offsets[id] else { throw error(place, "there is no block with the number \(id)") }
        return try block(at: UInt64(offset), toldAt: place)
    }

    /// A number of so many bytes, which must lie inside.
    func number(at offset: Int, _ count: Int) -> UInt64 {
        bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    func error(_ offset: Int, _ reason: String) -> HistoryError {
        HistoryError(file: file, offset: offset, reason: reason)
    }

    private mutating func readIndex(_ data: Range<Int>) throws(HistoryError) {
        guard data.count >= 4, (data.count - 4) % 12 == 0 else {
            throw error(data.lowerBound, "an index of blocks of \(data.count) bytes")
        }
        root = number(at: data.lowerBound, 4)
        for entry in stride(from: data.lowerBound + 4, to: data.upperBound, by: 12) {
            let offset = number(at: entry + 4, 8)
            guard offset < UInt64(bytes.count) else {
                throw error(entry + 4, "a block at byte \(offset) of a file of \(bytes.count): it is cut short")
            }
            offsets[number(at: entry, 4)] = Int(offset)
        }
    }

    private func block(at told: UInt64, toldAt place: Int) throws(HistoryError) -> Block {
        guard told >= UInt64(JepsenBlocks.firstBlock), told <= UInt64(bytes.count),
            bytes.count - Int(told) >= JepsenBlocks.headerSize
        else { throw error(place, "a block at byte \(told) of a file of \(bytes.count): it is cut short") }
        let offset = Int(told)
        let length = number(at: offset, 8)
        guard length >= UInt64(JepsenBlocks.headerSize), length <= UInt64(bytes.count - offset) else {
            throw error(offset, "a block of \(length) bytes, and \(bytes.count - offset) are left: it is cut short")
        }
        let data = (offset + JepsenBlocks.headerSize)..<(offset + Int(length))
        guard checksum(of: offset, data) == UInt32(number(at: offset + 8, 4)) else {
            throw error(offset, "the checksum of the block does not fit: it is damaged")
        }
        let type = number(at: offset + 12, 2)
        guard let kind = Kind(rawValue: type) else {
            throw error(offset + 12, "the type \(type) of a block is not known")
        }
        return Block(kind: kind, offset: offset, data: data)
    }

    /// CRC-32 of the data and, behind them, of the header with no checksum in it.
    private func checksum(of offset: Int, _ data: Range<Int>) -> UInt32 {
        var sum = Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[data]))
        var header = Array(bytes[offset..<(offset + JepsenBlocks.headerSize)])
        for index in 8..<12 { header[index] = 0 }
        // Writers leave out what lies behind the type; it is zero.
        for index in 14..<header.count { header[index] = 0 }
        sum = header.withUnsafeBytes { Checksum.crc32($0, goingOnFrom: sum) }
        return sum
    }
}
