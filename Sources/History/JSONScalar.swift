/// Scalars out of spans that a ``JSONCursor`` has stepped over, and so found well formed.
struct JSONText {
    let bytes: UnsafeRawBufferPointer

    func firstByte(_ span: JSONSpan) -> UInt8 { span.start < span.end ? bytes[span.start] : 0 }

    func isNull(_ span: JSONSpan) -> Bool { firstByte(span) == UInt8(ascii: "n") }

    /// The text of a value as it is written.
    func raw(_ span: JSONSpan) -> String { String(decoding: bytes[span.range], as: UTF8.self) }

    func bool(_ span: JSONSpan, _ member: StaticString) throws(JSONFault) -> Bool {
        switch firstByte(span) {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw JSONFault(reason: "\(member) must be true or false")
        }
    }

    func integer(_ span: JSONSpan, _ member: StaticString) throws(JSONFault) -> Int64 {
        let negative = firstByte(span) == UInt8(ascii: "-")
        let magnitude = try digits(negative ? JSONSpan(start: span.start + 1, end: span.end) : span, member)
        if negative {
            if magnitude == UInt64(Int64.max) + 1 { return Int64.min }
            guard let value = Int64(exactly: magnitude) else { throw tooLarge(member) }
            return -value
        }
        guard let value = Int64(exactly: magnitude) else { throw tooLarge(member) }
        return value
    }

    /// A counter of a dot or of a clock.
    func counter(_ span: JSONSpan) throws(JSONFault) -> UInt64 { try digits(span, "a counter") }

    private func digits(_ span: JSONSpan, _ member: StaticString) throws(JSONFault) -> UInt64 {
        guard span.start < span.end else { throw JSONFault(reason: "\(member) must be an integer") }
        var value: UInt64 = 0
        for index in span.range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw JSONFault(reason: "\(member) must be an integer") }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { throw tooLarge(member) }
            value = sum
        }
        return value
    }

    private func tooLarge(_ member: StaticString) -> JSONFault {
        JSONFault(reason: "\(member) is too large an integer")
    }

    /// What is between the quotes of a string value.
    func string(_ span: JSONSpan, _ member: StaticString) throws(JSONFault) -> JSONSpan {
        guard firstByte(span) == UInt8(ascii: "\"") else { throw JSONFault(reason: "\(member) must be a string") }
        var inner = JSONSpan(start: span.start + 1, end: span.end - 1)
        inner.escaped = bytes[inner.range].contains(UInt8(ascii: "\\"))
        return inner
    }

    /// The UTF-8 of a string whose escapes are undone.
    func unescaped(_ span: JSONSpan) throws(JSONFault) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(span.end - span.start)
        var index = span.start
        while index < span.end {
            let byte = bytes[index]
            index += 1
            if byte != UInt8(ascii: "\\") {
                result.append(byte)
                continue
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"): result.append(contentsOf: try scalar(&index, span.end))
            default: result.append(escape)
            }
        }
        return result
    }

    /// The UTF-8 of one `\uXXXX`, or of two that make a surrogate pair; `index` is behind the `u`.
    private func scalar(_ index: inout Int, _ end: Int) throws(JSONFault) -> Unicode.UTF8.EncodedScalar {
        var value = hex(index)
        index += 4
        if value >= 0xD800 && value < 0xDC00, index + 6 <= end,
            bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        {
            let low = hex(index + 2)
            if low >= 0xDC00 && low < 0xE000 {
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                index += 6
            }
        }
        guard let scalar = Unicode.Scalar(value), let encoded = Unicode.UTF8.encode(scalar) else {
            throw JSONFault(reason: "half a surrogate pair in a string is no Unicode text")
        }
        return encoded
    }

    private func hex(_ index: Int) -> UInt32 {
        (index..<index + 4).reduce(0) { $0 << 4 | (JSONCursor.hexDigit(bytes[$1]) ?? 0) }
    }
}
