import History
import Notation

/// Reads Jepsen's store files: `.jepsen`, and the `test.fressian` of older versions.
///
/// The root block is the test, a map. Its history is a block of its own: a list, or chunks of one.
struct JepsenStore {
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private var operations: JepsenOperations
    private var count = 0
    /// What may still be read; see ``FressianReader/room``.
    private var room: Int

    /// Chunks within chunks, at most.
    private static let mostLevels = 8

    /// How much a file may hold, its repetitions counted: far more than any that Jepsen writes.
    static func room(fileSize: Int) -> Int { (16 << 20) + 32 * fileSize }

    static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        let blocks = try JepsenBlocks(bytes, file: file)
        var room = room(fileSize: bytes.count)
        guard blocks.root != 0 else { throw blocks.error(10, "no test is in the file") }
        let test = try Self.test(blocks, &room)
        var store = JepsenStore(bytes, file, name: test["name"]?.name ?? "jepsen", room)
        guard case .tagged("block-ref", .integer(let number))? = test["history"], number > 0 else {
            throw blocks.error(10, "the test in the file has no history")
        }
        try store.readHistory(UInt64(number), blocks)
        return try store.operations.finish()
    }

    /// The whole test as one map, its history in it.
    static func parseFressian(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        var store = JepsenStore(bytes, file, name: "jepsen", room(fileSize: bytes.count))
        // Behind the byte that says that it is a map, its keys and values follow as a list.
        var reader = FressianReader(bytes, 1..<bytes.count, room: store.room)
        var entries = try located(file) { () throws(FressianFault) in try reader.enterList() }
        while entries != nil {
            let key = try located(file) { () throws(FressianFault) in try reader.nextElement(&entries) }
            guard let key else { break }
            if key.name == "history" {
                try store.readOperations(&reader)
                return try store.operations.finish()
            }
            _ = try located(file) { () throws(FressianFault) in try reader.nextElement(&entries) }
        }
        throw HistoryError(file: file, offset: reader.position, reason: "the map in the file has no :history")
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ file: String, name: String, _ room: Int) {
        self.bytes = bytes
        self.file = file
        self.room = room
        operations = JepsenOperations(file: file, name: name)
    }

    private static func value(_ reader: inout FressianReader, file: String) throws(HistoryError) -> Datum? {
        try located(file) { () throws(FressianFault) in try reader.next() }
    }

    private static func located<Value>(
        _ file: String, _ body: () throws(FressianFault) -> Value
    ) throws(HistoryError) -> Value {
        do throws(FressianFault) { return try body() } catch {
            throw HistoryError(file: file, offset: error.offset, reason: error.reason)
        }
    }

    /// The test: one map, or the first of a chain of partial ones that has a history.
    private static func test(_ blocks: JepsenBlocks, _ room: inout Int) throws(HistoryError) -> Datum {
        var number = blocks.root
        var told = 10
        var passed: Set<UInt64> = []
        while passed.insert(number).inserted {
            let block = try blocks.block(number: number, toldAt: told)
            guard block.kind == .fressian || block.kind == .partialMap, block.kind == .fressian || block.data.count >= 4
            else { throw blocks.error(block.offset, "the block is no map") }
            let start = block.data.lowerBound + (block.kind == .partialMap ? 4 : 0)
            var reader = FressianReader(blocks.bytes, start..<block.data.upperBound, room: room)
            guard let map = try value(&reader, file: blocks.file), case .map = map else {
                throw blocks.error(block.offset, "the block is no map")
            }
            room = reader.room
            let next = block.kind == .partialMap ? blocks.number(at: block.data.lowerBound, 4) : 0
            if next == 0 || map["history"] != nil { return map }
            (number, told) = (next, block.data.lowerBound)
        }
        throw blocks.error(told, "the maps of the test go round in a circle")
    }

    private mutating func readHistory(_ number: UInt64, _ blocks: JepsenBlocks) throws(HistoryError) {
        let block = try blocks.block(number: number, toldAt: 10)
        if block.kind == .fressian, block.data.count == 1, bytes[block.data.lowerBound] == FressianCode.null {
            throw blocks.error(block.offset, "the history is not there: the test ended before any of it was sealed")
        }
        try read(block, blocks, level: 0)
    }

    private mutating func read(_ block: JepsenBlocks.Block, _ blocks: JepsenBlocks, level: Int) throws(HistoryError) {
        // A block may be named again and again, and its checksum is reckoned each time.
        guard block.data.count <= room else { throw blocks.error(block.offset, "the block is named far too often") }
        room -= block.data.count
        switch block.kind {
        case .fressian: try readList(block.data)
        case .fressianStream: try readStream(block.data)
        case .bigVector: try readChunks(block, blocks, level)
        case .index, .partialMap: throw blocks.error(block.offset, "the block is no part of a history")
        }
    }

    private mutating func readList(_ data: Range<Int>) throws(HistoryError) {
        var reader = FressianReader(bytes, data, room: room)
        try readOperations(&reader)
        room = reader.room
    }

    /// The operations of one list.
    private mutating func readOperations(_ reader: inout FressianReader) throws(HistoryError) {
        let start = reader.position
        var list = try Self.located(file) { () throws(FressianFault) in try reader.enterList() }
        guard list != nil else {
            // In front of the list may be a tag that says what kind of list it is.
            guard let operations = try Self.value(&reader, file: file)?.elements else {
                throw HistoryError(file: file, offset: start, reason: "the history is no list")
            }
            for operation in operations { try append(operation, start) }
            return
        }
        while true {
            let offset = reader.position
            let next = try Self.located(file) { () throws(FressianFault) in try reader.nextElement(&list) }
            guard let next else { return }
            try append(next, offset)
        }
    }

    private mutating func readStream(_ data: Range<Int>) throws(HistoryError) {
        var reader = FressianReader(bytes, data, room: room)
        while true {
            let offset = reader.position
            guard let operation = try Self.value(&reader, file: file) else { break }
            try append(operation, offset)
        }
        room = reader.room
    }

    private mutating func append(_ operation: Datum, _ offset: Int) throws(HistoryError) {
        count += 1
        try operations.append(operation, at: .offset(offset))
    }

    /// How many elements there are, and of each chunk the number of its first element and its block.
    private mutating func readChunks(
        _ block: JepsenBlocks.Block, _ blocks: JepsenBlocks, _ level: Int
    ) throws(HistoryError) {
        let data = block.data
        guard level < JepsenStore.mostLevels, data.count >= 8, (data.count - 8) % 12 == 0 else {
            throw blocks.error(block.offset, "the block is no vector")
        }
        let begin = count
        for entry in stride(from: data.lowerBound + 8, to: data.upperBound, by: 12) {
            guard blocks.number(at: entry, 8) == UInt64(count - begin) else {
                throw blocks.error(entry, "a chunk does not begin with element \(count - begin)")
            }
            let chunk = try blocks.block(number: blocks.number(at: entry + 8, 4), toldAt: entry + 8)
            try read(chunk, blocks, level: level + 1)
        }
        let told = blocks.number(at: data.lowerBound, 8)
        guard told == UInt64(count - begin) else {
            throw blocks.error(block.offset, "\(told) elements are promised, and \(count - begin) are there")
        }
    }
}
