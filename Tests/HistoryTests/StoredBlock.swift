import History
import Testing

/// A native file of one block taken apart, so that it can be put together again around another payload.
///
/// Reads and writes deflate streams of stored blocks and of any other kind by itself, and so is a second opinion on
/// Format.md.
struct StoredBlock {
    private let fileHeader: [UInt8]
    private let blockHeader: [UInt8]
    /// The payload, inflated.
    let payload: [UInt8]

    init(_ file: [UInt8]) throws {
        let start = 16 + Int(StoredBlock.number(file, 12)) + 4
        fileHeader = Array(file[..<start])
        blockHeader = Array(file[start..<start + 48])
        let length = Int(StoredBlock.number(file, start + 4))
        var inflater = Inflater(Array(file[start + 48..<start + 48 + length]))
        let inflated = inflater.inflate()
        payload = try #require(inflated)
        #expect(payload.count == Int(StoredBlock.number(file, start + 8)))
    }

    /// A file that was never closed, whose one block has `payload`.
    func file(payload: [UInt8]) -> [UInt8] {
        let stored = StoredBlock.stored(payload)
        var header = blockHeader
        header.replaceSubrange(4..<8, with: StoredBlock.bytes(UInt32(stored.count)))
        header.replaceSubrange(8..<12, with: StoredBlock.bytes(UInt32(payload.count)))
        header.replaceSubrange(40..<44, with: StoredBlock.bytes(StoredBlock.crc(stored)))
        header.replaceSubrange(44..<48, with: StoredBlock.bytes(StoredBlock.crc(Array(header[..<44]))))
        return fileHeader + header + stored
    }

    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var start = 0
        repeat {
            let count = min(bytes.count - start, 0xFFFF)
            let (low, high) = (UInt8(count & 0xFF), UInt8(count >> 8))
            result += [start + count == bytes.count ? 1 : 0, low, high, ~low, ~high] + bytes[start..<start + count]
            start += count
        } while start < bytes.count
        return result
    }

    /// A gzip member that holds `bytes`.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + stored(bytes) + self.bytes(crc(bytes))
            + self.bytes(UInt32(bytes.count))
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func bytes(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32 by the book, a bit at a time.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}

/// RFC 1951, as short as it can be.
struct Inflater {
    private let input: [UInt8]
    private var place = 0
    private var output: [UInt8] = []

    init(_ input: [UInt8]) { self.input = input }

    mutating func inflate() -> [UInt8]? {
        var isLast = false
        while !isLast {
            guard place < input.count * 8 else { return nil }
            isLast = bits(1) == 1
            switch bits(2) {
            case 0: copyStored()
            case 1:
                decode(
                    Huffman(
                        [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112)
                            + [Int](repeating: 7, count: 24) + [Int](repeating: 8, count: 8)),
                    Huffman([Int](repeating: 5, count: 30)))
            case 2:
                let (literals, distances) = readTrees()
                decode(literals, distances)
            default: return nil
            }
        }
        return output
    }

    private mutating func bits(_ count: Int) -> Int {
        var value = 0
        for index in 0..<count {
            if place < input.count * 8 { value |= Int(input[place / 8] >> UInt8(place % 8) & 1) << index }
            place += 1
        }
        return value
    }

    private mutating func copyStored() {
        place = (place + 7) / 8 * 8
        let count = bits(16)
        _ = bits(16)
        for _ in 0..<count { output.append(UInt8(bits(8))) }
    }

    private mutating func readTrees() -> (Huffman, Huffman) {
        let (literals, distances, codes) = (bits(5) + 257, bits(5) + 1, bits(4) + 4)
        var lengths = [Int](repeating: 0, count: 19)
        for index in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(codes) {
            lengths[index] = bits(3)
        }
        let tree = Huffman(lengths)
        var all: [Int] = []
        while all.count < literals + distances {
            let symbol = symbol(tree)
            switch symbol {
            case 16: all += [Int](repeating: all.last ?? 0, count: bits(2) + 3)
            case 17: all += [Int](repeating: 0, count: bits(3) + 3)
            case 18: all += [Int](repeating: 0, count: bits(7) + 11)
            default: all.append(symbol)
            }
        }
        return (Huffman(Array(all[..<literals])), Huffman(Array(all[literals..<literals + distances])))
    }

    private mutating func symbol(_ tree: Huffman) -> Int {
        var (code, length) = (0, 0)
        while length < 15 {
            code = code << 1 | bits(1)
            length += 1
            if let symbol = tree.symbols[length << 16 | code] { return symbol }
        }
        return 256
    }

    private mutating func decode(_ literals: Huffman, _ distances: Huffman) {
        while case let symbol = symbol(literals), symbol != 256 {
            if symbol < 256 {
                output.append(UInt8(symbol))
                continue
            }
            let length = symbol == 285 ? 258 : Inflater.base(symbol - 257, 4, 3) + bits(max(0, (symbol - 261) / 4))
            let code = self.symbol(distances)
            let distance = Inflater.base(code, 2, 1) + bits(max(0, (code - 2) / 2))
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }

    /// The first length or distance of a code: `step` codes for each number of extra bits.
    private static func base(_ code: Int, _ step: Int, _ first: Int) -> Int {
        (0..<code).reduce(first) { $0 + 1 << max(0, $1 / step - 1) }
    }
}

/// Canonical codes of RFC 1951.
struct Huffman {
    /// Keys are length and code.
    var symbols: [Int: Int] = [:]

    init(_ lengths: [Int]) {
        var code = 0
        for length in 1...15 {
            for (symbol, own) in lengths.enumerated() where own == length {
                symbols[length << 16 | code] = symbol
                code += 1
            }
            code <<= 1
        }
    }
}
