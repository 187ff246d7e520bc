/// The format of capture files (`pcap`, with nanoseconds), and within it the link type `LINUX_SLL2`, which says of each packet at
/// which interface it was seen and which way it went: what `tcpdump -i any` writes.
///
/// Interface k is the port of the k-th node. "Incoming" is what the node sent into the network, "outgoing" what was delivered to it; so
/// a packet between two nodes stands in the file twice, and one that a cut stopped only once.
enum PcapFormat {
    /// Little-endian, nanoseconds.
    static let magic: UInt32 = 0xa1b2_3c4d
    static let headerBytes = 24
    static let recordBytes = 16
    static let linkType: UInt32 = 276
    /// Protocol, reserved, interface, hardware type, packet type, length of the address, address.
    static let linkHeaderBytes = 20
    static let ethernetBytes = 14
    static let snapshotLength: UInt32 = 262_144
    static let incoming: UInt8 = 0
    static let outgoing: UInt8 = 4

    static var header: [UInt8] {
        var bytes: [UInt8] = []
        append(magic, to: &bytes)
        // Version 2.4; no time zone, no accuracy.
        bytes += [2, 0, 4, 0] + [UInt8](repeating: 0, count: 8)
        append(snapshotLength, to: &bytes)
        append(linkType, to: &bytes)
        return bytes
    }

    /// Appends the record of an Ethernet frame; nothing for what is shorter than its header.
    static func append(
        _ frame: UnsafeRawBufferPointer, length: Int, time: Int64, interface: Int, isIncoming: Bool,
        to bytes: inout [UInt8]
    ) {
        guard frame.count >= ethernetBytes else { return }
        let second = time / 1_000_000_000
        let longer = linkHeaderBytes - ethernetBytes
        append(UInt32(truncatingIfNeeded: second), to: &bytes)
        append(UInt32(truncatingIfNeeded: time - second * 1_000_000_000), to: &bytes)
        append(UInt32(truncatingIfNeeded: frame.count + longer), to: &bytes)
        append(UInt32(truncatingIfNeeded: max(length, frame.count) + longer), to: &bytes)
        bytes.append(contentsOf: frame[12..<14])
        bytes += [0, 0]
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: interface).bigEndian) { bytes.append(contentsOf: $0) }
        bytes += [0, 1, isIncoming ? incoming : outgoing, 6]
        bytes.append(contentsOf: frame[6..<12])
        bytes += [0, 0]
        bytes.append(contentsOf: frame[ethernetBytes...])
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// A packet of a capture file.
struct FiledPacket {
    /// Nanoseconds since 1970.
    var time: Int64
    /// The interface, from 1.
    var interface: Int
    /// Whether the node behind the interface sent it.
    var isIncoming: Bool
    /// Bytes on the wire, with an Ethernet header.
    var length: Int
}

/// Reads a capture file piece by piece, as it comes out of its compression.
struct PcapParser {
    private var buffer: [UInt8] = []
    private var isBegun = false
    /// An Ethernet frame made of what the file has of one.
    private var frame: [UInt8] = []

    /// Whether the file ends in the middle of a packet so far.
    var isCutShort: Bool { !buffer.isEmpty || !isBegun }

    /// Takes the next bytes of the file and calls `body` with each packet, and an Ethernet frame.
    ///
    /// Throws ``CaptureError`` for what is no capture of ours.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ body: (FiledPacket, UnsafeRawBufferPointer) -> Void
    ) throws(CaptureError) {
        buffer.append(contentsOf: bytes)
        var place = 0
        if !isBegun {
            guard buffer.count >= PcapFormat.headerBytes else { return }
            guard number(0) == PcapFormat.magic, number(20) == PcapFormat.linkType else {
                throw CaptureError(
                    "it is no capture of a run (pcap with nanoseconds and the link type LINUX_SLL2, as `dyno run` writes it)"
                )
            }
            isBegun = true
            place = PcapFormat.headerBytes
        }
        while buffer.count - place >= PcapFormat.recordBytes {
            let captured = Int(number(place + 8))
            guard captured >= PcapFormat.linkHeaderBytes, captured <= 2 * Int(PcapFormat.snapshotLength) else {
                throw CaptureError("a packet in it has an impossible length (\(captured) bytes)")
            }
            let begin = place + PcapFormat.recordBytes
            guard buffer.count - begin >= captured else { break }
            give(place, captured, body)
            place = begin + captured
        }
        buffer.removeFirst(place)
    }

    private func number(_ place: Int) -> UInt32 {
        buffer.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt32.self)) }
    }

    private mutating func give(
        _ place: Int, _ captured: Int, _ body: (FiledPacket, UnsafeRawBufferPointer) -> Void
    ) {
        let link = place + PcapFormat.recordBytes
        let shorter = PcapFormat.linkHeaderBytes - PcapFormat.ethernetBytes
        let packet = FiledPacket(
            time: Int64(number(place)) * 1_000_000_000 + Int64(number(place + 4)),
            interface: Int(UInt32(bigEndian: number(link + 4).littleEndian)),
            isIncoming: buffer[link + 10] == PcapFormat.incoming, length: Int(number(place + 12)) - shorter)
        frame.removeAll(keepingCapacity: true)
        frame += [UInt8](repeating: 0, count: 6)
        frame += buffer[(link + 12)..<(link + 18)]
        frame += buffer[link..<(link + 2)]
        frame += buffer[(link + PcapFormat.linkHeaderBytes)..<(link + captured)]
        frame.withUnsafeBytes { body(packet, $0) }
    }
}
