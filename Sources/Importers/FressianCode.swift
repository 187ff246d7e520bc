/// The first byte of a value in Fressian, Datomic's binary notation of Clojure's data
/// (https://github.com/Datomic/fressian/wiki).
///
/// Small values are packed into the byte itself; those ranges are told by ``FressianReader``.
enum FressianCode {
    static let longs: UInt8 = 0xB0
    static let doubles: UInt8 = 0xB1
    static let booleans: UInt8 = 0xB2
    static let ints: UInt8 = 0xB3
    static let floats: UInt8 = 0xB4
    static let objects: UInt8 = 0xB5
    static let map: UInt8 = 0xC0
    static let set: UInt8 = 0xC1
    static let uuid: UInt8 = 0xC3
    static let regex: UInt8 = 0xC4
    static let uri: UInt8 = 0xC5
    static let bigInteger: UInt8 = 0xC6
    static let bigDecimal: UInt8 = 0xC7
    static let instant: UInt8 = 0xC8
    static let symbol: UInt8 = 0xC9
    static let keyword: UInt8 = 0xCA
    static let getCached: UInt8 = 0xCC
    static let putCached: UInt8 = 0xCD
    static let footer: UInt8 = 0xCF
    static let bytesChunk: UInt8 = 0xD8
    static let bytes: UInt8 = 0xD9
    static let stringChunk: UInt8 = 0xE2
    static let string: UInt8 = 0xE3
    static let list: UInt8 = 0xEC
    static let closedList: UInt8 = 0xED
    static let openList: UInt8 = 0xEE
    static let structType: UInt8 = 0xEF
    static let structure: UInt8 = 0xF0
    static let yes: UInt8 = 0xF5
    static let no: UInt8 = 0xF6
    static let null: UInt8 = 0xF7
    static let integer: UInt8 = 0xF8
    static let float: UInt8 = 0xF9
    static let double: UInt8 = 0xFA
    static let doubleZero: UInt8 = 0xFB
    static let doubleOne: UInt8 = 0xFC
    static let endOfList: UInt8 = 0xFD
    static let resetCaches: UInt8 = 0xFE
    static let minusOne: UInt8 = 0xFF

    /// The tag that a byte stands for: `map` and its like.
    static func tag(of code: UInt8) -> String? {
        switch code {
        case longs: "long[]"
        case doubles: "double[]"
        case booleans: "boolean[]"
        case ints: "int[]"
        case floats: "float[]"
        case objects: "Object[]"
        case map: "map"
        case set: "set"
        case uuid: "uuid"
        case regex: "regex"
        case uri: "uri"
        case bigInteger: "bigint"
        case bigDecimal: "bigdec"
        case instant: "inst"
        case symbol: "sym"
        case keyword: "key"
        default: nil
        }
    }

    /// An integer's zero and how many bytes follow, where its first byte holds the highest bits of it, too.
    static func packedInteger(_ code: UInt8) -> (zero: Int64, bytes: Int)? {
        switch code {
        case 0x40..<0x60: (0x50, 1)
        case 0x60..<0x70: (0x68, 2)
        case 0x70..<0x74: (0x72, 3)
        case 0x74..<0x78: (0x76, 4)
        case 0x78..<0x7C: (0x7A, 5)
        case 0x7C..<0x80: (0x7E, 6)
        default: nil
        }
    }
}
