import Notation

/// What values with a tag become: those of Fressian itself, of Clojure, and of Jepsen.
extension FressianReader {
    /// The value whose tag was read.
    ///
    /// - Parameter fieldCount: how many values follow a tag that is not known here.
    mutating func tagged(_ tag: String, fieldCount: Int) throws(FressianFault) -> Datum {
        switch tag {
        case "key": return .keyword(try qualifiedName())
        case "sym": return .symbol(try qualifiedName())
        case "map": return .map(try entries())
        case "set", "persistent-hash-set", "persistent-sorted-set": return .set(try list())
        case "vec": return .list(try list())
        case "map-entry": return .tagged(tag, .list([try value(), try value()]))
        case "long[]", "int[]", "double[]", "float[]", "boolean[]", "Object[]":
            var extent = ListExtent(left: try count())
            return .list(try elements(&extent))
        case "bigint": return FressianNumbers.integer(try number())
        case "bigdec":
            let unscaled = try number()
            return FressianNumbers.decimal(unscaled, scale: try integer())
        case "ratio":
            let (above, under) = (try value(), try value())
            return .symbol(above.json + "/" + under.json)
        case "char": return .string(try character())
        case "uuid": return .tagged(tag, FressianNumbers.uuid(try plainBytes()))
        // What a record or a holder is called says nothing of what it holds.
        case "record":
            _ = try value()
            return try value()
        case "atom", "byte", "instant", "date-time", "throwable", "multiset", "inst", "regex", "uri", "block-ref":
            let inner = try value()
            return tag == "block-ref" ? .tagged(tag, inner) : inner
        case "jepsen.history.Op": return .map(try operation())
        default:
            var extent = ListExtent(left: fieldCount)
            return .tagged(tag, .list(try elements(&extent)))
        }
    }

    /// An operation as Jepsen writes it: seven fields in a fixed order, the last a map of all others.
    private mutating func operation() throws(FressianFault) -> [Datum.Entry] {
        var result: [Datum.Entry] = []
        for name in ["index", "time", "type", "process", "f", "value"] {
            result.append(Datum.Entry(.keyword(name), try value()))
        }
        switch try value() {
        case .map(let others): return result + others
        case .null: return result
        default: throw fault("the last field of an operation is no map")
        }
    }

    /// `name`, or `namespace/name`.
    private mutating func qualifiedName() throws(FressianFault) -> String {
        let (space, name) = (try value(), try value())
        guard case .string(let text) = name else { throw fault("a name is no text") }
        switch space {
        case .null: return text
        case .string(let space): return space + "/" + text
        default: throw fault("a namespace is no text")
        }
    }

    private mutating func entries() throws(FressianFault) -> [Datum.Entry] {
        let flat = try list()
        guard flat.count % 2 == 0 else { throw fault("a key of a map without a value") }
        return stride(from: 0, to: flat.count, by: 2).map { Datum.Entry(flat[$0], flat[$0 + 1]) }
    }

    /// A list; nothing at all is an empty one.
    private mutating func list() throws(FressianFault) -> [Datum] {
        switch try value() {
        case .list(let elements): return elements
        case .null: return []
        default: throw fault("a list is expected here")
        }
    }

    private mutating func character() throws(FressianFault) -> String {
        let code = try integer()
        guard let code = UInt32(exactly: code), let scalar = Unicode.Scalar(code) else {
            throw fault("\(code) is no character")
        }
        return String(Character(scalar))
    }

    private mutating func plainBytes() throws(FressianFault) -> [UInt8] {
        let code = try byte()
        guard (0xD0...FressianCode.bytes).contains(code) else { throw fault("bytes are expected here") }
        return try blob(code)
    }

    /// The bytes of a large integer: in two's complement, the highest first.
    private mutating func number() throws(FressianFault) -> [UInt8] {
        let bytes = try plainBytes()
        guard bytes.count <= FressianNumbers.mostBytes else { throw fault("a number of \(bytes.count) bytes") }
        return bytes
    }
}
