import Dynamo
import PeerProtocol

/// The bytes of a batch in a record of the commit log: a format byte, then each kind of change after its count.
enum BatchCodec {
    private static let format: UInt8 = 1

    /// Why bytes are no batch.
    struct Malformed: Error {}

    /// - Throws: when the membership is too large for its own encoding.
    static func encode(_ batch: WriteBatch) throws -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + 384 * batch.count)
        writer.byte(format)
        writer.varint(UInt64(batch.objects.count))
        for (key, change) in batch.objects {
            write(key, to: &writer)
            writer.byte(change.siblings == nil ? 0 : 1)
            if let siblings = change.siblings { writer.block(SiblingsCodec.encode(siblings)) }
        }
        writer.varint(UInt64(batch.corrupt.count))
        for key in batch.corrupt { write(key, to: &writer) }
        writer.varint(UInt64(batch.hints.count))
        for (place, change) in batch.hints {
            writer.block(place.home)
            write(place.key, to: &writer)
            guard case .store(let hint) = change else {
                writer.byte(0)
                continue
            }
            writer.byte(1)
            writer.block(SiblingsCodec.encode(hint.siblings))
            writer.varint(hint.incarnation)
            writer.varint(hint.storedAt)
        }
        writer.varint(UInt64(batch.numbers.count))
        for (name, value) in batch.numbers {
            writer.block(name)
            writer.varint(value)
        }
        writer.varint(UInt64(batch.buckets.count))
        for entry in batch.buckets.values {
            writer.block(entry.bucket)
            writer.block(BucketCodec.encode(entry.properties))
            writer.varint(entry.version)
            writer.block(entry.setBy)
        }
        writer.byte(batch.membership == nil ? 0 : 1)
        if let membership = batch.membership { writer.block(try membership.encoded()) }
        return writer.bytes
    }

    private static func write(_ key: Key, to writer: inout ByteWriter) {
        writer.block(key.bucket)
        writer.block(key.name)
    }

    /// What was encoded, but for the count of objects added: that depends on what is in the databases.
    static func decode(_ bytes: [UInt8]) throws(Malformed) -> WriteBatch {
        do {
            return try decodeChecked(bytes)
        } catch {
            throw Malformed()
        }
    }

    private static func decodeChecked(_ bytes: [UInt8]) throws -> WriteBatch {
        var reader = ByteReader(bytes)
        guard try reader.byte() == format else { throw Malformed() }
        var batch = WriteBatch()
        for _ in 0..<(try reader.count()) {
            let key = try key(&reader)
            let siblings = try flag(&reader) ? SiblingsCodec.decode(try reader.block()) : nil
            batch.objects[key] = WriteBatch.ObjectChange(position: key.position, siblings: siblings)
        }
        for _ in 0..<(try reader.count()) { batch.corrupt.insert(try key(&reader)) }
        for _ in 0..<(try reader.count()) {
            let home = try reader.text()
            let place = WriteBatch.HintKey(home: home, key: try key(&reader))
            guard try flag(&reader) else {
                batch.hints[place] = .delete
                continue
            }
            let siblings = try SiblingsCodec.decode(try reader.block())
            let incarnation = try reader.varint()
            batch.hints[place] = .store(
                HintedObject(
                    key: place.key, home: home, siblings: siblings, incarnation: incarnation,
                    storedAt: try reader.varint()))
        }
        for _ in 0..<(try reader.count()) {
            let name = try reader.text()
            batch.numbers[name] = try reader.varint()
        }
        for _ in 0..<(try reader.count()) {
            let bucket = try reader.block()
            guard let properties = BucketCodec.decode(try reader.block()) else { throw Malformed() }
            let version = try reader.varint()
            batch.buckets[bucket] = BucketEntry(
                bucket: bucket, properties: properties, version: version, setBy: try reader.text())
        }
        if try flag(&reader) { batch.membership = try MembershipState(encoded: try reader.block()) }
        guard reader.remaining == 0 else { throw Malformed() }
        return batch
    }

    private static func key(_ reader: inout ByteReader) throws -> Key {
        let bucket = try reader.block()
        return Key(bucket: bucket, name: try reader.block())
    }

    private static func flag(_ reader: inout ByteReader) throws -> Bool {
        switch try reader.byte() {
        case 0: false
        case 1: true
        default: throw Malformed()
        }
    }
}
