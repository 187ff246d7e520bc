import Dynamo
import Glibc

/// `trees`: what the Merkle trees knew when the node ended, and the place in the commit log at which that was so.
///
/// `dynotree`, the place (segment and record), the ring's partitions and the number of trees; each tree's number, a byte
/// for each leaf, and 16 for each node, from the root down; a CRC-32. Whole numbers have eight bytes, little-endian. The
/// file is deleted when it is read: from then on it would be wrong.
struct TreeFile {
    private static let magic: [UInt8] = Array("dynotree".utf8)
    /// More trees than any ring has partitions, times the different N of its buckets, are a mistake.
    private static let mostTrees = 1 << 20
    private static let mostPartitions = 1 << 16

    let path: String

    init(directory: String) { path = directory + "/trees" }

    /// Writes the file; when this returns, it is on disk.
    func write(_ snapshot: MerkleSnapshot, at mark: CommitLog.Mark) throws(StoreError) {
        let draft = path + "-draft"
        let descriptor = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .writeFailed(path: draft, reason: SystemError.text(errno)) }
        defer { close(descriptor) }
        try SegmentFile.write(Self.encode(snapshot, mark), at: 0, to: descriptor, path: draft)
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else {
            throw .writeFailed(path: path, reason: SystemError.text(errno))
        }
    }

    /// Reads the file and deletes it; nil when there is none, or one that is damaged or of another time.
    func take(at mark: CommitLog.Mark) -> MerkleSnapshot? {
        guard access(path, F_OK) == 0 else { return nil }
        defer { unlink(path) }
        guard let bytes = try? SegmentFile.read(path), let found = Self.decode(bytes), found.mark == mark else {
            return nil
        }
        return found.snapshot
    }

    static func encode(_ snapshot: MerkleSnapshot, _ mark: CommitLog.Mark) -> [UInt8] {
        var bytes = magic
        let size = snapshot.trees.reduce(64) { $0 + 17 * $1.isStale.count + 16 * ($1.isStale.count / 8) + 64 }
        bytes.reserveCapacity(size)
        for word in [
            mark.segment, mark.record, UInt64(snapshot.partitions), UInt64(snapshot.trees.count),
        ] { LogLayout.append(word, to: &bytes) }
        for tree in snapshot.trees {
            LogLayout.append(UInt64(tree.number), to: &bytes)
            for isStale in tree.isStale { bytes.append(isStale ? 1 : 0) }
            for hash in tree.levels.joined() {
                LogLayout.append(hash.high, to: &bytes)
                LogLayout.append(hash.low, to: &bytes)
            }
        }
        var checksum = Checksum()
        checksum.add(bytes)
        LogLayout.append(UInt64(checksum.value), to: &bytes)
        return bytes
    }

    static func decode(_ bytes: [UInt8]) -> (snapshot: MerkleSnapshot, mark: CommitLog.Mark)? {
        let head = magic.count + 32
        guard bytes.count >= head + 8, bytes.starts(with: magic) else { return nil }
        let end = bytes.count - 8
        var checksum = Checksum()
        checksum.add(bytes[..<end])
        guard LogLayout.word(bytes, at: end) == UInt64(checksum.value),
            let partitions = Int(exactly: LogLayout.word(bytes, at: 24)), (1...mostPartitions).contains(partitions),
            let count = Int(exactly: LogLayout.word(bytes, at: 32)), (0...mostTrees).contains(count)
        else { return nil }
        let widths = MerkleSnapshot.widths(partitions: partitions)
        let leaves = widths.last ?? 0
        let size = 8 + leaves + 16 * widths.reduce(0, +)
        guard end - head == count * size else { return nil }
        var snapshot = MerkleSnapshot(partitions: partitions, trees: [])
        for index in 0..<count {
            var place = head + index * size
            guard let number = Int(exactly: LogLayout.word(bytes, at: place)) else { return nil }
            place += 8
            let isStale = bytes[place..<(place + leaves)].map { $0 != 0 }
            place += leaves
            var levels: [[Hash128]] = []
            for width in widths {
                levels.append(hashes(bytes, at: place, count: width))
                place += 16 * width
            }
            snapshot.trees.append(MerkleSnapshot.Tree(number: number, levels: levels, isStale: isStale))
        }
        let mark = CommitLog.Mark(segment: LogLayout.word(bytes, at: 8), record: LogLayout.word(bytes, at: 16))
        return (snapshot, mark)
    }

    private static func hashes(_ bytes: [UInt8], at place: Int, count: Int) -> [Hash128] {
        bytes.withUnsafeBytes { buffer in
            (0..<count).map { index in
                func word(_ offset: Int) -> UInt64 {
                    UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                }
                return Hash128(high: word(place + 16 * index), low: word(place + 16 * index + 8))
            }
        }
    }
}
