import PeerProtocol

/// What a witness reads of a message between nodes: its kind, and of the few that a proof is made of the numbers in them.
/// Nothing is allocated, and nothing that is malformed is believed.
package enum PeerSighting {
    package typealias Bytes = UnsafeBufferPointer<UInt8>

    /// The kind that the first bytes of a frame's body tell; nil: none that is known.
    package static func kind(_ prefix: UnsafeRawBufferPointer) -> WireKind? {
        guard let first = prefix.first, first & 7 == 2 else { return nil }
        if first < 0x80 { return WireKind.peer(UInt64(first >> 3)) }
        guard prefix.count > 1, prefix[1] < 0x80 else { return nil }
        return WireKind.peer(UInt64(first & 0x7f) >> 3 | UInt64(prefix[1]) << 4)
    }

    /// Whether a whole frame can begin with these bytes: a known kind whose own length agrees with the frame's.
    package static func isBegin(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let length = FrameScanner.length(bytes), length > 1, bytes.count >= 6 else { return false }
        let body = Bytes(rebasing: bytes.bindMemory(to: UInt8.self)[4..<min(bytes.count, 4 + 12)])
        guard kind(UnsafeRawBufferPointer(body)) != nil else { return false }
        var place = body[0] < 0x80 ? 1 : 2
        var (inner, shift) = (0, 0)
        while place < body.count, shift < 35 {
            let byte = body[place]
            place += 1
            inner |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return place + inner == length }
            shift += 7
        }
        return false
    }

    /// A reader of the one message in a frame's body.
    private static func message(_ body: Bytes) -> WireReader? {
        var reader = WireReader(body)
        guard let field = try? reader.next(), field.form == .block else { return nil }
        return try? reader.message()
    }

    /// The request number of a `replicate`; `dot` is handed the print of each version in it that `node` coordinated.
    package static func replicate(_ body: Bytes, by node: Bytes, _ write: (UInt64) -> Void) -> UInt64? {
        guard var reader = message(body) else { return nil }
        var (request, key) = (UInt64(0), UInt64(0))
        var siblings: WireReader?
        do {
            while let field = try reader.next() {
                switch (field.number, field.form) {
                case (1, .varint): request = try reader.varint()
                case (2, .block): key = try self.key(try reader.message())
                case (3, .block): siblings = try reader.message()
                default: try reader.skip(field.form)
                }
            }
            while let field = try siblings?.next() {
                guard field == (1, .block), var version = try siblings?.message() else {
                    try siblings?.skip(field.form)
                    continue
                }
                while let field = try version.next() {
                    guard field == (1, .block) else {
                        try version.skip(field.form)
                        continue
                    }
                    let dot = try self.dot(try version.message())
                    if same(dot.node, node) {
                        write(
                            WritePrint.write(
                                key: key, node: dot.node, incarnation: dot.incarnation, counter: dot.counter))
                    }
                }
            }
        } catch {
            return nil
        }
        return request
    }

    /// Number and flag of `replicated` and `handed-off`.
    package static func answer(_ body: Bytes) -> (request: UInt64, ok: Bool)? {
        guard var reader = message(body) else { return nil }
        var (request, ok) = (UInt64(0), false)
        do {
            while let field = try reader.next() {
                switch (field.number, field.form) {
                case (1, .varint): request = try reader.varint()
                case (2, .varint): ok = try reader.varint() != 0
                default: try reader.skip(field.form)
                }
            }
        } catch {
            return nil
        }
        return (request, ok)
    }

    /// Number and key of a `forward-put`.
    package static func forwardPut(_ body: Bytes) -> (request: UInt64, key: UInt64)? {
        guard var reader = message(body) else { return nil }
        var (request, key) = (UInt64(0), UInt64(0))
        do {
            while let field = try reader.next() {
                switch (field.number, field.form) {
                case (1, .varint): request = try reader.varint()
                case (2, .block): key = try self.key(try reader.message())
                default: try reader.skip(field.form)
                }
            }
        } catch {
            return nil
        }
        return (request, key)
    }

    /// Number and dot of a `forwarded` that acknowledges a put; nil for any other.
    package static func forwarded(_ body: Bytes) -> (request: UInt64, dot: SeenDot)? {
        guard var reader = message(body) else { return nil }
        var request: UInt64 = 0
        var found: SeenDot?
        do {
            while let field = try reader.next() {
                switch (field.number, field.form) {
                case (1, .varint): request = try reader.varint()
                case (3, .block):
                    var put = try reader.message()
                    while let part = try put.next() {
                        if part == (1, .block) { found = try dot(try put.message()) } else { try put.skip(part.form) }
                    }
                default: try reader.skip(field.form)
                }
            }
        } catch {
            return nil
        }
        return found.map { (request, $0) }
    }

    /// How many objects a `repair` carries.
    package static func objects(_ body: Bytes) -> Int {
        guard var reader = message(body) else { return 0 }
        var count = 0
        while let field = try? reader.next() {
            if field == (3, .block) { count += 1 }
            guard (try? reader.skip(field.form)) != nil else { break }
        }
        return count
    }

    // MARK: - Parts

    /// A dot where it lies.
    package struct SeenDot {
        package var node: Bytes
        package var incarnation: UInt64 = 0
        package var counter: UInt64 = 0

        package init(node: Bytes, incarnation: UInt64 = 0, counter: UInt64 = 0) {
            self.node = node
            self.incarnation = incarnation
            self.counter = counter
        }
    }

    private static func key(_ source: WireReader) throws(PeerProtocolError) -> UInt64 {
        var reader = source
        let none = Bytes(start: nil, count: 0)
        var (bucket, name) = (none, none)
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block): bucket = try reader.bytes()
            case (2, .block): name = try reader.bytes()
            default: try reader.skip(field.form)
            }
        }
        return WritePrint.key(bucket: bucket, name: name)
    }

    private static func dot(_ source: WireReader) throws(PeerProtocolError) -> SeenDot {
        var reader = source
        var dot = SeenDot(node: Bytes(start: nil, count: 0))
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block):
                var actor = try reader.message()
                while let part = try actor.next() {
                    switch (part.number, part.form) {
                    case (1, .block): dot.node = try actor.bytes()
                    case (2, .varint): dot.incarnation = try actor.varint()
                    default: try actor.skip(part.form)
                    }
                }
            case (2, .varint): dot.counter = try reader.varint()
            default: try reader.skip(field.form)
            }
        }
        return dot
    }

    static func same(_ one: Bytes, _ other: Bytes) -> Bool { one.elementsEqual(other) }
}
