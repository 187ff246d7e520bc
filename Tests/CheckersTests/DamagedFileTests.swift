import Checkers
import Foundation
import History
import Testing

/// A file that is cut or changed anywhere gives an error or a verdict that states the loss, never a wrong one.
@Suite struct DamagedFileTests {
    /// A short valid history, in blocks of eight events; with a lost write at its end where that is asked for.
    private static func file(losing: Bool, at path: String) throws -> [UInt8] {
        var history = History()
        history.header.name = "damage"
        var time: Int64 = 0
        func add(_ process: Int64, _ type: EventType, _ function: Function, _ fill: (inout EventDraft) -> Void) {
            time += 1000
            var draft = EventDraft(time, .client(process), type, function)
            draft.key = "k\(process % 2)"
            fill(&draft)
            history.append(draft)
        }
        for write in 0..<6 {
            let id = "\(write % 2)-\(write / 2)"
            let seen = write < 2 ? [] : ["\(write % 2)-\(write / 2 - 1)"]
            add(Int64(write % 2), .invoke, .put) {
                $0.value = id
                $0.list = .ids(seen)
            }
            add(Int64(write % 2), .ok, .put) {
                $0.value = id
                $0.list = .versions([VersionDraft(id: nil, dot: DotDraft(actor: "n1", counter: UInt64(write + 1)))])
            }
        }
        var phase = EventDraft(time + 1000, .controller, .info, .phase)
        phase.value = "final"
        history.append(phase)
        time += 1000
        for key in 0..<2 as Range<Int64> {
            add(key + 2, .invoke, .get) { _ in }
            add(key + 2, .ok, .get) {
                $0.list = .versions(losing && key == 1 ? [] : [VersionDraft(id: "\(key)-2")])
            }
        }
        let writer = try NativeWriter(path: path, header: history.header)
        for start in stride(from: 0, to: history.events.count, by: 8) {
            var part = history
            part.events = ContiguousArray(history.events[start..<min(history.events.count, start + 8)])
            try writer.append(part)
        }
        try writer.close()
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The verdict on bytes, read as a file is; nil when they are refused.
    private static func verdict(_ bytes: [UInt8], _ path: String) throws -> Verdict? {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var settings = PartitionSettings()
        settings.parts = 2
        do throws(HistoryError) {
            let partition = try HistoryPartition.read(path: path, settings: settings)
            return try PartitionedCheck(
                partition, checkers: [.siblings, .session], maxAnomalies: 9, threads: 1
            ).verdict()
        } catch { return nil }
    }

    private static func withPath(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "damaged-\(UUID().uuidString).dyno"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test(arguments: [false, true]) func anyBitFlipped(losing: Bool) throws {
        try Self.withPath { path in
            var bytes = try Self.file(losing: losing, at: path)
            let whole = try #require(try Self.verdict(bytes, path))
            #expect(whole[.siblings]?.validity == (losing ? .invalid : .valid) && whole.reason == nil)
            var (refused, stated) = (0, 0)
            for bit in 0..<bytes.count * 8 {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                if let verdict = try Self.verdict(bytes, path) {
                    // Where only the index is lost, what is wrong with the events is found all the same.
                    let isFound = losing && verdict[.siblings] == whole[.siblings]
                    let isStated = verdict.validity == .unknown && verdict.reason?.contains("not complete") == true
                    #expect(isFound || isStated, "bit \(bit)")
                    stated += 1
                } else {
                    refused += 1
                }
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
            #expect(refused > 100 && stated > 100)
        }
    }

    @Test(arguments: [false, true]) func cutAnywhere(losing: Bool) throws {
        try Self.withPath { path in
            let bytes = try Self.file(losing: losing, at: path)
            var lengths: Set<Int> = []
            for length in 0..<bytes.count {
                guard let verdict = try Self.verdict(Array(bytes[..<length]), path) else { continue }
                // All blocks may be there, and only the index gone: then the loss is found, and stated beside it.
                #expect(verdict.validity != .valid, "\(length) bytes")
                if verdict.validity == .unknown { #expect(verdict.reason?.contains("not complete") == true) }
                lengths.insert(verdict.events)
            }
            #expect(lengths == [0, 8, 16, 17])
        }
    }
}
