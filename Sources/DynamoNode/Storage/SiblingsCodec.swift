import Causality
import Dynamo

/// The bytes in which a row of the store keeps the siblings of a key.
///
/// A format byte; the actors that occur, each once, as node and incarnation; then each version: dot, clock, flags,
/// content. Dots and clock entries name their actor by its index; in the format of classic clocks an entry's time follows
/// its counter. All numbers are varints, all byte strings stand after their length.
public enum SiblingsCodec {
    private static let format: UInt8 = 1, timedFormat: UInt8 = 2

    private enum Flag {
        static let tombstone: UInt8 = 1
        /// Content type, charset, encoding, metadata or indexes follow the value; mostly there are none.
        static let described: UInt8 = 2
    }

    /// Why the bytes of a row are not siblings.
    public struct Malformed: Error, Sendable {}

    public static func encode(_ siblings: Siblings) -> [UInt8] {
        var writer = ByteWriter(capacity: 96 + siblings.versions.reduce(0) { $0 + $1.payload.value.count + 32 })
        let isTimed = siblings.versions.contains { $0.clock.isTimed }
        writer.byte(isTimed ? timedFormat : format)
        let actors = ActorTable(siblings)
        writer.varint(UInt64(actors.list.count))
        for actor in actors.list {
            writer.block(actor.node)
            writer.varint(actor.incarnation)
        }
        writer.varint(UInt64(siblings.versions.count))
        for version in siblings.versions { encode(version, actors: actors, isTimed: isTimed, into: &writer) }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(Malformed) -> Siblings {
        do {
            return try decodeChecked(bytes)
        } catch {
            throw Malformed()
        }
    }

    private static func encode(
        _ version: Siblings.Version, actors: ActorTable, isTimed: Bool, into writer: inout ByteWriter
    ) {
        let content = version.payload
        let described =
            !(content.contentType.isEmpty && content.charset.isEmpty && content.contentEncoding.isEmpty
            && content.userMetadata.isEmpty && content.indexes.isEmpty)
        writer.varint(actors.index(version.dot.actor))
        writer.varint(version.dot.counter)
        writer.varint(UInt64(version.clock.entries.count))
        for entry in version.clock.entries {
            writer.varint(actors.index(entry.actor))
            writer.varint(entry.counter)
            if isTimed { writer.varint(entry.time) }
        }
        writer.byte((version.tombstone ? Flag.tombstone : 0) | (described ? Flag.described : 0))
        writer.block(content.value)
        writer.varint(content.lastModified)
        guard described else { return }
        writer.block(content.contentType)
        writer.block(content.charset)
        writer.block(content.contentEncoding)
        for pairs in [content.userMetadata, content.indexes] {
            writer.varint(UInt64(pairs.count))
            for pair in pairs {
                writer.block(pair.key)
                writer.block(pair.value)
            }
        }
    }

    private static func decodeChecked(_ bytes: [UInt8]) throws(ByteReader.Malformed) -> Siblings {
        var reader = ByteReader(bytes)
        let found = try reader.byte()
        guard found == format || found == timedFormat else { throw ByteReader.Malformed() }
        var actors: [Actor] = []
        for _ in 0..<(try reader.count()) {
            actors.append(Actor(node: try reader.text(), incarnation: try reader.varint()))
        }
        var versions: [Siblings.Version] = []
        for _ in 0..<(try reader.count()) {
            versions.append(try decodeVersion(&reader, actors: actors, isTimed: found == timedFormat))
        }
        guard reader.remaining == 0 else { throw ByteReader.Malformed() }
        return Siblings(versions: versions)
    }

    private static func decodeVersion(
        _ reader: inout ByteReader, actors: [Actor], isTimed: Bool
    ) throws(ByteReader.Malformed) -> Siblings.Version {
        let dot = Dot(actor: try actor(&reader, actors), counter: try reader.varint())
        guard dot.counter > 0 else { throw ByteReader.Malformed() }
        var entries: [VersionVector.Entry] = []
        for _ in 0..<(try reader.count()) {
            let actor = try actor(&reader, actors)
            let counter = try reader.varint()
            let time = isTimed ? try reader.varint() : 0
            entries.append(VersionVector.Entry(actor: actor, counter: counter, time: time))
        }
        let flags = try reader.byte()
        guard flags & ~(Flag.tombstone | Flag.described) == 0 else { throw ByteReader.Malformed() }
        var content = Content(value: try reader.block())
        content.lastModified = try reader.varint()
        if flags & Flag.described != 0 {
            content.contentType = try reader.block()
            content.charset = try reader.block()
            content.contentEncoding = try reader.block()
            content.userMetadata = try pairs(&reader)
            content.indexes = try pairs(&reader)
        }
        return Siblings.Version(
            dot: dot, clock: VersionVector(entries: entries), payload: content, tombstone: flags & Flag.tombstone != 0)
    }

    private static func actor(_ reader: inout ByteReader, _ actors: [Actor]) throws(ByteReader.Malformed) -> Actor {
        let index = try reader.varint()
        guard index < UInt64(actors.count) else { throw ByteReader.Malformed() }
        return actors[Int(index)]
    }

    private static func pairs(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> [Content.Pair] {
        var pairs: [Content.Pair] = []
        for _ in 0..<(try reader.count()) {
            pairs.append(Content.Pair(key: try reader.block(), value: try reader.block()))
        }
        return pairs
    }
}

/// The actors that occur in siblings, each once, in the order of first occurrence. Few: looked up by a linear scan.
private struct ActorTable {
    private(set) var list: [Actor] = []

    init(_ siblings: Siblings) {
        for version in siblings.versions {
            add(version.dot.actor)
            for entry in version.clock.entries { add(entry.actor) }
        }
    }

    /// Every actor asked for was added by `init`; another would get an index that decoding refuses.
    func index(_ actor: Actor) -> UInt64 { UInt64(list.firstIndex(of: actor) ?? list.count) }

    private mutating func add(_ actor: Actor) {
        if !list.contains(actor) { list.append(actor) }
    }
}
