import Dispatch
import Synchronization

/// A captured packet as it travels from the thread that captures to those that look closer: a fixed header, then the frame.
package struct PacketRecord {
    static let headerBytes = 20

    package var port: Int
    /// Nanoseconds since the run began.
    package var time: Int64
    /// Bytes of the frame on the wire.
    package var length: Int
    /// Whether the node behind the port sent it.
    package var isSent: Bool

    package init(port: Int, time: Int64, length: Int, isSent: Bool) {
        self.port = port
        self.time = time
        self.length = length
        self.isSent = isSent
    }

    static func append(_ record: PacketRecord, _ frame: UnsafeRawBufferPointer, to chunk: inout [UInt8]) {
        withUnsafeBytes(of: record.time.littleEndian) { chunk.append(contentsOf: $0) }
        append(record.port << 1 | (record.isSent ? 1 : 0), to: &chunk)
        append(record.length, to: &chunk)
        append(frame.count, to: &chunk)
        chunk.append(contentsOf: frame)
    }

    private static func append(_ number: Int, to chunk: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).littleEndian) { chunk.append(contentsOf: $0) }
    }

    /// Calls `body` with each record of a chunk.
    static func forEach(in chunk: [UInt8], _ body: (PacketRecord, UnsafeRawBufferPointer) -> Void) {
        chunk.withUnsafeBytes { bytes in
            var place = 0
            while place + headerBytes <= bytes.count {
                func number(_ offset: Int) -> Int {
                    Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place + offset, as: UInt32.self)))
                }
                let time = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Int64.self))
                let begin = place + headerBytes
                let end = min(bytes.count, begin + number(16))
                body(
                    PacketRecord(
                        port: number(8) >> 1, time: time, length: number(12), isSent: number(8) & 1 == 1),
                    UnsafeRawBufferPointer(rebasing: bytes[begin..<end]))
                place = end
            }
        }
    }
}

/// Chunks of captured packets on their way from one thread to another, bounded: a consumer that cannot keep up costs packets, which
/// are counted, and never the memory of the machine.
final class CaptureQueue: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        var bytes = 0
        var isClosed = false
    }

    private let mostBytes: Int
    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)

    init(mostBytes: Int) { self.mostBytes = mostBytes }

    /// Adds a chunk; false when there is no room for it.
    func push(_ chunk: [UInt8]) -> Bool {
        let hasRoom = state.withLock { state in
            guard state.bytes + chunk.count <= mostBytes else { return false }
            state.chunks.append(chunk)
            state.bytes += chunk.count
            return true
        }
        if hasRoom { filled.signal() }
        return hasRoom
    }

    /// Nothing comes any more.
    func close() {
        state.withLock { $0.isClosed = true }
        filled.signal()
    }

    /// All chunks that wait, at least one; nil at the end.
    func pop() -> [[UInt8]]? {
        while true {
            let (chunks, isClosed) = state.withLock { state in
                let chunks = state.chunks
                state.chunks = []
                state.bytes = 0
                return (chunks, state.isClosed)
            }
            if !chunks.isEmpty { return chunks }
            if isClosed { return nil }
            filled.wait()
        }
    }
}
