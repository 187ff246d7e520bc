import Notation

/// Numbers as EDN writes them, of what Fressian holds in bytes.
enum FressianNumbers {
    /// Longer integers are refused: to write one out takes the square of its length.
    static let mostBytes = 512

    static func number(_ value: Double) -> Datum {
        value.isFinite ? .number("\(value)") : .symbol(value.isNaN ? "##NaN" : value < 0 ? "##-Inf" : "##Inf")
    }

    static func number(_ value: Float) -> Datum {
        value.isFinite ? .number("\(value)") : number(Double(value))
    }

    /// An integer in two's complement, the highest byte first.
    static func integer(_ bytes: [UInt8]) -> Datum {
        let text = decimal(bytes)
        return Int64(text).map { .integer($0) } ?? .number(text)
    }

    /// `unscaled` divided by ten to the power of `scale`.
    static func decimal(_ unscaled: [UInt8], scale: Int64) -> Datum {
        guard scale != 0 else { return integer(unscaled) }
        let (exponent, isTooLarge) = Int64(0).subtractingReportingOverflow(scale)
        return .number(decimal(unscaled) + "e" + (isTooLarge ? "\(Int64.max)" : "\(exponent)"))
    }

    static func uuid(_ bytes: [UInt8]) -> Datum {
        let digits = Array(hexadecimal(bytes))
        guard digits.count == 32 else { return .string(String(digits)) }
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return .string(parts.map { String(digits[$0]) }.joined(separator: "-"))
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decimal(_ bytes: [UInt8]) -> String {
        let isNegative = bytes.first.map { $0 >= 0x80 } ?? false
        var digits = magnitude(bytes, isNegative)
        var groups: [UInt32] = []
        while digits.contains(where: { $0 != 0 }) {
            var rest: UInt64 = 0
            for index in digits.indices {
                let value = rest << 8 | UInt64(digits[index])
                digits[index] = UInt8(value / 1_000_000_000)
                rest = value % 1_000_000_000
            }
            groups.append(UInt32(rest))
        }
        guard let first = groups.last else { return "0" }
        let others = groups.dropLast().reversed().map { group in
            let text = "\(group)"
            return String(repeating: "0", count: 9 - text.count) + text
        }
        return (isNegative ? "-" : "") + "\(first)" + others.joined()
    }

    private static func magnitude(_ bytes: [UInt8], _ isNegative: Bool) -> [UInt8] {
        guard isNegative else { return bytes }
        var result = bytes.map { ~$0 }
        for index in result.indices.reversed() {
            result[index] &+= 1
            if result[index] != 0 { break }
        }
        return result
    }
}
