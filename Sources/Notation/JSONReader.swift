/// Reads JSON, value by value.
///
/// Never traps, whatever the bytes: an error names the line.
public struct JSONReader {
    private var cursor: TextCursor

    /// - Parameters:
    ///   - bytes: must outlive the reader.
    ///   - line: the number of the first line.
    public init(_ bytes: UnsafeRawBufferPointer, line: Int = 1) { cursor = TextCursor(bytes, line: line) }

    public var line: Int { cursor.line }

    /// The next value; nil at the end of the text.
    public mutating func next() throws(NotationFault) -> Datum? {
        skipSpace()
        return cursor.current == nil ? nil : try value(depth: 0)
    }

    /// The only value of a text; nil when it is none.
    public static func value(of text: String) -> Datum? {
        var text = text
        return text.withUTF8 { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            guard let value = try? reader.next(), (try? reader.next()) == .some(.none) else { return nil }
            return value
        }
    }

    /// When the next value is an array, goes into it; see ``EDNReader/enterList()``.
    public mutating func enterList() -> Bool {
        skipSpace()
        return cursor.take(UInt8(ascii: "["))
    }

    /// The next element of the array that was entered; nil behind its last, which must be the end of the text, too.
    public mutating func nextElement(isFirst: Bool) throws(NotationFault) -> Datum? {
        skipSpace()
        if cursor.take(UInt8(ascii: "]")) {
            skipSpace()
            if cursor.current != nil { throw cursor.unexpected("the end of the text") }
            return nil
        }
        if !isFirst, !cursor.take(UInt8(ascii: ",")) { throw cursor.unexpected("',' or ']'") }
        skipSpace()
        return try value(depth: 1)
    }

    private mutating func skipSpace() {
        while let byte = cursor.current, byte == 0x20 || byte == 10 || byte == 13 || byte == 9 { cursor.step() }
    }

    private mutating func value(depth: Int) throws(NotationFault) -> Datum {
        if depth >= TextCursor.deepest { throw cursor.fault("values within values deeper than \(TextCursor.deepest)") }
        guard let byte = cursor.current else { throw cursor.unexpected("a value") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try cursor.quotedString())
        case UInt8(ascii: "["): return .list(try elements(depth + 1))
        case UInt8(ascii: "{"): return .map(try members(depth + 1))
        default: return try atom()
        }
    }

    private mutating func elements(_ depth: Int) throws(NotationFault) -> [Datum] {
        cursor.step()
        var result: [Datum] = []
        skipSpace()
        if cursor.take(UInt8(ascii: "]")) { return result }
        while true {
            skipSpace()
            result.append(try value(depth: depth))
            skipSpace()
            if cursor.take(UInt8(ascii: "]")) { return result }
            if !cursor.take(UInt8(ascii: ",")) { throw cursor.unexpected("',' or ']'") }
        }
    }

    private mutating func members(_ depth: Int) throws(NotationFault) -> [Datum.Entry] {
        cursor.step()
        var result: [Datum.Entry] = []
        skipSpace()
        if cursor.take(UInt8(ascii: "}")) { return result }
        while true {
            skipSpace()
            guard cursor.current == UInt8(ascii: "\"") else { throw cursor.unexpected("the name of a member") }
            let name = Datum.string(try cursor.quotedString())
            skipSpace()
            if !cursor.take(UInt8(ascii: ":")) { throw cursor.unexpected("':'") }
            skipSpace()
            result.append(Datum.Entry(name, try value(depth: depth)))
            skipSpace()
            if cursor.take(UInt8(ascii: "}")) { return result }
            if !cursor.take(UInt8(ascii: ",")) { throw cursor.unexpected("',' or '}'") }
        }
    }

    private mutating func atom() throws(NotationFault) -> Datum {
        if let value = cursor.smallInteger(endsToken: { !JSONReader.isAtomByte($0) }) { return .integer(value) }
        let start = cursor.position
        cursor.skip { JSONReader.isAtomByte($0) }
        let text = try cursor.text(from: start)
        switch text {
        case "": throw cursor.unexpected("a value")
        case "null": return .null
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: return try cursor.number(text)
        }
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        (byte >= 48 && byte <= 57) || (byte | 0x20 >= 97 && byte | 0x20 <= 122) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }
}
