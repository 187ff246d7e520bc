/// What the witness reads of a captured frame: who sent it to whom over IPv4, and how much.
public struct PacketHeader: Sendable, Hashable {
    /// IPv4 addresses as integers, most significant byte first.
    public let source: UInt32
    public let destination: UInt32
    /// Bytes of the IPv4 packet.
    public let length: Int

    /// Reads an Ethernet II frame (RFC 894) that carries IPv4 (RFC 791); nil for anything else or for a frame cut too short.
    public init?(ethernet frame: UnsafeRawBufferPointer) {
        guard frame.count >= 34, frame[12] == 0x08, frame[13] == 0x00, frame[14] >> 4 == 4 else { return nil }
        length = Int(frame[16]) << 8 | Int(frame[17])
        source = Self.address(frame, at: 26)
        destination = Self.address(frame, at: 30)
    }

    private static func address(_ frame: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 { value = value << 8 | UInt32(frame[offset + index]) }
        return value
    }

    /// The integer form of a dotted address, nil when it is none.
    public static func address(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part) else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }
}
