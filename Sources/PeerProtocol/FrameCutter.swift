/// Cuts a stream of bytes from a peer into frames, each after its length as a big-endian uint32.
///
/// Holds at most one frame's worth of bytes beyond what it was last handed.
public struct FrameCutter: Sendable {
    /// The longest frame accepted, in bytes without the length.
    public var maximumLength: Int
    private var buffer: [UInt8] = []
    private var consumed = 0

    public init(maximumLength: Int = 64 << 20) { self.maximumLength = maximumLength }

    /// Takes bytes as they came from the socket.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if consumed == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
        } else if consumed > 0 {
            buffer.removeFirst(consumed)
        }
        consumed = 0
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame without its length, or nil until more bytes come.
    public mutating func next() throws(PeerProtocolError) -> [UInt8]? {
        guard buffer.count - consumed >= 4 else { return nil }
        var length = 0
        for offset in 0..<4 { length = length << 8 | Int(buffer[consumed + offset]) }
        guard length <= maximumLength else { throw .tooLong(length) }
        guard buffer.count - consumed >= 4 + length else { return nil }
        let start = consumed + 4
        consumed = start + length
        return Array(buffer[start..<consumed])
    }
}
