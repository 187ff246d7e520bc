import Dynamo
import NIOCore

/// The Merkle root of each ring partition that a node is home of, a line of JSON each.
///
/// What was written to since is read from the store first, a bounded piece at a time: clients are served in between,
/// however much there is to read.
final class RootPieces: HTTPPieces {
    /// Rows that are read before others have their turn.
    private static let rows = 4_096

    private let replica: ReplicaLoop
    private var partitions: ArraySlice<Int>

    init(replica: ReplicaLoop) {
        self.replica = replica
        partitions = replica.homePartitions[...]
    }

    func next(_ done: @escaping (Result<[UInt8]?, any Error>) -> Void) {
        var lines = JSONLine()
        var budget = Self.rows
        while let partition = partitions.first, budget > 0 {
            switch replica.readRoot(partition: partition, budget: &budget) {
            case .root(let hash): Self.append(partition, hash, to: &lines)
            case .unfinished: continue
            case .unknown: break
            }
            partitions.removeFirst()
        }
        if !lines.bytes.isEmpty || partitions.isEmpty {
            return done(.success(lines.bytes.isEmpty ? nil : lines.bytes))
        }
        let later = NIOLoopBound((pieces: self, done: done), eventLoop: replica.eventLoop)
        replica.eventLoop.execute { later.value.pieces.next(later.value.done) }
    }

    private static func append(_ partition: Int, _ hash: Hash128, to lines: inout JSONLine) {
        lines.raw("{\"range\":")
        lines.string(RangeName.of(partition))
        lines.raw(",\"hash\":")
        lines.string(hexadecimal(hash))
        lines.raw("}\n")
    }

    private static func hexadecimal(_ hash: Hash128) -> [UInt8] {
        [hash.high, hash.low].flatMap { word in
            stride(from: UInt64(60), through: 0, by: -4).map { JSONLine.digit(UInt8(word >> $0 & 15)) }
        }
    }
}
