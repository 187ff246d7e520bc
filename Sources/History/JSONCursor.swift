/// Why a text is not the JSON that was wanted. The line number is added by who knows it.
struct JSONFault: Error {
    var reason: String
}

/// A part of a line: a value as it is written, or what is between the quotes of a string.
struct JSONSpan {
    var start: Int
    var end: Int
    /// Of a string: whether it has escapes, so that its bytes are not its text.
    var escaped = false

    var range: Range<Int> { start..<end }
}

/// Walks over one line of JSON (RFC 8259) without building values: what is wanted is looked at again, in place.
///
/// Never reads past the line, never recurses deeper than ``depthLimit``. The memory belongs to the caller.
struct JSONCursor {
    static let depthLimit = 256

    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    let end: Int

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position >= end }

    /// The byte at the position; 0, which no JSON has there, at the end.
    var peek: UInt8 { position < end ? bytes[position] : 0 }

    mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Takes `byte` when it comes next, after any space.
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ place: StaticString) throws(JSONFault) {
        if !take(byte) { throw unexpected("expected '\(Character(UnicodeScalar(byte)))' \(place)") }
    }

    /// What is wrong here: the end of the line, or a character that does not belong.
    func unexpected(_ wanted: String) -> JSONFault {
        if position >= end { return JSONFault(reason: "not JSON: the line ends too early; \(wanted)") }
        return JSONFault(
            reason: "not JSON: unexpected \(describe(bytes[position])) at column \(position + 1); \(wanted)")
    }

    private func describe(_ byte: UInt8) -> String {
        if byte > 0x20 && byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
        return "byte \(byte)"
    }

    /// Steps over the next value of any kind.
    mutating func skipValue(depth: Int = 0) throws(JSONFault) -> JSONSpan {
        skipSpace()
        let start = position
        switch peek {
        case UInt8(ascii: "\""): _ = try skipString()
        case UInt8(ascii: "{"): try skipObject(depth: depth + 1)
        case UInt8(ascii: "["): try skipArray(depth: depth + 1)
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        default: throw unexpected("expected a value")
        }
        return JSONSpan(start: start, end: position)
    }

    /// Steps over a string; the span is what is between its quotes.
    mutating func skipString() throws(JSONFault) -> JSONSpan {
        guard take(UInt8(ascii: "\"")) else { throw unexpected("expected a string") }
        var span = JSONSpan(start: position, end: position)
        var all: UInt8 = 0
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                span.end = position
                position += 1
                if all >= 0x80 { try checkUTF8(span.range) }
                return span
            }
            if byte < 0x20 { throw unexpected("control characters in a string must be escaped") }
            all |= byte
            position += 1
            if byte == UInt8(ascii: "\\") {
                span.escaped = true
                try skipEscape()
            }
        }
        throw unexpected("a string is not closed")
    }

    private func checkUTF8(_ range: Range<Int>) throws(JSONFault) {
        if String(validating: bytes[range], as: UTF8.self) == nil {
            throw JSONFault(reason: "not UTF-8: invalid bytes in the string at column \(range.lowerBound)")
        }
    }

    /// Steps over what follows a backslash. The halves of surrogate pairs are paired when the string is decoded.
    private mutating func skipEscape() throws(JSONFault) {
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard JSONCursor.hexDigit(peek) != nil else {
                    throw unexpected("expected four hexadecimal digits after \\u")
                }
                position += 1
            }
        default:
            throw unexpected("unknown escape")
        }
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONFault) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end, bytes[position] == word.utf8Start[index] else { throw unexpected("expected \(word)") }
            position += 1
        }
    }

    private mutating func skipNumber() throws(JSONFault) {
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") { position += 1 } else { try skipDigits() }
        if peek == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        if peek >= UInt8(ascii: "0") && peek <= UInt8(ascii: "9") { throw unexpected("a number has a leading zero") }
    }

    private mutating func skipDigits() throws(JSONFault) {
        let start = position
        while peek >= UInt8(ascii: "0") && peek <= UInt8(ascii: "9") { position += 1 }
        if position == start { throw unexpected("expected a digit") }
    }

    private mutating func skipObject(depth: Int) throws(JSONFault) {
        try checkDepth(depth)
        try expect(UInt8(ascii: "{"), "at the start of an object")
        if take(UInt8(ascii: "}")) { return }
        repeat {
            _ = try nextName()
            _ = try skipValue(depth: depth)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "or ',' in an object")
    }

    private mutating func skipArray(depth: Int) throws(JSONFault) {
        try checkDepth(depth)
        try expect(UInt8(ascii: "["), "at the start of an array")
        if take(UInt8(ascii: "]")) { return }
        repeat { _ = try skipValue(depth: depth) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "or ',' in an array")
    }

    private func checkDepth(_ depth: Int) throws(JSONFault) {
        if depth > JSONCursor.depthLimit {
            throw JSONFault(reason: "nested deeper than \(JSONCursor.depthLimit) levels at column \(position + 1)")
        }
    }

    /// A member's name and the colon after it.
    mutating func nextName() throws(JSONFault) -> JSONSpan {
        let name = try skipString()
        try expect(UInt8(ascii: ":"), "after the name of a member")
        return name
    }
}
