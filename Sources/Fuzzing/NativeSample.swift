import CDeflate
import Foundation
import History

/// Native histories taken apart, so that spoilt columns get a right checksum: behind it is what is to be tried.
struct NativeSample {
    /// The file header, and the header of the first block.
    private let fileHeader: [UInt8]
    private let blockHeader: [UInt8]
    /// The columns of the first block, inflated.
    let columns: [UInt8]

    private static let blockHeaderSize = 48

    /// nil when the bytes are not laid out as Format.md says.
    init?(_ file: [UInt8]) {
        guard file.count > 20 else { return nil }
        let start = 16 + Self.number(file, 12) + 4
        guard start + Self.blockHeaderSize <= file.count else { return nil }
        fileHeader = Array(file[..<start])
        blockHeader = Array(file[start..<(start + Self.blockHeaderSize)])
        let stored = start + Self.blockHeaderSize
        let (length, size) = (Self.number(file, start + 4), Self.number(file, start + 8))
        guard stored + length <= file.count, let columns = Self.inflated(Array(file[stored..<(stored + length)]), size)
        else { return nil }
        self.columns = columns
    }

    /// A file that was never closed, whose one block has these columns.
    func file(columns: [UInt8]) -> [UInt8] {
        let stored = Self.stored(columns)
        var header = blockHeader
        header.replaceSubrange(4..<8, with: Self.bytes(UInt32(stored.count)))
        header.replaceSubrange(8..<12, with: Self.bytes(UInt32(columns.count)))
        header.replaceSubrange(40..<44, with: Self.bytes(stored.withUnsafeBytes { Checksum.crc32($0) }))
        header.replaceSubrange(44..<48, with: Self.bytes(header[..<44].withUnsafeBytes { Checksum.crc32($0) }))
        return fileHeader + header + stored
    }

    /// The bytes of a file that holds a history.
    static func bytes(of history: History) -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(UUID().uuidString).dyno").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard (try? HistoryFile.write(history, to: path)) != nil, let data = FileManager.default.contents(atPath: path)
        else { return [] }
        return [UInt8](data)
    }

    /// A deflate stream of blocks that are stored as they are.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var start = 0
        repeat {
            let count = min(bytes.count - start, 0xFFFF)
            let (low, high) = (UInt8(count & 0xFF), UInt8(count >> 8))
            result += [start + count == bytes.count ? 1 : 0, low, high, ~low, ~high] + bytes[start..<(start + count)]
            start += count
        } while start < bytes.count
        return result
    }

    private static func inflated(_ bytes: [UInt8], _ size: Int) -> [UInt8]? {
        guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
        defer { libdeflate_free_decompressor(decompressor) }
        var result = [UInt8](repeating: 0, count: size)
        let status = libdeflate_deflate_decompress(decompressor, bytes, bytes.count, &result, size, nil)
        return status == LIBDEFLATE_SUCCESS ? result : nil
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> Int {
        bytes[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
