import CZlib
import Foundation
import PeerProtocol

/// A capture file of a run, read again: everything that the witness said of the live traffic can be said again of it.
public enum PcapFile {
    /// What a file says.
    public struct Reading {
        public var report: WireReport
        public var acknowledged: [AcknowledgedPut]
        /// Why not all of the run is in it; nil: it is whole.
        public var cutShort: String?
    }

    /// Whether a file is compressed, or begins as a capture does.
    public static func isCapture(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let begin = try? file.read(upToCount: 4) else {
            return false
        }
        if path.hasSuffix(".pcap.gz") { return true }
        return Array(begin) == [0x4d, 0x3c, 0xb2, 0xa1]
    }

    /// Reads a file twice: first for who is who, then for what they say.
    ///
    /// - Parameters:
    ///   - n: the store's N.
    ///   - w: copies that an acknowledgement needs where its request names no other number.
    /// - Throws: ``CaptureError``.
    public static func read(_ path: String, n: Int, w: Int) throws(CaptureError) -> Reading {
        let places = try places(in: path)
        guard let last = places.keys.max() else { throw CaptureError("\(path) has no packet of a node in it") }
        let nodes = (1...last).map { interface in
            WireSetting.Node(
                name: places[interface]?.name ?? "n\(interface)", address: places[interface]?.address ?? 0)
        }
        let analysis = WireAnalysis(WireSetting(nodes: nodes, n: n, w: w))
        var epoch: Int64?
        let cutShort = try forEachPacket(of: path) { packet, frame in
            let begin = epoch ?? packet.time
            epoch = begin
            analysis.take(
                port: packet.interface - 1, time: packet.time - begin, length: packet.length, frame: frame)
        }
        let acknowledged = analysis.takeDecided(atEnd: true)
        return Reading(report: analysis.report, acknowledged: acknowledged, cutShort: cutShort)
    }

    /// By interface: the address of the node behind it, and the name by which it greets the others.
    private static func places(in path: String) throws(CaptureError) -> [Int: (address: UInt32, name: String?)] {
        var places: [Int: (address: UInt32, name: String?)] = [:]
        _ = try forEachPacket(of: path) { packet, frame in
            guard packet.isIncoming, (1...4_096).contains(packet.interface),
                let segment = TCPSegment(ethernet: frame, length: packet.length)
            else { return }
            if places[packet.interface] == nil { places[packet.interface] = (segment.source, nil) }
            guard places[packet.interface]?.name == nil, segment.destinationPort == 8_099,
                let name = greeting(in: UnsafeRawBufferPointer(rebasing: frame[segment.payload]))
            else { return }
            places[packet.interface]?.name = name
        }
        return places
    }

    /// The sender's name, where a stream begins with its greeting.
    private static func greeting(in payload: UnsafeRawBufferPointer) -> String? {
        guard PeerSighting.isBegin(payload), let length = FrameScanner.length(payload), payload.count >= 4 + length,
            length < 4_096, case .hello(let greeting) = try? PeerPacket(frameBody: Array(payload[4..<(4 + length)]))
        else { return nil }
        return greeting.node
    }

    /// Calls `body` with each packet; says why the file ends early, if it does.
    private static func forEachPacket(
        of path: String, _ body: (FiledPacket, UnsafeRawBufferPointer) -> Void
    ) throws(CaptureError) -> String? {
        guard let file = gzopen(path, "rb") else { throw CaptureError("cannot read \(path)") }
        defer { gzclose(file) }
        gzbuffer(file, 1 << 17)
        var parser = PcapParser()
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = gzread(file, &chunk, UInt32(chunk.count))
            if count == 0 { break }
            // Cut short or damaged: what came out before it stands.
            if count < 0 { return "the compressed file is cut short or damaged" }
            var failure: CaptureError?
            chunk.withUnsafeBytes { bytes in
                do throws(CaptureError) {
                    try parser.take(UnsafeRawBufferPointer(rebasing: bytes[..<Int(count)]), body)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        var code: Int32 = 0
        _ = gzerror(file, &code)
        return parser.isCutShort || code == Z_BUF_ERROR ? "the file ends in the middle" : nil
    }
}
