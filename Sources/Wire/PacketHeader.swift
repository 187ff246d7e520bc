/// What the witness reads of a captured frame: who sent it to whom over IPv4, how much, and what tells it from other packets.
public struct PacketHeader: Sendable, Hashable {
    /// IPv4 addresses as integers, most significant byte first.
    public let source: UInt32
    public let destination: UInt32
    /// Bytes of the IPv4 packet.
    public let length: Int
    /// Equal for the same packet at both ends of a link, and hardly ever for two.
    public let fingerprint: UInt64
    /// Whether it is a TCP segment with a payload, and whether one that resets its connection (RFC 9293, RST).
    public let carriesData: Bool
    public let isReset: Bool

    /// Reads an Ethernet II frame (RFC 894) that carries IPv4 (RFC 791); nil for anything else or for a frame cut too short.
    public init?(ethernet frame: UnsafeRawBufferPointer) {
        guard frame.count >= 34, frame[12] == 0x08, frame[13] == 0x00, frame[14] >> 4 == 4 else { return nil }
        let total = Int(frame[16]) << 8 | Int(frame[17])
        length = total
        source = Self.word(frame, at: 26)
        destination = Self.word(frame, at: 30)
        var print = Self.mixed(UInt64(source) << 32 | UInt64(destination))
        print = Self.mixed(print ^ UInt64(Self.word(frame, at: 16)))
        let segment = 14 + Int(frame[14] & 0x0f) * 4
        guard frame[23] == 6, frame.count >= segment + 16 else {
            (fingerprint, carriesData, isReset) = (print, false, false)
            return
        }
        print = Self.mixed(
            print ^ (UInt64(Self.word(frame, at: segment)) << 32 | UInt64(Self.word(frame, at: segment + 4))))
        fingerprint = Self.mixed(
            print ^ (UInt64(Self.word(frame, at: segment + 8)) << 32 | UInt64(Self.word(frame, at: segment + 12))))
        let headers = segment - 14 + Int(frame[segment + 12] >> 4) * 4
        // A segment that offloading made larger than 64 KiB says 0 here.
        carriesData = total == 0 || total > headers
        isReset = frame[segment + 13] & 0x04 != 0
    }

    private static func word(_ frame: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 { value = value << 8 | UInt32(frame[offset + index]) }
        return value
    }

    /// The finalizer of MurmurHash3 (Appleby): spreads every bit over all.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ mixed >> 33
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
