/// Reads EDN, the notation of Clojure's data, value by value.
///
/// Never traps, whatever the bytes: an error names the line. What histories do not have is read and thrown away or kept
/// as it stands: metadata, ratios (as symbols), characters (as strings).
public struct EDNReader {
    private var cursor: TextCursor

    /// - Parameter bytes: must outlive the reader.
    public init(_ bytes: UnsafeRawBufferPointer) { cursor = TextCursor(bytes) }

    /// The line of the next byte, from 1.
    public var line: Int { cursor.line }

    /// The next value; nil at the end of the text.
    public mutating func next() throws(NotationFault) -> Datum? {
        try skipSpace(depth: 0)
        return cursor.current == nil ? nil : try value(depth: 0)
    }

    /// When the next value is a list, goes into it, so that its elements come from ``next()`` one by one.
    ///
    /// - Returns: whether it was one.
    public mutating func enterList() throws(NotationFault) -> Bool {
        try skipSpace(depth: 0)
        if cursor.take(UInt8(ascii: "[")) {
            closing = UInt8(ascii: "]")
        } else if cursor.take(UInt8(ascii: "(")) {
            closing = UInt8(ascii: ")")
        } else {
            return false
        }
        return true
    }

    /// What closes the list that was entered.
    private var closing: UInt8?

    /// The next element of the list that was entered; nil behind its last, which must be the end of the text, too.
    public mutating func nextElement() throws(NotationFault) -> Datum? {
        guard let closing else { return try next() }
        try skipSpace(depth: 0)
        if !cursor.take(closing) {
            if cursor.current == nil { throw cursor.unexpected("the end of the history") }
            return try value(depth: 1)
        }
        self.closing = nil
        try skipSpace(depth: 0)
        if cursor.current != nil { throw cursor.unexpected("the end of the text") }
        return nil
    }

    private mutating func skipSpace(depth: Int) throws(NotationFault) {
        while let byte = cursor.current {
            if byte <= 0x20 || byte == UInt8(ascii: ",") {
                cursor.step()
            } else if byte == UInt8(ascii: ";") {
                while let byte = cursor.current, byte != UInt8(ascii: "\n") { cursor.step() }
            } else if byte == UInt8(ascii: "#"), cursor.ahead(1) == UInt8(ascii: "_") {
                cursor.step()
                cursor.step()
                try skipSpace(depth: try deeper(depth))
                _ = try value(depth: depth)
            } else {
                return
            }
        }
    }

    private func deeper(_ depth: Int) throws(NotationFault) -> Int {
        if depth >= TextCursor.deepest { throw cursor.fault("values within values deeper than \(TextCursor.deepest)") }
        return depth + 1
    }

    private mutating func value(depth: Int) throws(NotationFault) -> Datum {
        let depth = try deeper(depth)
        guard let byte = cursor.current else { throw cursor.unexpected("a value") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try cursor.quotedString())
        case UInt8(ascii: "["): return .list(try elements(until: UInt8(ascii: "]"), depth))
        case UInt8(ascii: "("): return .list(try elements(until: UInt8(ascii: ")"), depth))
        case UInt8(ascii: "{"): return .map(try entries(depth))
        case UInt8(ascii: "#"): return try dispatch(depth)
        case UInt8(ascii: "\\"): return try character()
        case UInt8(ascii: "^"):
            cursor.step()
            _ = try spacedValue(depth)
            return try spacedValue(depth)
        case UInt8(ascii: ":"):
            cursor.step()
            let name = try token()
            if name.isEmpty { throw cursor.unexpected("the name of a keyword") }
            return .keyword(name)
        default: return try atom()
        }
    }

    private mutating func spacedValue(_ depth: Int) throws(NotationFault) -> Datum {
        try skipSpace(depth: depth)
        return try value(depth: depth)
    }

    /// `#{…}`, or `#tag value`.
    private mutating func dispatch(_ depth: Int) throws(NotationFault) -> Datum {
        cursor.step()
        if cursor.current == UInt8(ascii: "{") { return .set(try elements(until: UInt8(ascii: "}"), depth)) }
        let tag = try token()
        if tag.isEmpty { throw cursor.unexpected("a tag or a set") }
        // `##Inf`, `##NaN`
        if tag.hasPrefix("#") { return .symbol("#" + tag) }
        return .tagged(tag, try spacedValue(depth))
    }

    private mutating func elements(until end: UInt8, _ depth: Int) throws(NotationFault) -> [Datum] {
        let begin = cursor.line
        cursor.step()
        var result: [Datum] = []
        while true {
            try skipSpace(depth: depth)
            if cursor.take(end) { return result }
            if cursor.current == nil { throw NotationFault(line: begin, reason: "a list without an end") }
            result.append(try value(depth: depth))
        }
    }

    private mutating func entries(_ depth: Int) throws(NotationFault) -> [Datum.Entry] {
        let begin = cursor.line
        cursor.step()
        var result: [Datum.Entry] = []
        while true {
            try skipSpace(depth: depth)
            if cursor.take(UInt8(ascii: "}")) { return result }
            if cursor.current == nil { throw NotationFault(line: begin, reason: "a map without an end") }
            let key = try value(depth: depth)
            try skipSpace(depth: depth)
            if cursor.current == UInt8(ascii: "}") { throw cursor.fault("a key of a map without a value") }
            result.append(Datum.Entry(key, try value(depth: depth)))
        }
    }

    /// `\a`, `\newline`, `\u0041`: kept as a string.
    private mutating func character() throws(NotationFault) -> Datum {
        cursor.step()
        let start = cursor.position
        if cursor.current == nil { throw cursor.unexpected("a character") }
        cursor.step()
        while let byte = cursor.current, EDNReader.isTokenByte(byte) { cursor.step() }
        return .string(try cursor.text(from: start))
    }

    private mutating func atom() throws(NotationFault) -> Datum {
        if let value = cursor.smallInteger(endsToken: { !EDNReader.isTokenByte($0) }) { return .integer(value) }
        let text = try token()
        guard let first = text.utf8.first else { throw cursor.unexpected("a value") }
        switch text {
        case "nil": return .null
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        let second = text.utf8.dropFirst().first ?? 0
        let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        guard EDNReader.isDigit(first) || isSigned && EDNReader.isDigit(second) else { return .symbol(text) }
        if text.utf8.contains(UInt8(ascii: "/")) { return .symbol(text) }
        // Clojure's big integers and decimals.
        let isBig = text.hasSuffix("N") || text.hasSuffix("M")
        return try cursor.number(isBig ? String(text.dropLast()) : text)
    }

    private mutating func token() throws(NotationFault) -> String {
        let start = cursor.position
        cursor.skip { EDNReader.isTokenByte($0) }
        if cursor.position - start > TextCursor.longestToken { throw cursor.fault("a name is too long") }
        return try cursor.text(from: start)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\\"):
            false
        default: true
        }
    }
}
