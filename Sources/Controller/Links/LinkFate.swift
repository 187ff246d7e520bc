import History
import Nemesis

/// What becomes of the frames of one link: decides from its shape and a seeded generator, knows no socket and no clock.
struct LinkFate {
    /// How many frames met which end.
    struct Counts: Hashable {
        var carried = 0
        var lost = 0
        var duplicated = 0
        var overtaken = 0
    }

    /// A frame that was overtaken is held back by this many nanoseconds beyond its delay.
    static let holdBack: UInt64 = 5_000_000
    /// Added to every delay, in nanoseconds: the kernel may stamp a packet for the witness this much after it was handed over here,
    /// and no packet may seem to have come early.
    static let lateStamp: UInt64 = 250_000
    /// A frame that a rate limit would make wait longer than this, in nanoseconds, is lost.
    static let longestQueue: UInt64 = 200_000_000

    private(set) var shape: LinkShape
    private(set) var counts = Counts()
    private var generator: SeededGenerator
    /// When the last frame that kept its place leaves: jitter alone reorders nothing.
    private var lastDue: UInt64 = 0
    /// When the rate limit lets the next frame go.
    private var free: UInt64 = 0

    init(_ shape: LinkShape, seed: UInt64) {
        self.shape = shape
        generator = SeededGenerator(seed: seed)
    }

    mutating func change(to shape: LinkShape) { self.shape = shape }

    /// The times at which copies of a frame leave: none when it is lost, two when it is doubled.
    mutating func departures(of frame: FrameFacts, at now: UInt64) -> [UInt64] {
        if shape.isHalfOpen && frame.carriesData || draw(shape.loss) {
            counts.lost += 1
            return []
        }
        guard var due = afterRate(frame.length, now) else {
            counts.lost += 1
            return []
        }
        if shape.delay > 0 { due += UInt64(shape.delay) + Self.lateStamp }
        if shape.jitter > 0 { due += UInt64(generator.below(Int(shape.jitter))) }
        if draw(shape.reorder) {
            counts.overtaken += 1
            due += Self.holdBack
        } else {
            due = max(due, lastDue)
            lastDue = due
        }
        counts.carried += 1
        guard draw(shape.duplicate) else { return [due] }
        counts.duplicated += 1
        return [due, due]
    }

    /// When a frame may go by the rate limit alone; nil when it would wait too long.
    private mutating func afterRate(_ length: Int, _ now: UInt64) -> UInt64? {
        guard let rate = shape.rate, rate > 0 else { return now }
        let start = max(now, free)
        guard start - now <= Self.longestQueue else { return nil }
        free = start + UInt64(length) * 1_000_000_000 / UInt64(rate)
        return start
    }

    private mutating func draw(_ share: Double) -> Bool {
        share > 0 && Double(generator.next() >> 11) * 0x1p-53 < share
    }
}

/// What a link must know of a frame.
struct FrameFacts {
    /// Bytes of the Ethernet frame.
    var length: Int
    /// Where it goes, as an Ethernet address (IEEE 802.3, 48 bits).
    var destination: UInt64
    var isIPv4: Bool
    /// Whether it is a TCP segment with a payload.
    var carriesData: Bool

    /// Bytes of the offload header (`struct virtio_net_hdr`) before each frame of a packet socket.
    static let offloadHeader = 10

    /// Reads an Ethernet II frame (RFC 894) with its offload header; nil when it is too short.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let start = Self.offloadHeader
        guard bytes.count >= start + 14 else { return nil }
        length = bytes.count - start
        destination = (0..<6).reduce(0) { $0 << 8 | UInt64(bytes[start + $1]) }
        isIPv4 = bytes[start + 12] == 0x08 && bytes[start + 13] == 0x00
        carriesData = false
        guard isIPv4, bytes.count >= start + 34, bytes[start + 23] == 6 else { return }
        let internetHeader = Int(bytes[start + 14] & 0x0f) * 4
        let total = Int(bytes[start + 16]) << 8 | Int(bytes[start + 17])
        let segment = start + 14 + internetHeader
        guard bytes.count >= segment + 14 else { return }
        let transportHeader = Int(bytes[segment + 12] >> 4) * 4
        // A segment that offloading made larger than 64 KiB says 0 here.
        carriesData = total == 0 || total > internetHeader + transportHeader
    }
}
