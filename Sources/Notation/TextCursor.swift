/// What is wrong with a text, and in which line of it, from 1.
public struct NotationFault: Error, Sendable, Hashable {
    public var line: Int
    public var reason: String
    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }
}

/// A place in a text of bytes that are not trusted, shared by the readers of EDN and JSON.
struct TextCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private(set) var line: Int

    /// Values within values, and no deeper: a reader that calls itself must not run out of stack.
    static let deepest = 256
    /// Bytes of one string or number.
    static let longestToken = 16 << 20

    init(_ bytes: UnsafeRawBufferPointer, line: Int = 1) {
        self.bytes = bytes
        position = 0
        self.line = line
    }

    /// The byte at the place; nil at the end.
    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    func ahead(_ distance: Int) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    mutating func step() {
        if position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    /// Goes over the bytes that belong to something; line ends must not.
    mutating func skip(while belongs: (UInt8) -> Bool) {
        while position < bytes.count, belongs(bytes[position]) { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        step()
        return true
    }

    func fault(_ reason: String) -> NotationFault { NotationFault(line: line, reason: reason) }

    /// A fault that tells what stands at the place.
    func unexpected(_ wanted: String) -> NotationFault {
        guard let byte = current else { return fault("the text ends where \(wanted) should be") }
        let isPlain = byte > 0x20 && byte < 0x7F
        let found = isPlain ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte \(byte)"
        return fault("\(found) where \(wanted) should be")
    }

    /// The bytes from `start` up to the place, as text.
    func text(from start: Int) throws(NotationFault) -> String {
        try text(bytes[start..<position])
    }

    func text(_ part: some Sequence<UInt8>) throws(NotationFault) -> String {
        guard let text = String(validating: part, as: UTF8.self) else { throw fault("bytes that are not UTF-8") }
        return text
    }

    /// A string in double quotes, with the escapes of JSON; EDN has a part of them.
    mutating func quotedString() throws(NotationFault) -> String {
        let begin = line
        step()
        let start = position
        skip { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\n") }
        if current == UInt8(ascii: "\"") {
            defer { step() }
            if position - start > TextCursor.longestToken { throw fault("a string is too long") }
            return try text(from: start)
        }
        var result = [UInt8](bytes[start..<position])
        while let byte = current {
            if result.count > TextCursor.longestToken { throw fault("a string is too long") }
            step()
            switch byte {
            case UInt8(ascii: "\""): return try text(result)
            case UInt8(ascii: "\\"): try escape(into: &result)
            default: result.append(byte)
            }
        }
        throw NotationFault(line: begin, reason: "a string without an end")
    }

    private mutating func escape(into result: inout [UInt8]) throws(NotationFault) {
        guard let byte = current else { throw fault("the text ends in a string") }
        step()
        switch byte {
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "u"): result.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default: throw fault("an escape that does not exist in a string")
        }
    }

    /// The scalar behind `\u`, of one or two units.
    private mutating func unicodeEscape() throws(NotationFault) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw fault("half of a surrogate pair")
        }
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw fault("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(NotationFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw unexpected("a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            step()
        }
        return value
    }

    /// An integer of up to 18 digits, if one stands here and ends where the token does; else nothing is read.
    mutating func smallInteger(endsToken: (UInt8) -> Bool) -> Int64? {
        var place = position
        let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let start = place
        var value: Int64 = 0
        while place < bytes.count, bytes[place] >= 48, bytes[place] <= 57, place - start < 18 {
            value = value * 10 + Int64(bytes[place] - 48)
            place += 1
        }
        guard place > start, place == bytes.count || endsToken(bytes[place]) else { return nil }
        position = place
        return isNegative ? -value : value
    }

    /// A number that begins at `start`, all of it read.
    func number(_ text: String) throws(NotationFault) -> Datum {
        if let value = Int64(text) { return .integer(value) }
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        let allowed = digits.allSatisfy {
            ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e")
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
        }
        guard allowed, Double(text) != nil else { throw fault("\(text.prefix(40)) is no number") }
        return .number(text)
    }
}
