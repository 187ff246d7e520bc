import History
import Nemesis

/// One direction of a relayed connection: what was read and has still to be written. Knows no socket and no clock.
package struct RelayStream {
    package struct Piece {
        package var bytes: [UInt8]
        package var written = 0
        /// Nanoseconds since the run began.
        package var read: Int64
        package var due: Int64
    }

    /// Bytes that may wait, beyond which nothing more is read: the sender's own buffers fill up then, as they do behind a cut.
    package static let most = 256 << 10

    package let link: DirectedLink
    package private(set) var pieces: [Piece] = []
    package private(set) var waiting = 0
    /// When the last piece is due: delays never reorder a stream.
    private var lastDue: Int64 = 0
    /// When the rate limit lets the next piece go.
    private var free: Int64 = 0
    /// The sender has ended.
    package var isEnded = false
    /// The end was told to the receiver.
    package var isEndTold = false
    private var generator: SeededGenerator

    package init(link: DirectedLink, seed: UInt64) {
        self.link = link
        generator = SeededGenerator(seed: seed)
    }

    package var hasRoom: Bool { !isEnded && waiting < Self.most }

    package mutating func append(_ bytes: [UInt8], at now: Int64, shape: LinkShape?) {
        var due = now
        if let shape {
            if let rate = shape.rate, rate > 0 {
                due = max(now, free)
                free = due + Int64(bytes.count) * 1_000_000_000 / Int64(rate)
            }
            due += shape.delay
            if shape.jitter > 0 { due += Int64(generator.below(Int(shape.jitter))) }
        }
        lastDue = max(due, lastDue)
        waiting += bytes.count
        pieces.append(Piece(bytes: bytes, read: now, due: lastDue))
    }

    /// When something may be written; nil when nothing waits.
    package var nextDue: Int64? { pieces.first?.due }

    /// `count` bytes of the first piece were written; the piece when that was the rest of it.
    package mutating func wrote(_ count: Int) -> Piece? {
        guard !pieces.isEmpty else { return nil }
        waiting -= count
        pieces[0].written += count
        guard pieces[0].written >= pieces[0].bytes.count else { return nil }
        return pieces.removeFirst()
    }

    /// What waits is gone, as it is when a sender gives up behind a cut.
    package mutating func drop() {
        pieces = []
        waiting = 0
    }
}
