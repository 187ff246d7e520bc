/// A TCP segment (RFC 9293) in a captured frame, as far as following its stream needs it.
package struct TCPSegment {
    /// Addresses as integers, most significant byte first.
    package let source: UInt32
    package let destination: UInt32
    package let sourcePort: UInt16
    package let destinationPort: UInt16
    /// The sequence number of the first byte of the segment; of the synchronization itself where the segment is one.
    package let sequence: UInt32
    /// The sequence number that the sender expects next from the other side; nil in a segment that acknowledges nothing.
    package let acknowledgement: UInt32?
    package let isSynchronization: Bool
    package let isEnd: Bool
    package let isReset: Bool
    /// Where the payload lies in the frame, as far as it was captured.
    package let payload: Range<Int>
    /// Bytes of the payload that the packet had and the capture has not.
    package let missing: Int

    /// Reads an Ethernet II frame with IPv4 and TCP; nil for anything else, for fragments, and for a frame cut before the end of
    /// its headers.
    ///
    /// - Parameter length: bytes of the frame on the wire, of which fewer may have been captured.
    package init?(ethernet frame: UnsafeRawBufferPointer, length: Int) {
        guard frame.count >= 54, frame[12] == 0x08, frame[13] == 0x00, frame[14] >> 4 == 4, frame[23] == 6 else {
            return nil
        }
        let ipHeader = Int(frame[14] & 0x0f) * 4
        let segment = 14 + ipHeader
        // More fragments, or an offset: no stream of ours is fragmented.
        guard ipHeader >= 20, frame.count >= segment + 20, frame[20] & 0x3f == 0, frame[21] == 0 else { return nil }
        var total = Int(frame[16]) << 8 | Int(frame[17])
        // What offloading made larger than 64 KiB says 0.
        if total == 0 { total = length - 14 }
        let tcpHeader = Int(frame[segment + 12] >> 4) * 4
        let begin = segment + tcpHeader
        let end = 14 + total
        guard tcpHeader >= 20, begin <= end, begin <= frame.count else { return nil }
        source = Self.word(frame, 26)
        destination = Self.word(frame, 30)
        sourcePort = UInt16(frame[segment]) << 8 | UInt16(frame[segment + 1])
        destinationPort = UInt16(frame[segment + 2]) << 8 | UInt16(frame[segment + 3])
        sequence = Self.word(frame, segment + 4)
        let flags = frame[segment + 13]
        acknowledgement = flags & 0x10 != 0 ? Self.word(frame, segment + 8) : nil
        isSynchronization = flags & 0x02 != 0
        isEnd = flags & 0x01 != 0
        isReset = flags & 0x04 != 0
        let captured = min(end, frame.count)
        payload = begin..<captured
        missing = end - captured
    }

    private static func word(_ frame: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
