import Causality
import Foundation

/// The bytes of a context (`vclock` in Riak's protocol) as clients hold and return them, opaque to them.
///
/// A format byte; the number of entries; each entry's node, incarnation and counter, and in the format of classic clocks
/// its time; a CRC-32 of all that. The checksum is there because a context that was garbled, or belongs to another store, must be refused: taken for a blind write
/// it would make siblings, and taken for what it is not it would lose them.
public enum ContextCodec {
    private static let format: UInt8 = 0xD1, timedFormat: UInt8 = 0xD2

    /// The bytes are not a context that this store gave out.
    public struct Foreign: Error, Sendable {}

    public static func encode(_ context: VersionVector) -> [UInt8] {
        var writer = ByteWriter(capacity: 8 + context.entries.count * 12)
        let isTimed = context.isTimed
        writer.byte(isTimed ? timedFormat : format)
        writer.varint(UInt64(context.entries.count))
        for entry in context.entries {
            writer.block(entry.actor.node)
            writer.varint(entry.actor.incarnation)
            writer.varint(entry.counter)
            if isTimed { writer.varint(entry.time) }
        }
        return sealed(writer.bytes)
    }

    /// The bytes with their checksum after them.
    package static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var checksum = Checksum()
        checksum.add(bytes)
        var trailer = ByteWriter(capacity: 4)
        trailer.word(checksum.value)
        return bytes + trailer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(Foreign) -> VersionVector {
        let length = bytes.count - 4
        guard length >= 2 else { throw Foreign() }
        var checksum = Checksum()
        checksum.add(bytes[..<length])
        let stored = bytes[length...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard stored == checksum.value else { throw Foreign() }
        do {
            return try entries(ByteReader(bytes, upTo: length))
        } catch {
            throw Foreign()
        }
    }

    private static func entries(_ source: ByteReader) throws(ByteReader.Malformed) -> VersionVector {
        var reader = source
        let found = try reader.byte()
        guard found == format || found == timedFormat else { throw ByteReader.Malformed() }
        var entries: [VersionVector.Entry] = []
        for _ in 0..<(try reader.count()) {
            let actor = Actor(node: try reader.text(), incarnation: try reader.varint())
            let counter = try reader.varint()
            let time = found == timedFormat ? try reader.varint() : 0
            entries.append(VersionVector.Entry(actor: actor, counter: counter, time: time))
        }
        guard reader.remaining == 0 else { throw ByteReader.Malformed() }
        return VersionVector(entries: entries)
    }
}
