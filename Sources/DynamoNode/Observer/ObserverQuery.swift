/// The path and the query of an HTTP request's target.
struct ObserverQuery: Hashable {
    var path: String
    /// The first value of each name, percent-decoded.
    private var values: [String: [UInt8]] = [:]

    init(target: String) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        guard parts.count == 2 else { return }
        for item in parts[1].split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = pair.first, let decoded = Self.decoded(name) else { continue }
            let value = pair.count == 2 ? Self.decoded(pair[1]) : []
            let key = String(decoding: decoded, as: UTF8.self)
            if let value, values[key] == nil { values[key] = value }
        }
    }

    subscript(name: String) -> [UInt8]? { values[name] }

    /// The bytes that a percent-encoded text stands for, `+` for a space; nil when a `%` is not followed by two digits.
    private static func decoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let digits = String(validating: rest.prefix(2), as: UTF8.self),
                    digits.first != "+", let value = UInt8(digits, radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
