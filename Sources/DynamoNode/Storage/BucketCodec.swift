import Dynamo

/// The bytes in which the store keeps a bucket's properties: a format byte, then each property in turn. Format 1, which
/// is still read, ends after `lastWriteWins`.
enum BucketCodec {
    private static let format: UInt8 = 2

    static func encode(_ properties: BucketProperties) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.byte(format)
        writer.varint(properties.n.map { UInt64(max(0, $0)) + 1 } ?? 0)
        write([properties.r, properties.w, properties.pr, properties.pw, properties.dw], to: &writer)
        write([properties.allowMultiple, properties.lastWriteWins], to: &writer)
        write([properties.rw, properties.nodeConfirms], to: &writer)
        write([properties.notfoundOK, properties.basicQuorum], to: &writer)
        return writer.bytes
    }

    private static func write(_ quorums: [Quorum], to writer: inout ByteWriter) {
        for quorum in quorums {
            switch quorum {
            case .byDefault: writer.varint(0)
            case .one: writer.varint(1)
            case .quorum: writer.varint(2)
            case .all: writer.varint(3)
            case .count(let count): writer.varint(UInt64(max(0, count)) + 4)
            }
        }
    }

    private static func write(_ flags: [Bool?], to writer: inout ByteWriter) {
        for flag in flags { writer.byte(flag.map { $0 ? 2 : 1 } ?? 0) }
    }

    /// Nil when the bytes are not what ``encode(_:)`` writes.
    static func decode(_ bytes: [UInt8]) -> BucketProperties? { try? decodeChecked(bytes) }

    private static func decodeChecked(_ bytes: [UInt8]) throws(ByteReader.Malformed) -> BucketProperties {
        var reader = ByteReader(bytes)
        let found = try reader.byte()
        guard (1...format).contains(found) else { throw ByteReader.Malformed() }
        var properties = BucketProperties()
        let n = try reader.varint()
        if n > 0 {
            guard n <= UInt64(Int32.max) else { throw ByteReader.Malformed() }
            properties.n = Int(n) - 1
        }
        properties.r = try quorum(&reader)
        properties.w = try quorum(&reader)
        properties.pr = try quorum(&reader)
        properties.pw = try quorum(&reader)
        properties.dw = try quorum(&reader)
        properties.allowMultiple = try flag(&reader)
        properties.lastWriteWins = try flag(&reader)
        if found > 1 {
            properties.rw = try quorum(&reader)
            properties.nodeConfirms = try quorum(&reader)
            properties.notfoundOK = try flag(&reader)
            properties.basicQuorum = try flag(&reader)
        }
        guard reader.remaining == 0 else { throw ByteReader.Malformed() }
        return properties
    }

    private static func quorum(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> Quorum {
        switch try reader.varint() {
        case 0: return .byDefault
        case 1: return .one
        case 2: return .quorum
        case 3: return .all
        case let code:
            guard code <= UInt64(Int32.max) else { throw ByteReader.Malformed() }
            return .count(Int(code) - 4)
        }
    }

    private static func flag(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> Bool? {
        switch try reader.byte() {
        case 0: return nil
        case 1: return false
        case 2: return true
        default: throw ByteReader.Malformed()
        }
    }
}
