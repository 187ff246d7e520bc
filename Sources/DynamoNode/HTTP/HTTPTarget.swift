/// The path and the query of an HTTP request's target, taken apart and decoded.
///
/// Bucket and key names are bytes: `%` and two digits stand for any byte, and `+` for a space, in the path as well as
/// in the query, as Riak reads both. A slash that belongs to a name is written `%2F`.
struct HTTPTarget: Hashable {
    /// A `%` without two hexadecimal digits after it.
    struct Malformed: Error, Hashable {}

    /// The path as it was sent.
    private(set) var path: String
    /// The path between its slashes, decoded; a slash at the end makes no segment.
    private(set) var segments: [[UInt8]]
    /// The first value of each name.
    private var values: [String: [UInt8]] = [:]

    init(_ uri: String) throws(Malformed) {
        let parts = Self.origin(uri).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        var pieces = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if pieces.last?.isEmpty == true { pieces = pieces.dropLast() }
        segments = []
        for piece in pieces { segments.append(try Self.decoded(piece)) }
        guard parts.count == 2 else { return }
        for item in parts[1].split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(decoding: try Self.decoded(pair[0]), as: UTF8.self)
            if values[name] == nil { values[name] = pair.count == 2 ? try Self.decoded(pair[1]) : [] }
        }
    }

    subscript(name: String) -> [UInt8]? { values[name] }

    /// A parameter as text; nil when it is absent.
    func text(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

    /// The target without `http://host`, which a request to a proxy has (RFC 9112, section 3.2.2).
    private static func origin(_ uri: String) -> Substring {
        guard !uri.hasPrefix("/"), let scheme = uri.firstRange(of: "://") else { return uri[...] }
        let rest = uri[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
    }

    private static func decoded(_ text: Substring) throws(Malformed) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                    let low = rest.popFirst().flatMap(Hexadecimal.value)
                else { throw Malformed() }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}

/// Percent-encoding of names (RFC 3986, section 2.1), the inverse of what ``HTTPTarget`` reads.
enum PercentCoding {
    /// Every byte but letters, digits and `-._~` as `%` and two digits.
    static func encode(_ bytes: [UInt8]) -> String { encode(bytes, keeping: isUnreserved) }

    static func encode(_ bytes: [UInt8], keeping isKept: (UInt8) -> Bool) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if isKept(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), Hexadecimal.digit(byte >> 4), Hexadecimal.digit(byte & 15)]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}

/// Hexadecimal digits.
enum Hexadecimal {
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }

    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}
