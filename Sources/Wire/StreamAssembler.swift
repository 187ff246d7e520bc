/// What comes out of an assembled stream.
package enum StreamPiece {
    /// The next bytes, in order, each once. Valid during the call only.
    case bytes(UnsafeRawBufferPointer)
    /// So many bytes were sent, and the capture has not seen them; nil: an unknown number, since the stream ran before it.
    case gap(Int?)
    /// Nothing comes after this.
    case end
}

/// Puts the segments of one direction of a TCP connection back into the stream of bytes that they were cut from.
///
/// A byte that was seen is given out once and in order, whatever was lost, doubled or overtaken on the way. A byte that was not seen
/// is waited for as long as it may still come; once the receiver has acknowledged it (so that it arrived and only the capture
/// missed it), or there is no more room to wait, a **gap** is stated in its place. Nothing is guessed.
package struct StreamAssembler {
    /// Bytes and segments that may wait for what is missing before them.
    package static let mostWaiting = 4 << 20
    static let mostWaitingSegments = 8_192
    /// No window is so large here: what an acknowledgement says beyond is of another connection, and a segment beyond comes after
    /// a hole that nothing will fill.
    private static let farAhead: Int64 = 64 << 20

    private struct Waiting {
        var offset: Int64
        var bytes: [UInt8]
        var missing: Int
        var end: Int64 { offset + Int64(bytes.count) + Int64(missing) }
    }

    private enum State { case unseen, open, closed }

    private var state = State.unseen
    /// The sequence number of offset 0: the byte after the synchronization.
    private var base: UInt32 = 0
    /// The offset of the next byte wanted; counts on where sequence numbers wrap around.
    private var next: Int64 = 0
    /// By offset; none begins before ``next``.
    private var waiting: [Waiting] = []
    package private(set) var waitingBytes = 0
    /// The offset after the last byte, once the sender has said which that is.
    private var last: Int64?

    package init() {}

    /// Takes a segment of this direction; `frame` is the one that the segment was read from.
    package mutating func take(_ segment: TCPSegment, of frame: UnsafeRawBufferPointer, _ give: (StreamPiece) -> Void) {
        if segment.isSynchronization { synchronize(segment.sequence, give) }
        if segment.isReset {
            if state == .open { close(give) }
            return
        }
        let sequence = segment.isSynchronization ? segment.sequence &+ 1 : segment.sequence
        if state == .unseen {
            guard !segment.payload.isEmpty || segment.missing > 0 else { return }
            (base, next, state) = (sequence, 0, .open)
            give(.gap(nil))
        }
        guard state == .open else { return }
        let offset = offset(of: sequence)
        if segment.isEnd { last = offset + Int64(segment.payload.count) + Int64(segment.missing) }
        if !segment.payload.isEmpty || segment.missing > 0 {
            add(offset, UnsafeRawBufferPointer(rebasing: frame[segment.payload]), segment.missing, give)
        }
        if let last, next >= last { close(give) }
    }

    /// The receiver has all bytes before `sequence`: what of them the capture has not seen by now, it missed.
    ///
    /// Only for an acknowledgement that passed the same point of the network after what it acknowledges.
    package mutating func acknowledged(_ sequence: UInt32, _ give: (StreamPiece) -> Void) {
        guard state == .open else { return }
        var reached = offset(of: sequence)
        // The end of the stream takes a sequence number of its own.
        if let last { reached = min(reached, last) }
        guard reached > next, reached - next <= Self.farAhead else { return }
        while next < reached, state == .open {
            skip(to: min(reached, waiting.first?.offset ?? reached), give)
        }
        if let last, next >= last { close(give) }
    }

    private func offset(of sequence: UInt32) -> Int64 {
        let expected = UInt32(truncatingIfNeeded: Int64(base) + next)
        return next + Int64(Int32(bitPattern: sequence &- expected))
    }

    private mutating func synchronize(_ sequence: UInt32, _ give: (StreamPiece) -> Void) {
        // Sent again because its answer was late.
        if state != .unseen, base == sequence &+ 1 { return }
        if state == .open { close(give) }
        (base, next, state, last) = (sequence &+ 1, 0, .open, nil)
    }

    private mutating func close(_ give: (StreamPiece) -> Void) {
        state = .closed
        waiting = []
        waitingBytes = 0
        give(.end)
    }

    private mutating func add(
        _ offset: Int64, _ bytes: UnsafeRawBufferPointer, _ missing: Int, _ give: (StreamPiece) -> Void
    ) {
        guard offset <= next else {
            keep(offset, bytes, missing)
            if offset - next > Self.farAhead, let first = waiting.first { skip(to: first.offset, give) }
            while waitingBytes > Self.mostWaiting || waiting.count > Self.mostWaitingSegments {
                guard let first = waiting.first else { return }
                skip(to: first.offset, give)
            }
            return
        }
        advance(offset, bytes, missing, give)
        release(give)
    }

    /// Gives out what is new of a segment that begins no later than ``next``.
    private mutating func advance(
        _ offset: Int64, _ bytes: UnsafeRawBufferPointer, _ missing: Int, _ give: (StreamPiece) -> Void
    ) {
        let known = next - offset
        if known < Int64(bytes.count) {
            next = offset + Int64(bytes.count)
            give(.bytes(UnsafeRawBufferPointer(rebasing: bytes[Int(known)...])))
        }
        let end = offset + Int64(bytes.count) + Int64(missing)
        if missing > 0, next < end {
            let count = Int(end - next)
            next = end
            give(.gap(count))
        }
    }

    private mutating func keep(_ offset: Int64, _ bytes: UnsafeRawBufferPointer, _ missing: Int) {
        let segment = Waiting(offset: offset, bytes: Array(bytes), missing: missing)
        var place = waiting.count
        while place > 0, waiting[place - 1].offset > offset { place -= 1 }
        // Sent again while it was waiting already.
        if place > 0, waiting[place - 1].end >= segment.end, waiting[place - 1].missing <= missing { return }
        waiting.insert(segment, at: place)
        waitingBytes += bytes.count
    }

    private mutating func skip(to offset: Int64, _ give: (StreamPiece) -> Void) {
        if offset > next {
            let count = Int(offset - next)
            next = offset
            give(.gap(count))
        }
        release(give)
    }

    /// Gives out what waited for the byte that came last.
    private mutating func release(_ give: (StreamPiece) -> Void) {
        var count = 0
        while count < waiting.count, waiting[count].offset <= next {
            let segment = waiting[count]
            waitingBytes -= segment.bytes.count
            segment.bytes.withUnsafeBytes { advance(segment.offset, $0, segment.missing, give) }
            count += 1
        }
        if count > 0 { waiting.removeFirst(count) }
    }
}
