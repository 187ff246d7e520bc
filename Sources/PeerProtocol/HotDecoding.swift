import Causality
import Dynamo

extension HotMessages {
    /// Reads the body of a frame; nil when it holds none of these messages, or one in an uncommon form, which is then
    /// the generated code's to read.
    static func message(_ body: [UInt8]) throws(PeerProtocolError) -> Dynamo.Message? {
        try body.withUnsafeBufferPointer { bytes throws(PeerProtocolError) -> Dynamo.Message? in
            var reader = WireReader(bytes)
            guard let field = try reader.next(), field.form == .block, let number = UInt8(exactly: field.number) else {
                return nil
            }
            var inner = try reader.message()
            // Nothing else belongs into a frame; were there more, the last would count.
            guard try reader.next() == nil else { return nil }
            switch number {
            case Field.replicate: return try replicate(&inner)
            case Field.replicated:
                let (request, ok) = try requestAndFlag(&inner)
                return .replicated(request: request, ok: ok)
            case Field.fetch: return try fetch(&inner)
            case Field.fetched: return try fetched(&inner)
            case Field.forwarded: return try forwarded(&inner)
            default: return nil
            }
        }
    }

    private static func replicate(_ reader: inout WireReader) throws(PeerProtocolError) -> Dynamo.Message {
        var request: UInt64 = 0
        var key = Key(bucket: [], name: [])
        var siblings = Siblings()
        var hintFor = ""
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .varint): request = try reader.varint()
            case (2, .block): key = try Key(try reader.message())
            case (3, .block): siblings = try Siblings(try reader.message())
            case (4, .block): hintFor = try reader.text()
            default: try reader.skip(field.form)
            }
        }
        return .replicate(request: request, key: key, siblings: siblings, hintFor: hintFor.isEmpty ? nil : hintFor)
    }

    private static func requestAndFlag(_ reader: inout WireReader) throws(PeerProtocolError) -> (UInt64, Bool) {
        var request: UInt64 = 0
        var ok = false
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .varint): request = try reader.varint()
            case (2, .varint): ok = try reader.varint() != 0
            default: try reader.skip(field.form)
            }
        }
        return (request, ok)
    }

    private static func fetch(_ reader: inout WireReader) throws(PeerProtocolError) -> Dynamo.Message {
        var request: UInt64 = 0
        var key = Key(bucket: [], name: [])
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .varint): request = try reader.varint()
            case (2, .block): key = try Key(try reader.message())
            default: try reader.skip(field.form)
            }
        }
        return .fetch(request: request, key: key)
    }

    private static func fetched(_ reader: inout WireReader) throws(PeerProtocolError) -> Dynamo.Message {
        var request: UInt64 = 0
        var siblings: Siblings?
        var ok = false
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .varint): request = try reader.varint()
            case (2, .block): siblings = try Siblings(try reader.message())
            case (3, .varint): ok = try reader.varint() != 0
            default: try reader.skip(field.form)
            }
        }
        return .fetched(request: request, siblings: siblings, ok: ok)
    }

    /// Nil for replies other than `got` and `put`.
    private static func forwarded(_ reader: inout WireReader) throws(PeerProtocolError) -> Dynamo.Message? {
        var request: UInt64 = 0
        var reply: ClientReply?
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .varint): request = try reader.varint()
            case (2, .block): reply = .got(try Siblings(try reader.message()))
            case (3, .block): reply = try put(try reader.message())
            default: return nil
            }
        }
        return reply.map { .forwarded(request: request, $0) }
    }

    private static func put(_ source: WireReader) throws(PeerProtocolError) -> ClientReply {
        var reader = source
        var dot: Dot?
        var clock: [VersionVector.Entry] = []
        var siblings = Siblings()
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block): dot = try Dot(try reader.message())
            case (2, .block): clock.append(try VersionVector.Entry(try reader.message()))
            case (3, .block): siblings = try Siblings(try reader.message())
            default: try reader.skip(field.form)
            }
        }
        guard let dot else { throw .invalid("dot") }
        return .put(dot: dot, clock: VersionVector(entries: clock), siblings: siblings)
    }
}

extension Key {
    fileprivate init(_ source: WireReader) throws(PeerProtocolError) {
        var reader = source
        self.init(bucket: [], name: [])
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block): bucket = try reader.block()
            case (2, .block): name = try reader.block()
            default: try reader.skip(field.form)
            }
        }
    }
}

extension Dot {
    fileprivate init(_ source: WireReader) throws(PeerProtocolError) {
        let entry = try VersionVector.Entry(source)
        self.init(actor: entry.actor, counter: entry.counter)
    }
}

extension VersionVector.Entry {
    fileprivate init(_ source: WireReader) throws(PeerProtocolError) {
        var reader = source
        var actor = Actor(node: "", incarnation: 0)
        var counter: UInt64 = 0
        var time: UInt64 = 0
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block):
                var inner = try reader.message()
                while let part = try inner.next() {
                    switch (part.number, part.form) {
                    case (1, .block): actor.node = try inner.text()
                    case (2, .varint): actor.incarnation = try inner.varint()
                    default: try inner.skip(part.form)
                    }
                }
            case (2, .varint): counter = try reader.varint()
            case (3, .varint): time = try reader.varint()
            default: try reader.skip(field.form)
            }
        }
        guard counter > 0, !actor.node.isEmpty else { throw .invalid("dot") }
        self.init(actor: actor, counter: counter, time: time)
    }
}

extension Content {
    fileprivate init(_ source: WireReader) throws(PeerProtocolError) {
        var reader = source
        self.init(value: [])
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block): value = try reader.block()
            case (2, .block): contentType = try reader.block()
            case (3, .block): charset = try reader.block()
            case (4, .block): contentEncoding = try reader.block()
            case (5, .block): userMetadata.append(try Pair(try reader.message()))
            case (6, .block): indexes.append(try Pair(try reader.message()))
            case (7, .varint): lastModified = try reader.varint()
            default: try reader.skip(field.form)
            }
        }
    }
}

extension Content.Pair {
    fileprivate init(_ source: WireReader) throws(PeerProtocolError) {
        var reader = source
        self.init(key: [], value: [])
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block): key = try reader.block()
            case (2, .block): value = try reader.block()
            default: try reader.skip(field.form)
            }
        }
    }
}

extension SiblingSet<Content> {
    fileprivate init(_ source: WireReader) throws(PeerProtocolError) {
        var reader = source
        var versions: [Version] = []
        while let field = try reader.next() {
            guard field == (1, .block) else {
                try reader.skip(field.form)
                continue
            }
            guard versions.count < Self.maximumVersions else { throw .invalid("siblings") }
            versions.append(try Self.version(try reader.message()))
        }
        self.init(versions: versions)
    }

    private static func version(_ source: WireReader) throws(PeerProtocolError) -> Version {
        var reader = source
        var dot: Dot?
        var clock: [VersionVector.Entry] = []
        var content = Content(value: [])
        var tombstone = false
        while let field = try reader.next() {
            switch (field.number, field.form) {
            case (1, .block): dot = try Dot(try reader.message())
            case (2, .block): clock.append(try VersionVector.Entry(try reader.message()))
            case (3, .block): content = try Content(try reader.message())
            case (4, .varint): tombstone = try reader.varint() != 0
            default: try reader.skip(field.form)
            }
        }
        guard let dot else { throw .invalid("dot") }
        return Version(dot: dot, clock: VersionVector(entries: clock), payload: content, tombstone: tombstone)
    }
}
