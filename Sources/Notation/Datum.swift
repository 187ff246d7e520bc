/// A value of EDN or JSON, as a tree.
public indirect enum Datum: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number that is no 64-bit integer, as it is written.
    case number(String)
    case string(String)
    /// `:name`, without the colon.
    case keyword(String)
    case symbol(String)
    /// A vector, a list, or a JSON array.
    case list([Datum])
    case set([Datum])
    /// The entries in the order in which they are written; a JSON object has strings for keys.
    case map([Entry])
    case tagged(String, Datum)

    /// An entry of a map.
    public struct Entry: Sendable, Hashable {
        public var key: Datum
        public var value: Datum
        public init(_ key: Datum, _ value: Datum) {
            self.key = key
            self.value = value
        }
    }

    /// The value of an entry whose key is this name, as a keyword, a string or a symbol.
    public subscript(name: String) -> Datum? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key.name == name }?.value
    }

    /// The text of a keyword, a string or a symbol.
    public var name: String? {
        switch self {
        case .keyword(let name), .string(let name), .symbol(let name): name
        default: nil
        }
    }

    /// The elements of a list or a set.
    public var elements: [Datum]? {
        switch self {
        case .list(let elements), .set(let elements): elements
        default: nil
        }
    }

    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The text as JSON, in one spelling for each value: no spaces, keywords and symbols as strings, a set as an array in
    /// the order of its texts, a tagged value as the value. A map whose keys are not names becomes an array of pairs.
    public var json: String {
        switch self {
        case .null: return "null"
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let value): return "\(value)"
        case .number(let text): return Datum.isJSONNumber(text) ? text : Datum.quoted(text)
        case .string(let text), .keyword(let text), .symbol(let text): return Datum.quoted(text)
        case .list(let elements): return "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .set(let elements): return "[" + elements.map(\.json).sorted().joined(separator: ",") + "]"
        case .tagged(_, let value): return value.json
        case .map(let entries):
            guard entries.allSatisfy({ $0.key.name != nil }) else {
                return "[" + entries.map { "[\($0.key.json),\($0.value.json)]" }.joined(separator: ",") + "]"
            }
            return "{" + entries.map { "\($0.key.json):\($0.value.json)" }.joined(separator: ",") + "}"
        }
    }

    /// Whether a number is written as JSON demands it: digits on both sides of a point, no plus, no zero in front.
    private static func isJSONNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix { $0 >= 48 && $0 <= 57 }
        rest = rest[whole.endIndex...]
        guard !whole.isEmpty, whole.count == 1 || whole.first != 48 else { return false }
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { $0 >= 48 && $0 <= 57 }
            if fraction.isEmpty { return false }
            rest = rest[fraction.endIndex...]
        }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy { $0 >= 48 && $0 <= 57 }
    }

    /// The text as EDN.
    public var edn: String {
        switch self {
        case .null: "nil"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let text): text
        case .string(let text): Datum.quoted(text)
        case .keyword(let name): ":" + name
        case .symbol(let name): name
        case .list(let elements): "[" + elements.map(\.edn).joined(separator: " ") + "]"
        case .set(let elements): "#{" + elements.map(\.edn).sorted().joined(separator: " ") + "}"
        case .map(let entries): "{" + entries.map { "\($0.key.edn) \($0.value.edn)" }.joined(separator: ", ") + "}"
        case .tagged(let tag, let value): "#\(tag) \(value.edn)"
        }
    }

    /// A string in quotes, as JSON and EDN both read it.
    public static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isPlain { return "\"" + text + "\"" }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
