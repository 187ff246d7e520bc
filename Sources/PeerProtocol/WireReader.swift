/// Reads the fields of a protocol buffers message by hand. Every length is checked against the bytes that there are;
/// fields that nobody asked for are skipped.
///
/// Valid no longer than the buffer that it was made over.
package struct WireReader {
    /// The type of a field on the wire.
    package enum Form: UInt8 {
        case varint = 0, fixed64 = 1, block = 2, fixed32 = 5
    }

    private let buffer: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int

    package init(_ buffer: UnsafeBufferPointer<UInt8>) { self.init(buffer, 0..<buffer.count) }

    private init(_ buffer: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.buffer = buffer
        position = range.lowerBound
        end = range.upperBound
    }

    /// The number and the type of the next field; nil at the end of the message.
    package mutating func next() throws(PeerProtocolError) -> (number: UInt64, form: Form)? {
        if position == end { return nil }
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29, let form = Form(rawValue: UInt8(tag & 7)) else { throw .malformed }
        return (tag >> 3, form)
    }

    package mutating func varint() throws(PeerProtocolError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            guard position < end else { throw .malformed }
            let byte = buffer[position]
            position += 1
            // Of the tenth byte one bit counts, as in every implementation of protocol buffers.
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed
    }

    /// The bytes of a block.
    mutating func block() throws(PeerProtocolError) -> [UInt8] { Array(buffer[try range()]) }

    /// The bytes of a block where they lie, for whoever only looks.
    package mutating func bytes() throws(PeerProtocolError) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: buffer[try range()])
    }

    /// A block as text, which must be UTF-8.
    package mutating func text() throws(PeerProtocolError) -> String {
        let range = try range()
        guard let text = String(validating: UnsafeBufferPointer(rebasing: buffer[range]), as: UTF8.self) else {
            throw .malformed
        }
        return text
    }

    /// A block as a message of its own.
    package mutating func message() throws(PeerProtocolError) -> WireReader { WireReader(buffer, try range()) }

    package mutating func skip(_ form: Form) throws(PeerProtocolError) {
        switch form {
        case .varint: _ = try varint()
        case .block: _ = try range()
        case .fixed64: try skip(count: 8)
        case .fixed32: try skip(count: 4)
        }
    }

    private mutating func skip(count: Int) throws(PeerProtocolError) {
        guard end - position >= count else { throw .malformed }
        position += count
    }

    private mutating func range() throws(PeerProtocolError) -> Range<Int> {
        let length = try varint()
        guard length <= UInt64(end - position) else { throw .malformed }
        defer { position += Int(length) }
        return position..<(position + Int(length))
    }
}
