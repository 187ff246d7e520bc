import Foundation
import Synchronization

/// Where captured packets go to be looked at closely, each place with a thread of its own: the analysis of what they say, and a
/// file that Wireshark opens.
final class CaptureSinks: Sendable {
    /// Bytes of packets that may wait for the analysis, and for the file.
    private static let mostBytes = 64 << 20
    /// A chunk is handed over when it has so many bytes.
    static let chunkBytes = 1 << 20

    private let analysis: Mutex<WireAnalysis>
    private let toAnalysis = CaptureQueue(mostBytes: mostBytes)
    private let toFile: CaptureQueue?
    private let file: Mutex<PcapWriter?>
    private let analysed = DispatchSemaphore(value: 0)
    private let written = DispatchSemaphore(value: 0)

    /// - Parameter epoch: the run's beginning, in nanoseconds since 1970.
    init(_ setting: WireSetting, file path: String?, limit: Int, epoch: Int64) throws(CaptureError) {
        analysis = Mutex(WireAnalysis(setting))
        if let path, limit > 0 {
            file = Mutex(try PcapWriter(path: path, limit: limit, epoch: epoch))
            toFile = CaptureQueue(mostBytes: Self.mostBytes)
        } else {
            file = Mutex(nil)
            toFile = nil
        }
        Thread.detachNewThread { [self] in analyse() }
        if toFile != nil { Thread.detachNewThread { [self] in write() } }
    }

    /// Hands a chunk over; what there is no room for is counted as missed.
    func take(_ chunk: [UInt8]) {
        if !toAnalysis.push(chunk) {
            var missed: [Int: (count: Int, from: Int64, to: Int64)] = [:]
            PacketRecord.forEach(in: chunk) { record, _ in
                let known = missed[record.port] ?? (0, record.time, record.time)
                missed[record.port] = (known.count + 1, min(known.from, record.time), max(known.to, record.time))
            }
            for (port, lost) in missed { self.missed(port: port, packets: lost.count, from: lost.from, to: lost.to) }
        }
        if let toFile, !toFile.push(chunk) {
            let packets = Self.packets(in: chunk)
            file.withLock { $0?.leaveOut(packets) }
        }
    }

    /// The kernel dropped packets of a port between two instants.
    func missed(port: Int, packets: Int, from: Int64, to: Int64) {
        analysis.withLock { $0.missed(port: port, packets: packets, from: from, to: to) }
    }

    /// Ends once everything handed over is looked at; waits at most so many seconds. Whether the analysis has seen it all.
    func finish(limit: Int) -> Bool {
        toAnalysis.close()
        toFile?.close()
        let deadline = DispatchTime.now() + .seconds(limit)
        let isWhole = analysed.wait(timeout: deadline) == .success
        if toFile != nil { _ = written.wait(timeout: deadline) }
        return isWhole
    }

    var report: WireReport { analysis.withLock { $0.report } }

    func takeDecided(atEnd: Bool) -> [AcknowledgedPut] { analysis.withLock { $0.takeDecided(atEnd: atEnd) } }

    /// What became of the file: bytes, and packets that are not in it.
    var fileState: (bytes: Int, leftOut: Int, failure: String?)? {
        file.withLock { $0.map { ($0.bytes, $0.leftOut, $0.failure) } }
    }

    private static func packets(in chunk: [UInt8]) -> Int {
        var count = 0
        PacketRecord.forEach(in: chunk) { _, _ in count += 1 }
        return count
    }

    private func analyse() {
        while let chunks = toAnalysis.pop() {
            for chunk in chunks {
                analysis.withLock { analysis in
                    PacketRecord.forEach(in: chunk) { record, frame in
                        analysis.take(port: record.port, time: record.time, length: record.length, frame: frame)
                    }
                }
            }
        }
        analysed.signal()
    }

    private func write() {
        while let chunks = toFile?.pop() {
            for chunk in chunks {
                file.withLock { writer in
                    PacketRecord.forEach(in: chunk) { record, frame in writer?.write(record, frame) }
                }
            }
        }
        file.withLock { $0?.close() }
        written.signal()
    }
}
