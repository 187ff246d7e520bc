/// Cuts a stream into the frames of both protocols: a big-endian uint32 length, then so many bytes.
///
/// Bodies that nobody wants are counted, not kept: an exchange of megabytes costs no more than its frames' first bytes.
package struct FrameScanner {
    /// A whole frame. Valid during the call only.
    package struct Frame {
        /// Bytes after the length.
        package var length: Int
        /// The body, or only its first two bytes where no more was wanted.
        package var body: UnsafeRawBufferPointer
        package var isWhole: Bool { body.count == length }
    }

    /// The longest frame that is kept for decoding, in bytes; longer ones are counted by their first bytes.
    static let longestKept = 4 << 20
    /// The longest frame that either protocol allows.
    private static let longest = 64 << 20
    private static let prefix = 2

    /// Whether the body of a frame with these first bytes is wanted.
    private let isWanted: @Sendable (UnsafeRawBufferPointer) -> Bool
    /// Whether these bytes can be the begin of a frame: asked only where the place of the next one is not known.
    private let isBegin: @Sendable (UnsafeRawBufferPointer) -> Bool

    /// The begin of a frame whose rest is still to come, from its length on.
    private var partial: [UInt8] = []
    /// How many bytes ``partial`` must have before more can be said.
    private var needed = 0
    /// Bytes of a frame that still have to pass, and the frame itself.
    private var toPass = 0
    private var passing: (length: Int, first: UInt8, second: UInt8) = (0, 0, 0)
    /// Whether the place of the next frame is unknown.
    package private(set) var isLost = false

    package init(
        isWanted: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool,
        isBegin: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) {
        self.isWanted = isWanted
        self.isBegin = isBegin
    }

    /// Takes the next bytes of the stream, as one segment had them.
    package mutating func take(_ bytes: UnsafeRawBufferPointer, _ give: (Frame) -> Void) {
        var rest = bytes
        if isLost {
            // A sender begins most segments with a frame; where that can be checked, reading goes on there.
            guard isBegin(rest) else { return }
            isLost = false
        }
        while !rest.isEmpty, !isLost {
            if toPass > 0 {
                pass(&rest, give)
            } else if partial.isEmpty {
                begin(&rest, give)
            } else {
                fill(&rest, give)
            }
        }
    }

    /// So many bytes of the stream are missing here; nil: nobody knows how many.
    package mutating func skip(_ count: Int?, _ give: (Frame) -> Void) {
        if let count, count <= toPass, !isLost {
            toPass -= count
            if toPass == 0 { givePassed(give) }
            return
        }
        lose()
    }

    private mutating func lose() {
        partial.removeAll()
        (needed, toPass) = (0, 0)
        isLost = true
    }

    private mutating func pass(_ rest: inout UnsafeRawBufferPointer, _ give: (Frame) -> Void) {
        let count = min(toPass, rest.count)
        toPass -= count
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        if toPass == 0 { givePassed(give) }
    }

    private func givePassed(_ give: (Frame) -> Void) {
        let bytes: [UInt8] = [passing.first, passing.second]
        bytes.withUnsafeBytes { bytes in
            let count = min(Self.prefix, passing.length)
            give(Frame(length: passing.length, body: UnsafeRawBufferPointer(rebasing: bytes[..<count])))
        }
    }

    /// The begin of a frame lies at the begin of `rest`.
    private mutating func begin(_ rest: inout UnsafeRawBufferPointer, _ give: (Frame) -> Void) {
        guard let length = Self.length(rest) else { return keep(&rest, until: 4) }
        guard length > 0, length <= Self.longest else { return lose() }
        let prefix = min(Self.prefix, length)
        guard rest.count >= 4 + prefix else { return keep(&rest, until: 4 + prefix) }
        let first = UnsafeRawBufferPointer(rebasing: rest[4..<(4 + prefix)])
        guard length <= Self.longestKept, isWanted(first) else {
            passing = (length, first[0], prefix > 1 ? first[1] : 0)
            toPass = length
            rest = UnsafeRawBufferPointer(rebasing: rest[4...])
            return
        }
        guard rest.count >= 4 + length else { return keep(&rest, until: 4 + length) }
        give(Frame(length: length, body: UnsafeRawBufferPointer(rebasing: rest[4..<(4 + length)])))
        rest = UnsafeRawBufferPointer(rebasing: rest[(4 + length)...])
    }

    private mutating func keep(_ rest: inout UnsafeRawBufferPointer, until count: Int) {
        partial.append(contentsOf: rest)
        needed = count
        rest = UnsafeRawBufferPointer(rebasing: rest[rest.count...])
    }

    /// Completes what was kept, and then reads it as if it had come at once.
    private mutating func fill(_ rest: inout UnsafeRawBufferPointer, _ give: (Frame) -> Void) {
        let count = min(needed - partial.count, rest.count)
        partial.append(contentsOf: rest[..<count])
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        guard partial.count >= needed else { return }
        let kept = partial
        partial.removeAll(keepingCapacity: kept.count <= 1 << 16)
        kept.withUnsafeBytes { bytes in
            var whole = bytes
            while !whole.isEmpty, !isLost { toPass > 0 ? pass(&whole, give) : begin(&whole, give) }
        }
    }

    static func length(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
    }
}
