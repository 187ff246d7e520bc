import Dynamo
import PeerProtocol
import RiakProtocol

/// What a witness reads of a client's messages: of a put or a delete whose it is and how many copies it asks for, of the answer
/// the dot that acknowledges it.
package enum ClientSighting {
    package typealias Bytes = UnsafeBufferPointer<UInt8>

    /// How many copies a quorum field asks for.
    package enum Copies: Hashable {
        case byDefault
        case count(Int)

        init(word: UInt64, n: Int) {
            switch UInt32(truncatingIfNeeded: word) {
            case QuorumWord.one: self = .count(1)
            case QuorumWord.quorum: self = .count(n / 2 + 1)
            case QuorumWord.all: self = .count(n)
            case QuorumWord.byDefault: self = .byDefault
            case let count: self = .count(Int(count))
            }
        }
    }

    /// A put or a delete.
    package struct Write {
        /// What the value begins with up to the first `|`, or the tag of a delete: the id that the bench's clients give.
        package var id = ""
        package var key: UInt64 = 0
        package var w = Copies.byDefault
        package var dw = Copies.byDefault

        /// Copies that must be durable before the acknowledgement.
        ///
        /// - Parameter store: the store's own W, nil when it is not known (a bucket's properties were set).
        package func needed(store: Int?) -> Int? {
            let least: Int? = if case .count(let count) = w { count } else { store }
            guard let least else { return nil }
            if case .count(let durable) = dw { return max(1, least, durable) }
            return max(1, least)
        }
    }

    package static func kind(_ prefix: UnsafeRawBufferPointer) -> WireKind? { prefix.first.flatMap(WireKind.client) }

    /// Whether a whole frame with a known code fits these bytes exactly or begins them.
    package static func isBegin(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let length = FrameScanner.length(bytes), length >= 1, bytes.count >= 5 else { return false }
        return WireKind.client(bytes[4]) != nil && bytes.count == 4 + length
    }

    /// A put request (`RpbPutReq`) or a delete (`RpbDelReq`), `body` without the code; nil when it is neither.
    ///
    /// - Parameter n: the store's N, of which a request may ask for fewer.
    package static func write(_ body: Bytes, isDelete: Bool, n: Int) -> Write? {
        var reader = WireReader(body)
        var write = Write()
        var (bucket, type) = (Bytes(start: nil, count: 0), Bytes(start: nil, count: 0))
        var name: Bytes?
        var (w, dw, rw): (UInt64?, UInt64?, UInt64?)
        var n = n
        do {
            while let field = try reader.next() {
                switch (field.number, field.form) {
                case (1, .block): bucket = try reader.bytes()
                case (2, .block): name = try reader.bytes()
                case (4, .block) where !isDelete: write.id = try value(try reader.message())
                case (5, .varint) where !isDelete, (6, .varint) where isDelete:
                    w = try reader.varint()
                case (6, .varint) where !isDelete, (9, .varint) where isDelete: dw = try reader.varint()
                case (3, .varint) where isDelete: rw = try reader.varint()
                case (15, .varint) where !isDelete, (12, .varint) where isDelete:
                    n = min(n, Int(clamping: try reader.varint()))
                case (16, .block) where !isDelete, (13, .block) where isDelete: type = try reader.bytes()
                case (101, .block) where isDelete: write.id = id(try reader.bytes())
                default: try reader.skip(field.form)
                }
            }
        } catch {
            return nil
        }
        // Without a key the node makes one up, which the request does not show.
        guard let name, !bucket.isEmpty else { return nil }
        write.w = (w ?? rw).map { Copies(word: $0, n: n) } ?? .byDefault
        write.dw = dw.map { Copies(word: $0, n: n) } ?? .byDefault
        write.key = key(bucket: bucket, type: type, name: name)
        return write
    }

    /// The dot in an answer to a put or a delete, `body` without the code; nil when it has none.
    package static func dot(_ body: Bytes) -> PeerSighting.SeenDot? {
        var reader = WireReader(body)
        do {
            while let field = try reader.next() {
                guard field == (100, .block) else {
                    try reader.skip(field.form)
                    continue
                }
                var inner = try reader.message()
                var actor: Bytes?
                var counter: UInt64 = 0
                while let part = try inner.next() {
                    switch (part.number, part.form) {
                    case (1, .block): actor = try inner.bytes()
                    case (2, .varint): counter = try inner.varint()
                    default: try inner.skip(part.form)
                    }
                }
                return actor.flatMap { dot(actor: $0, counter: counter) }
            }
        } catch {
            return nil
        }
        return nil
    }

    /// A dot whose actor is told as text, `n1.7`.
    private static func dot(actor: Bytes, counter: UInt64) -> PeerSighting.SeenDot? {
        guard let point = actor.lastIndex(of: UInt8(ascii: ".")), point > 0, point + 1 < actor.count else { return nil }
        var incarnation: UInt64 = 0
        for byte in actor[(point + 1)...] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            incarnation = incarnation &* 10 &+ UInt64(byte - 0x30)
        }
        return PeerSighting.SeenDot(
            node: Bytes(rebasing: actor[..<point]), incarnation: incarnation, counter: counter)
    }

    private static func key(bucket: Bytes, type: Bytes, name: Bytes) -> UInt64 {
        guard !type.isEmpty || bucket[0] == 0, let full = BucketName(type: Array(type), name: Array(bucket)) else {
            return WritePrint.key(bucket: bucket, name: name)
        }
        return full.stored.withUnsafeBufferPointer { WritePrint.key(bucket: $0, name: name) }
    }

    private static func value(_ source: WireReader) throws(PeerProtocolError) -> String {
        var reader = source
        while let field = try reader.next() {
            if field == (1, .block) { return id(try reader.bytes()) }
            try reader.skip(field.form)
        }
        return ""
    }

    /// Everything before the first `|`, at most 128 bytes: see `ValueForm` of the workload.
    private static func id(_ bytes: Bytes) -> String {
        String(decoding: bytes.prefix(128).prefix { $0 != UInt8(ascii: "|") }, as: UTF8.self)
    }
}
