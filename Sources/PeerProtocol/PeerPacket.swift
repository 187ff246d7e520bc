import Dynamo
import SwiftProtobuf

/// What one frame between nodes carries: the greeting that opens a connection, or a message of the protocol.
public enum PeerPacket: Hashable, Sendable {
    case hello(PeerGreeting)
    case message(Dynamo.Message)
}

/// The first frame on a connection: who dials, and for which cluster.
public struct PeerGreeting: Hashable, Sendable {
    /// The version of this protocol; nodes of different versions do not talk.
    public static let currentVersion: UInt32 = 1

    public var node: String
    /// Nodes of different clusters refuse each other, so that a wrong address cannot mix two stores.
    public var cluster: String
    public var version: UInt32

    /// Names the process that dials, and counts its attempts to reach this peer: connections may be accepted in another
    /// order than they were dialled in.
    public var life: UInt64
    public var attempt: UInt64

    public init(
        node: String, cluster: String, version: UInt32 = PeerGreeting.currentVersion, life: UInt64 = 0,
        attempt: UInt64 = 0
    ) {
        self.node = node
        self.cluster = cluster
        self.version = version
        self.life = life
        self.attempt = attempt
    }
}

/// Why bytes from a peer were refused. The connection that they came on is closed.
public enum PeerProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not a protocol buffers message at all.
    case malformed
    /// A well-formed message without the part that says what it is, as a later version of the protocol might send.
    case empty
    /// A field that every message of its kind has is missing or out of range.
    case invalid(String)
    /// A frame longer than the limit, by the length in its first bytes.
    case tooLong(Int)
    /// A message of ours that protocol buffers cannot carry (over 2 GiB).
    case unencodable

    public var description: String {
        switch self {
        case .malformed: "the bytes are not a protocol buffers message"
        case .empty: "the frame holds no message that this version knows"
        case .invalid(let field): "the field \(field) is missing or out of range"
        case .tooLong(let length): "the frame says that it is \(length) bytes long, which is over the limit"
        case .unencodable: "the message is too long to be sent"
        }
    }
}

extension PeerPacket {
    /// The packet as it goes over the wire: a big-endian uint32 length, then the protocol buffers bytes.
    public func frame() throws(PeerProtocolError) -> [UInt8] {
        if case .message(let message) = self, let frame = HotMessages.frame(message) {
            guard UInt32(exactly: frame.count) != nil else { throw .unencodable }
            return frame
        }
        let body: [UInt8]
        do {
            body = try wireForm.serializedBytes()
        } catch {
            throw .unencodable
        }
        guard let length = UInt32(exactly: body.count) else { throw .unencodable }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 4)
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: body)
        return bytes
    }

    /// Reads the bytes of one frame, without its length.
    public init(frameBody bytes: [UInt8]) throws(PeerProtocolError) {
        if let message = try HotMessages.message(bytes) {
            self = .message(message)
            return
        }
        let wire: PeerFrame
        do {
            wire = try PeerFrame(serializedBytes: bytes)
        } catch {
            throw .malformed
        }
        switch wire.body {
        case .hello(let hello):
            self = .hello(
                PeerGreeting(
                    node: hello.node, cluster: hello.cluster, version: hello.version, life: hello.life,
                    attempt: hello.attempt))
        case .some(let body): self = .message(try Dynamo.Message(wire: body))
        case nil: throw .empty
        }
    }

    /// The packet as the generated code has it: the reference for ``HotMessages``.
    package var wireForm: PeerFrame {
        var frame = PeerFrame()
        switch self {
        case .hello(let greeting):
            var hello = Hello()
            hello.node = greeting.node
            hello.cluster = greeting.cluster
            hello.version = greeting.version
            (hello.life, hello.attempt) = (greeting.life, greeting.attempt)
            frame.hello = hello
        case .message(let message): frame.body = message.wireForm
        }
        return frame
    }
}
