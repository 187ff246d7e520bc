import Causality
import Dynamo

/// The messages of every request, written by hand: a sixth of a node's processor time went into making and reading the
/// generated types of these.
///
/// The bytes are those that the generated code would write (`peer.proto`), and tests hold them to that.
enum HotMessages {
    /// The number of each in `PeerFrame`.
    enum Field {
        static let replicate: UInt8 = 2
        static let replicated: UInt8 = 3
        static let fetch: UInt8 = 4
        static let fetched: UInt8 = 5
        static let forwarded: UInt8 = 8
    }

    /// The whole frame of a message; nil for one that is not among these.
    static func frame(_ message: Dynamo.Message) -> [UInt8]? {
        switch message {
        case .replicate(let request, let key, let siblings, let hintFor):
            let hint = hintFor ?? ""
            let (keySize, setSize) = (key.wireSize, siblings.wireSize)
            let size =
                WireSize.uint(request) + WireSize.message(keySize) + WireSize.message(setSize)
                + WireSize.block(hint.utf8.count)
            var writer = begin(Field.replicate, size)
            writer.uint(1, request)
            writer.open(2, length: keySize)
            key.write(to: &writer)
            writer.open(3, length: setSize)
            siblings.write(to: &writer)
            writer.text(4, hint)
            return writer.bytes
        case .replicated(let request, let ok):
            var writer = begin(Field.replicated, WireSize.uint(request) + WireSize.flag(ok))
            writer.uint(1, request)
            writer.flag(2, ok)
            return writer.bytes
        case .fetch(let request, let key):
            let keySize = key.wireSize
            var writer = begin(Field.fetch, WireSize.uint(request) + WireSize.message(keySize))
            writer.uint(1, request)
            writer.open(2, length: keySize)
            key.write(to: &writer)
            return writer.bytes
        case .fetched(let request, let siblings, let ok):
            let setSize = siblings?.wireSize
            let size = WireSize.uint(request) + (setSize.map(WireSize.message) ?? 0) + WireSize.flag(ok)
            var writer = begin(Field.fetched, size)
            writer.uint(1, request)
            if let siblings, let setSize {
                writer.open(2, length: setSize)
                siblings.write(to: &writer)
            }
            writer.flag(3, ok)
            return writer.bytes
        case .forwarded(let request, .got(let siblings)):
            let setSize = siblings.wireSize
            var writer = begin(Field.forwarded, WireSize.uint(request) + WireSize.message(setSize))
            writer.uint(1, request)
            writer.open(2, length: setSize)
            siblings.write(to: &writer)
            return writer.bytes
        case .forwarded(let request, .put(let dot, let clock, let siblings)):
            let (dotSize, setSize) = (dot.wireSize, siblings.wireSize)
            let size = WireSize.message(dotSize) + clock.wireSize + WireSize.message(setSize)
            var writer = begin(Field.forwarded, WireSize.uint(request) + WireSize.message(size))
            writer.uint(1, request)
            writer.open(3, length: size)
            writer.open(1, length: dotSize)
            dot.write(to: &writer)
            clock.write(as: 2, to: &writer)
            writer.open(3, length: setSize)
            siblings.write(to: &writer)
            return writer.bytes
        default: return nil
        }
    }

    private static func begin(_ field: UInt8, _ size: Int) -> WireWriter {
        var writer = WireWriter(bodyLength: WireSize.message(size))
        writer.open(field, length: size)
        return writer
    }
}

extension Key {
    fileprivate var wireSize: Int { WireSize.block(bucket.count) + WireSize.block(name.count) }

    fileprivate func write(to writer: inout WireWriter) {
        writer.block(1, bucket)
        writer.block(2, name)
    }
}

extension Actor {
    fileprivate var wireSize: Int { WireSize.block(node.utf8.count) + WireSize.uint(incarnation) }
}

extension Dot {
    fileprivate var wireSize: Int { WireSize.message(actor.wireSize) + WireSize.uint(counter) }

    fileprivate func write(to writer: inout WireWriter) {
        writer.open(1, length: actor.wireSize)
        writer.text(1, actor.node)
        writer.uint(2, actor.incarnation)
        writer.uint(2, counter)
    }
}

extension VersionVector {
    /// With the number and the length before each entry.
    fileprivate var wireSize: Int {
        entries.reduce(0) { size, entry in size + WireSize.message(entry.wireSize) }
    }

    fileprivate func write(as field: UInt8, to writer: inout WireWriter) {
        for entry in entries {
            writer.open(field, length: entry.wireSize)
            Dot(actor: entry.actor, counter: entry.counter).write(to: &writer)
            writer.uint(3, entry.time)
        }
    }
}

extension VersionVector.Entry {
    fileprivate var wireSize: Int {
        Dot(actor: actor, counter: counter).wireSize + WireSize.uint(time)
    }
}

extension Content {
    fileprivate var wireSize: Int {
        var size = WireSize.block(value.count) + WireSize.uint(lastModified)
        for text in [contentType, charset, contentEncoding] { size += WireSize.block(text.count) }
        for pair in userMetadata { size += WireSize.message(pair.wireSize) }
        for pair in indexes { size += WireSize.message(pair.wireSize) }
        return size
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.block(1, value)
        writer.block(2, contentType)
        writer.block(3, charset)
        writer.block(4, contentEncoding)
        for pair in userMetadata { pair.write(as: 5, to: &writer) }
        for pair in indexes { pair.write(as: 6, to: &writer) }
        writer.uint(7, lastModified)
    }
}

extension Content.Pair {
    fileprivate var wireSize: Int { WireSize.block(key.count) + WireSize.block(value.count) }

    fileprivate func write(as field: UInt8, to writer: inout WireWriter) {
        writer.open(field, length: wireSize)
        writer.block(1, key)
        writer.block(2, value)
    }
}

extension SiblingSet<Content>.Version {
    fileprivate var wireSize: Int {
        WireSize.message(dot.wireSize) + clock.wireSize + WireSize.message(payload.wireSize) + WireSize.flag(tombstone)
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.open(1, length: dot.wireSize)
        dot.write(to: &writer)
        clock.write(as: 2, to: &writer)
        writer.open(3, length: payload.wireSize)
        payload.write(to: &writer)
        writer.flag(4, tombstone)
    }
}

extension SiblingSet<Content> {
    fileprivate var wireSize: Int { versions.reduce(0) { $0 + WireSize.message($1.wireSize) } }

    fileprivate func write(to writer: inout WireWriter) {
        for version in versions {
            writer.open(1, length: version.wireSize)
            version.write(to: &writer)
        }
    }
}
