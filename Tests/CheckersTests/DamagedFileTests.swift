import Checkers
import Foundation
import History
import Testing

/// A file that is cut or changed anywhere gives an error, or exactly the verdict on the events that are left and the
/// statement that others are lost: never a wrong one.
@Suite struct DamagedFileTests {
    private static let checkers = CheckerName.contract
    private static let blockSize = 45

    /// A history with everything that the native form has a code for; with a lost write at its end where that is asked for.
    private static func history(losing: Bool) -> History {
        var history = SyntheticHistory.withExtras(seed: 6)
        let read = history.events.lastIndex { $0.function == .get && $0.type == .ok && $0.list.count > 0 }
        if losing, let read { history.events[read].list = .empty }
        return history
    }

    /// The beginning of a history, as a reader finds it that knows of the loss.
    private static func beginning(_ history: History, _ count: Int) -> History {
        var part = history
        part.events.removeSubrange(count...)
        part.extras = part.extras.filter { $0.key < count }
        part.truncation = Truncation(reason: "cut", bytesLost: 0)
        return part
    }

    /// The file of a history, in several blocks, and the verdicts on what may be left of it, by the number of events.
    private static func expected(losing: Bool) throws -> (file: OpenFile, whole: Verdict, left: [Int: Verdict]) {
        let file = try OpenFile()
        let history = history(losing: losing)
        let writer = try NativeWriter(path: file.path, header: history.header)
        var left = [0: check(beginning(history, 0), checkers: checkers)]
        for start in stride(from: 0, to: history.events.count, by: blockSize) {
            let end = min(history.events.count, start + blockSize)
            var part = history
            part.events = ContiguousArray(history.events[start..<end])
            part.extras = Dictionary(
                uniqueKeysWithValues: (start..<end).compactMap { index in
                    history.extras[index].map { (index - start, $0) }
                })
            try writer.append(part)
            left[end] = check(beginning(history, end), checkers: checkers)
        }
        try writer.close()
        return (file, check(history, checkers: checkers), left)
    }

    /// The verdict on a file, read as `dyno check` does; nil when it is refused.
    private static func verdict(_ file: OpenFile, threads: Int) -> Verdict? {
        var settings = PartitionSettings()
        (settings.parts, settings.threads) = (2, threads)
        do {
            let partition = try HistoryPartition.read(path: file.path, settings: settings)
            return try PartitionedCheck(partition, checkers: checkers, maxAnomalies: 1000, threads: threads).verdict()
        } catch { return nil }
    }

    /// Whether a verdict is what the events that are left deserve.
    private static func isTrue(_ verdict: Verdict, _ left: [Int: Verdict]) -> Bool {
        guard let expected = left[verdict.events] else { return false }
        return verdict.validity == expected.validity && verdict.validity != .valid
            && verdict.reason?.contains("not complete") == true
            && checkers.allSatisfy { verdict[$0] == expected[$0] }
    }

    @Test(arguments: [false, true]) func anyBitFlipped(losing: Bool) throws {
        let (file, whole, left) = try Self.expected(losing: losing)
        #expect(try #require(Self.verdict(file, threads: 1)).json == whole.json)
        #expect(whole[.siblings]?.validity == (losing ? .invalid : .valid))
        // Of a sound history every beginning is sound.
        if !losing { #expect(left.values.allSatisfy { $0.validity == .unknown }) }
        // And what is wrong stays wrong, whatever else is lost.
        if losing { #expect(left[whole.events]?.validity == .invalid) }
        var (refused, stated) = (0, 0)
        for bit in 0..<file.size * 8 {
            let byte = file[bit / 8]
            file[bit / 8] = byte ^ 1 << UInt8(bit % 8)
            if let verdict = Self.verdict(file, threads: bit % 61 == 0 ? 2 : 1) {
                #expect(Self.isTrue(verdict, left), "bit \(bit): \(verdict.json)")
                stated += 1
            } else {
                refused += 1
            }
            file[bit / 8] = byte
        }
        #expect(refused > 1000 && stated > 100)
    }

    @Test(arguments: [false, true]) func cutAnywhere(losing: Bool) throws {
        let (file, _, left) = try Self.expected(losing: losing)
        var lengths: Set<Int> = []
        for length in (0..<file.size).reversed() {
            file.cut(to: length)
            guard let verdict = Self.verdict(file, threads: length % 61 == 0 ? 2 : 1) else { continue }
            #expect(Self.isTrue(verdict, left), "\(length) bytes: \(verdict.json)")
            lengths.insert(verdict.events)
        }
        #expect(lengths == Set(left.keys))
        #expect(left.count >= 4)
    }
}

/// A file that is changed in place.
private final class OpenFile {
    let path: String
    private let descriptor: Int32

    init() throws {
        let directory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        var template = Array("\(directory)/damaged-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        #expect(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// By its path: whoever wrote it may have put another file there.
    private func opened<Result>(_ body: (Int32) -> Result) -> Result {
        let file = open(path, O_RDWR)
        defer { close(file) }
        return body(file)
    }

    var size: Int { opened { Int(lseek($0, 0, SEEK_END)) } }

    func cut(to size: Int) { opened { _ = ftruncate($0, off_t(size)) } }

    subscript(offset: Int) -> UInt8 {
        get {
            opened {
                var byte: UInt8 = 0
                _ = pread($0, &byte, 1, off_t(offset))
                return byte
            }
        }
        set {
            opened {
                var byte = newValue
                _ = pwrite($0, &byte, 1, off_t(offset))
            }
        }
    }
}
