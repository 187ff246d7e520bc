import Dynamo

/// The decoder of the commit log, for whoever feeds it bytes that no node wrote: a segment, and what its records hold.
package enum LogDecoder {
    /// The number of the segment that bytes are taken for.
    private static let segment: UInt64 = 1

    /// Reads bytes as a segment, and writes anew what was understood; whether anything was.
    package static func feed(_ bytes: [UInt8]) -> Bool {
        var scan = SegmentScan(bytes, segment: segment)
        var memtable = Memtable()
        while let record = scan.next() {
            guard let batch = try? BatchCodec.decode(record.payload) else { continue }
            memtable.absorb(batch)
        }
        if !memtable.isEmpty { return (try? BatchCodec.encode(memtable.changes)) != nil }
        // Mutated records fail their checksum nearly always: what they hold is worth a try without.
        let start = LogLayout.headerLength + LogLayout.recordHeaderLength
        guard bytes.count >= start else { return false }
        let length = Int(UInt32(truncatingIfNeeded: LogLayout.word(bytes, at: LogLayout.headerLength + 8)))
        let payload = Array(bytes[start..<min(bytes.count, start + length)])
        guard let batch = try? BatchCodec.decode(payload) else { return false }
        return (try? BatchCodec.encode(batch)) != nil
    }

    /// A segment with one record that holds these siblings, as an object and as a hint.
    package static func sample(_ key: Key, _ siblings: Siblings, number: UInt64) -> [UInt8] {
        var batch = WriteBatch()
        // One of each kind: the bytes must follow from the arguments alone, and a table has no order.
        let isStored = number % 3 > 0
        batch.objects[key] = WriteBatch.ObjectChange(position: key.position, siblings: isStored ? siblings : nil)
        let hint = HintedObject(key: key, home: "n1", siblings: siblings, incarnation: number)
        batch.hints[WriteBatch.HintKey(home: hint.home, key: key)] = isStored ? .store(hint) : .delete
        batch.numbers["incarnation"] = number
        batch.buckets[key.bucket] = BucketEntry(
            bucket: key.bucket, properties: BucketProperties(), version: number, setBy: "n1")
        // Nothing of the batch can fail to be encoded: it has no membership.
        let payload = (try? BatchCodec.encode(batch)) ?? []
        return LogLayout.header(of: segment, size: 0).prefix(LogLayout.headerLength)
            + LogLayout.record(payload, number: number, segment: segment)
    }
}
