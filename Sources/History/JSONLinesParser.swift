#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads the interchange form of SEMANTICS section 1 piece by piece, so that a file need not be in memory as a whole.
///
/// Checks the text and the type of every member that has a meaning, not what the events say together: that is
/// ``History/validate(file:)``.
public struct JSONLinesParser {
    /// A longer line is an error: it would have to be held in memory.
    public static let lineLimit = 64 << 20

    private let file: String
    private var history = History()
    private var reader = JSONEventReader()
    private var hasHeader = false
    private var line = 0
    /// Bytes read so far.
    private var length = 0
    /// The first empty line, if there was one: only the end of a file may have some.
    private var emptyLine: Int?
    /// A line that began in an earlier piece.
    private var carry: [UInt8] = []

    /// - Parameter file: the name that errors carry.
    public init(file: String) { self.file = file }

    /// Reads the next piece of the text; pieces may end anywhere.
    public mutating func consume(_ piece: UnsafeRawBufferPointer) throws(HistoryError) {
        var rest = piece
        length += piece.count
        while let base = rest.baseAddress, let newline = memchr(base, Int32(UInt8(ascii: "\n")), rest.count) {
            let part = UnsafeRawBufferPointer(start: base, count: UnsafeRawPointer(newline) - base)
            if carry.isEmpty { try read(part) } else { try readCarry(with: part) }
            rest = UnsafeRawBufferPointer(rebasing: rest[(part.count + 1)...])
        }
        try checkLength(carry.count + rest.count)
        carry.append(contentsOf: rest)
    }

    /// Ends the text. Throws when it had no header.
    public mutating func finish() throws(HistoryError) -> History {
        if !carry.isEmpty { try readCarry(with: UnsafeRawBufferPointer(start: nil, count: 0)) }
        if !hasHeader {
            throw HistoryError(file: file, line: 1, reason: "no header: the file is empty")
        }
        return history
    }

    /// Lets `use` look at the events read so far, and take them away. It is told how many bytes of text there were in all.
    mutating func handOver(
        _ use: (inout History, _ length: Int) throws(HistoryError) -> Void
    ) throws(HistoryError) {
        try use(&history, length)
    }

    private func checkLength(_ length: Int) throws(HistoryError) {
        if length > JSONLinesParser.lineLimit {
            throw HistoryError(
                file: file, line: line + 1, reason: "the line is longer than \(JSONLinesParser.lineLimit) bytes")
        }
    }

    private mutating func readCarry(with part: UnsafeRawBufferPointer) throws(HistoryError) {
        var whole = carry
        carry = []
        whole.append(contentsOf: part)
        var failure: HistoryError?
        whole.withUnsafeBytes { bytes in
            do throws(HistoryError) { try read(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        whole.removeAll(keepingCapacity: true)
        carry = whole
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(HistoryError) {
        line += 1
        try checkLength(bytes.count)
        do throws(JSONFault) { try readLine(bytes) } catch {
            throw HistoryError(file: file, line: emptyLine ?? line, reason: error.reason)
        }
    }

    private mutating func readLine(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
        let hasMark = line == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
        var cursor = JSONCursor(bytes, (hasMark ? 3 : 0)..<bytes.count)
        cursor.skipSpace()
        if cursor.isAtEnd {
            emptyLine = emptyLine ?? line
            return
        }
        if emptyLine != nil { throw JSONFault(reason: "an empty line among the events") }
        if !hasHeader {
            history.header = try JSONHeaderReader.read(&cursor)
            if history.header.version != 1 {
                throw JSONFault(reason: "version \(history.header.version) of the form is not known, only 1 is")
            }
            hasHeader = true
        } else {
            try checkRoom()
            try reader.read(&cursor, into: &history)
        }
        cursor.skipSpace()
        if !cursor.isAtEnd { throw cursor.unexpected("expected the end of the line") }
    }

    /// Positions in a history are 32 bits wide; a line adds far fewer than what is kept free here.
    private func checkRoom() throws(JSONFault) {
        let limit = Int(UInt32.max) - 2 * JSONLinesParser.lineLimit
        if history.events.count >= Int(Int32.max) || history.versions.count > limit || history.ids.count > limit
            || history.clocks.count > limit || history.strings.count > limit
        {
            throw JSONFault(reason: "the history is too large to be held in memory")
        }
    }
}

/// The interchange form of SEMANTICS section 1: UTF-8, one JSON object a line.
public enum JSONLines {
    /// Reads a whole text.
    ///
    /// - Parameter file: the name that errors carry.
    public static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        var parser = JSONLinesParser(file: file)
        try parser.consume(bytes)
        return try parser.finish()
    }

    /// Reads a whole text.
    public static func parse(_ bytes: [UInt8], file: String) throws(HistoryError) -> History {
        var result: Result<History, HistoryError> = .failure(HistoryError(file: file, reason: "no bytes"))
        bytes.withUnsafeBytes { buffer in
            do throws(HistoryError) { result = .success(try parse(buffer, file: file)) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
