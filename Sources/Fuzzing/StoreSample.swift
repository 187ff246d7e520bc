import History

/// Store files of Jepsen, put together from the data of their blocks: with the right checksums, whatever the data.
package enum StoreSample {
    /// A block by its number: its type (`jepsen.store.format`) and its data.
    package struct Block {
        var number: UInt32
        var type: UInt16
        var data: [UInt8]

        package init(_ number: UInt32, type: UInt16, _ data: [UInt8]) {
            self.number = number
            self.type = type
            self.data = data
        }
    }

    /// A file with these blocks and an index behind them.
    package static func file(root: UInt32, version: UInt32 = 1, _ blocks: [Block]) -> [UInt8] {
        var file = Array("JEPSEN".utf8) + bytes(version) + [UInt8](repeating: 0, count: 8)
        var index = bytes(root)
        for block in blocks {
            index += bytes(block.number) + bytes(UInt64(file.count))
            file += framed(block)
        }
        file.replaceSubrange(10..<18, with: bytes(UInt64(file.count)))
        return file + framed(Block(0, type: 1, index))
    }

    /// A file whose test has the history that is in block 1.
    package static func file(history: [Block]) -> [UInt8] {
        var test = FressianWriter()
        test.map(2)
        test.keyword("name")
        test.string("sample")
        test.keyword("history")
        test.tag("block-ref", fields: 1)
        test.integer(1)
        return file(root: 9, [Block(9, type: 2, test.bytes)] + history)
    }

    /// A vector of chunks: how many elements there are, and of each chunk its first element and its block.
    package static func vector(count: UInt64, _ chunks: [(first: UInt64, block: UInt32)]) -> [UInt8] {
        chunks.reduce(into: bytes(count)) { $0 += bytes($1.first) + bytes($1.block) }
    }

    /// Operations as a test writes them, one behind the other.
    static func operations(_ count: Int, seed: Int) -> [UInt8] {
        var writer = FressianWriter()
        for index in 0..<count {
            let isEnd = index % 2 == 1
            writer.tag("jepsen.history.Op", fields: 7)
            writer.integer(Int64(index))
            writer.integer(Int64(index) * 1_234_567_891)
            writer.keyword(isEnd ? ["ok", "fail", "info"][(seed + index) % 3] : "invoke", isCached: true)
            writer.integer(Int64(index / 2 + seed % 2))
            writer.keyword((seed + index / 2) % 3 == 0 ? "read" : "write", isCached: true)
            writer.tag("map-entry", fields: 2)
            writer.integer(Int64(seed))
            if isEnd { writer.integer(Int64(index) << Int64(seed % 50)) } else { writer.null() }
            guard isEnd else {
                writer.null()
                continue
            }
            writer.map(3)
            writer.keyword("error")
            writer.list(2)
            writer.string("späť")
            writer.keyword("timeout", isCached: true)
            writer.keyword("set")
            writer.tag("persistent-hash-set", fields: 1)
            writer.list(1)
            writer.integer(-1)
            writer.keyword("big")
            writer.raw([0xC6, 0xD9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        }
        return writer.bytes
    }

    private static func framed(_ block: Block) -> [UInt8] {
        var header = bytes(UInt64(28 + block.data.count)) + [0, 0, 0, 0]
        header += [UInt8(block.type >> 8), UInt8(truncatingIfNeeded: block.type)] + [UInt8](repeating: 0, count: 14)
        let sum = (block.data + header).withUnsafeBytes { Checksum.crc32($0) }
        header.replaceSubrange(8..<12, with: bytes(sum))
        return header + block.data
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
