import Foundation
import Testing
import Wire

/// A capture file says again what the live traffic said, also one that ends in the middle.
@Suite struct PcapTests {
    private static let hub: (address: UInt32, port: UInt16) = (0x0a4d_00fe, 50_000)

    /// A file with a put that is acknowledged below W, followed by `more` packets; gives back its path.
    private func file(more: Int) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-\(UUID().uuidString).pcap.gz")
            .path
        let file = try CaptureFileForTests(path: path)
        let node: (address: UInt32, port: UInt16) = (0x0a4d_0001, 8_087)
        let request = Scene.put("3-1")?.bytes ?? []
        let answer = Scene.acknowledgement(Scene.dot(1, 1))?.bytes ?? []
        file.add(1, Segments.frame(from: Self.hub, to: node, sequence: 9, flags: Segments.synchronize), sent: false)
        file.add(
            1, Segments.frame(from: node, to: Self.hub, sequence: 9, acknowledgement: 10, flags: Segments.synchronize),
            sent: true)
        file.add(1, Segments.frame(from: Self.hub, to: node, sequence: 10, payload: request), sent: false)
        file.add(1, Segments.frame(from: node, to: Self.hub, sequence: 10, payload: answer), sent: true)
        for number in 0..<more {
            let noise = Segments.frame(
                from: node, to: Self.hub, sequence: UInt32(1_000_000 + number), payload: [1, 2, 3])
            file.add(1, noise, sent: true)
        }
        file.close()
        return path
    }

    @Test func whatWasWrittenIsReadAgain() throws {
        let path = try file(more: 5)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reading = try PcapFile.read(path, n: 3, w: 2)
        #expect(reading.cutShort == nil)
        #expect(reading.report.packets == 9)
        #expect(reading.acknowledged == [AcknowledgedPut(id: "3-1", w: 2, acknowledgements: 0, coordinator: "n1")])
        #expect(try PcapFile.read(path, n: 3, w: 1).report.belowW == 0)
    }

    @Test func aFileThatEndsInTheMiddleSaysWhatCameBefore() throws {
        let path = try file(more: 60_000)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(whole.count * 3 / 4).write(to: URL(fileURLWithPath: path))
        let reading = try PcapFile.read(path, n: 3, w: 2)
        #expect(reading.cutShort != nil)
        #expect(reading.report.belowW == 1)
        #expect(reading.report.packets > 10 && reading.report.packets < 60_004)
    }

    @Test func otherFilesAreRefused() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-\(UUID().uuidString).pcap").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for content in [Data(), Data("not a capture at all, but long enough".utf8)] {
            try content.write(to: URL(fileURLWithPath: path))
            #expect(throws: CaptureError.self) { try PcapFile.read(path, n: 3, w: 2) }
        }
        #expect(throws: CaptureError.self) { try PcapFile.read("/none", n: 3, w: 2) }
    }

    @Test func theFileIsNoLongerThanAllowed() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-\(UUID().uuidString).pcap.gz")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try CaptureFileForTests(path: path, limit: 200_000)
        var random = Random(state: 3)
        for number in 0..<2_000 {
            let payload = (0..<1_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            file.add(
                1, Segments.frame(from: (0x0a4d_0001, 1), to: Self.hub, sequence: UInt32(number), payload: payload),
                sent: true)
        }
        file.close()
        #expect(file.bytes <= 200_000 && file.bytes > 50_000)
        #expect(file.leftOut > 1_000)
        #expect(try PcapFile.read(path, n: 3, w: 2).cutShort == nil, "it ends as a file should")
    }
}

/// The writer as the capture uses it.
final class CaptureFileForTests {
    private let writer: PcapWriter
    private var time: Int64 = 0

    init(path: String, limit: Int = 10_000_000) throws {
        writer = try PcapWriter(path: path, limit: limit, epoch: 1_700_000_000_000_000_000)
    }

    var bytes: Int { writer.bytes }
    var leftOut: Int { writer.leftOut }

    func add(_ interface: Int, _ frame: [UInt8], sent: Bool) {
        time += 1_000_000
        let record = PacketRecord(port: interface - 1, time: time, length: frame.count, isSent: sent)
        frame.withUnsafeBytes { writer.write(record, $0) }
    }

    func close() { writer.close() }
}
