import CZlib
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Writes a compressed capture file, at most so many bytes long.
///
/// It is written for people: what it leaves out or cannot write is said, and takes nothing from what the witness proves.
package final class PcapWriter {
    let path: String
    private let limit: Int
    private let epoch: Int64
    private let descriptor: Int32
    private var stream: GzipStream?
    private var pending: [UInt8] = []
    /// Bytes of the file so far.
    package private(set) var bytes = 0
    /// Packets that are not in it: beyond its limit, or for want of time.
    package private(set) var leftOut = 0
    /// Why writing ended early.
    private(set) var failure: String?

    /// - Parameters:
    ///   - limit: bytes of the compressed file.
    ///   - epoch: what to add to a packet's time to get nanoseconds since 1970.
    package init(path: String, limit: Int, epoch: Int64) throws(CaptureError) {
        self.path = path
        self.limit = limit
        self.epoch = epoch
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CaptureError("cannot write \(path): \(String(cString: strerror(errno)))") }
        guard let stream = GzipStream() else { throw CaptureError("no memory to compress \(path)") }
        self.stream = stream
        pending = PcapFormat.header
    }

    deinit { Glibc.close(descriptor) }

    func leaveOut(_ packets: Int) { leftOut += packets }

    package func write(_ record: PacketRecord, _ frame: UnsafeRawBufferPointer) {
        // Room for what is still inside the compression, and for its end.
        guard failure == nil, bytes + pending.count + (1 << 16) < limit else {
            leftOut += 1
            return
        }
        PcapFormat.append(
            frame, length: record.length, time: record.time + epoch, interface: record.port + 1,
            isIncoming: record.isSent, to: &pending)
        if pending.count >= 1 << 18 { compress(isLast: false) }
    }

    package func close() {
        compress(isLast: true)
        stream = nil
    }

    private func compress(isLast: Bool) {
        guard let stream, failure == nil else { return }
        let compressed = pending.withUnsafeBytes { stream.deflate($0, isLast: isLast) }
        pending.removeAll(keepingCapacity: true)
        var rest = compressed[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                failure = "cannot write \(path): \(String(cString: strerror(errno)))"
                return
            }
            bytes += count
            rest = rest.dropFirst(count)
        }
    }
}

/// Deflates to gzip at the fastest level.
final class GzipStream {
    private var stream = z_stream()
    private var output = [UInt8](repeating: 0, count: 1 << 18)

    /// Nil when there is no memory for it.
    init?() {
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
            return nil
        }
    }

    deinit { deflateEnd(&stream) }

    /// What comes out for `bytes`; at the end everything.
    func deflate(_ bytes: UnsafeRawBufferPointer, isLast: Bool) -> [UInt8] {
        var result: [UInt8] = []
        stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(bytes.count)
        repeat {
            let count = output.withUnsafeMutableBufferPointer { buffer in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                _ = CZlib.deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                return buffer.count - Int(stream.avail_out)
            }
            result += output[..<count]
        } while stream.avail_out == 0
        return result
    }
}
