import History
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A history from lines of text; the header is added.
func history(_ lines: String..., file: String = "h.jsonl") throws -> History {
    try JSONLines.parse(Array((["{\"dyno\":1}"] + lines).joined(separator: "\n").utf8), file: file)
}

/// A history as text, for comparison.
func text(_ history: History) -> String { String(decoding: JSONLines.text(of: history), as: UTF8.self) }

/// The error that `body` throws.
func failure(_ body: () throws(HistoryError) -> some Any) -> HistoryError? {
    do throws(HistoryError) {
        _ = try body()
        return nil
    } catch { return error }
}

/// A directory that lives as long as the value.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/history-tests-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for name in ["h.dyno", "h.jsonl", "h.jsonl.gz", "raw"] { unlink(path + "/" + name) }
        rmdir(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// The bytes of a file.
    func bytes(_ name: String) throws -> [UInt8] {
        let file = try #require(fopen(self.file(name), "r"))
        defer { fclose(file) }
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { result += piece[..<count] }
        return result
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = try #require(fopen(self.file(name), "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}

/// The bytes of a native file that holds a history, in blocks of at most `part` events.
func native(_ history: History, part: Int = .max) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let writer = try NativeWriter(path: directory.file("h.dyno"), header: history.header)
    var start = 0
    while start < history.events.count {
        let end = min(history.events.count, start.addingReportingOverflow(part).overflow ? .max : start + part)
        try writer.append(history.part(start..<end))
        start = end
    }
    try writer.close()
    let bytes = try directory.bytes("h.dyno")
    #expect(writer.bytesWritten == bytes.count)
    #expect(writer.eventsWritten == history.events.count)
    return bytes
}

extension History {
    /// Some of the events, with the strings of all: what a recorder hands over.
    func part(_ range: Range<Int>) -> History {
        var part = self
        part.events = ContiguousArray(events[range])
        part.extras = [:]
        for (index, text) in extras where range.contains(index) { part.extras[index - range.lowerBound] = text }
        return part
    }

    /// The first events.
    func prefix(_ count: Int) -> History { part(0..<count) }
}
