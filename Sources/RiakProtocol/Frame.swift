import Foundation
import SwiftProtobuf

/// One message of Riak's protocol buffers interface: a code and the bytes of its body.
///
/// On the wire a big-endian uint32 (the length of code and body), the code, the body.
public struct Frame: Sendable, Hashable {
    /// The code as it stood on the wire; not every byte is a ``MessageCode``.
    public var code: UInt8
    public var body: Data

    public init(code: UInt8, body: Data = Data()) {
        self.code = code
        self.body = body
    }

    public init(_ code: MessageCode, body: Data = Data()) {
        self.init(code: code.rawValue, body: body)
    }

    /// A frame whose body is `message` in protocol buffers.
    ///
    /// Throws `BinaryEncodingError` when a required field is missing.
    public init(_ code: MessageCode, _ message: some Message) throws {
        self.init(code, body: try message.serializedData())
    }

    /// The frame as it goes over the wire, length first.
    public var bytes: [UInt8] {
        let length = UInt32(body.count + 1)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 5)
        bytes.append(UInt8(truncatingIfNeeded: length >> 24))
        bytes.append(UInt8(truncatingIfNeeded: length >> 16))
        bytes.append(UInt8(truncatingIfNeeded: length >> 8))
        bytes.append(UInt8(truncatingIfNeeded: length))
        bytes.append(code)
        bytes.append(contentsOf: body)
        return bytes
    }
}

/// Cuts a stream of bytes into frames. Holds at most one frame's worth of bytes.
public struct FrameDecoder: Sendable {
    /// The longest frame accepted, in bytes of code and body.
    public let maximumLength: Int
    private var buffer: [UInt8] = []
    private var consumed = 0

    /// What ends a connection.
    public enum Failure: Error, Sendable, Hashable {
        /// A frame without even a code; Riak closes the connection.
        case empty
        /// A frame longer than ``FrameDecoder/maximumLength``.
        case tooLong(Int)
    }

    public init(maximumLength: Int = 16 << 20) {
        self.maximumLength = maximumLength
    }

    /// Bytes taken and not yet handed out.
    public var bufferedCount: Int { buffer.count - consumed }

    /// Takes bytes as they came from the socket.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if consumed > 0 {
            buffer.removeFirst(consumed)
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or nil until more bytes come.
    public mutating func next() throws(Failure) -> Frame? {
        let available = buffer.count - consumed
        guard available >= 4 else { return nil }
        var length = 0
        for offset in 0..<4 { length = length << 8 | Int(buffer[consumed + offset]) }
        guard length > 0 else { throw .empty }
        guard length <= maximumLength else { throw .tooLong(length) }
        guard available >= 4 + length else { return nil }
        let start = consumed + 4
        consumed = start + length
        return Frame(code: buffer[start], body: Data(buffer[(start + 1)..<consumed]))
    }
}
