import Synchronization

/// The commit log: what was acknowledged and may not be in the databases yet, batch after batch, in segments.
///
/// A batch is one record, appended with one write and one sync. The databases are filled behind it; what they hold, they
/// say in their own transactions: the first segment that is still needed, and the number of the last record before it.
/// **A segment is written to only once the one after it exists**, so that the last of all has no records, unless files
/// were lost. A start therefore notices whatever is missing: records count up without a gap, and so do segments.
///
/// What is noticed so is a disk that lost what it had acknowledged, or a write that was torn when the power failed, which
/// look alike. The node must then not assign dots under an actor whose latest ones may be lost: see
/// ``Recovery/isDamaged``.
final class CommitLog: Sendable {
    /// What a start found.
    struct Recovery {
        /// All changes that may not be in the databases.
        var changes = Memtable()
        /// The segment to begin with, without records.
        var segment: UInt64 = 1
        /// The number of the last record.
        var record: UInt64 = 0
        /// Something that was written is missing or spoilt.
        var isDamaged = false
    }

    /// What the databases say of the log.
    struct Mark: Hashable {
        /// The first segment that is not wholly in the databases; 0: there was no log yet.
        var segment: UInt64
        /// The last record that is.
        var record: UInt64
    }

    private struct Position {
        var file: SegmentFile?
        var place = LogLayout.headerLength
    }

    let files: SegmentDirectory
    private let position = Mutex(Position())

    init(directory: String) throws(StoreError) { files = try SegmentDirectory(path: directory + "/log", in: directory) }

    // MARK: Writing

    /// Appends a batch to a segment: when this returns, it is on disk. When this throws, the batch is not in the log, and
    /// the next one takes its place.
    func append(_ batch: WriteBatch, record: UInt64, segment: UInt64) throws(StoreError) {
        let payload: [UInt8]
        do {
            payload = try BatchCodec.encode(batch)
        } catch {
            throw .writeFailed(path: files.path(of: segment), reason: "\(error)")
        }
        let bytes = LogLayout.record(payload, number: record, segment: segment)
        try position.withLock { (position: inout Position) throws(StoreError) in
            let file = try open(segment, &position)
            guard position.place + bytes.count <= LogLayout.largestSegment, payload.count <= UInt32.max else {
                throw .writeFailed(path: file.path, reason: "the segment is full, and the databases take nothing")
            }
            do throws(StoreError) {
                try file.write(bytes, at: position.place)
            } catch {
                // Whether the disk has the record nobody knows. Should the node die before the next one is written in its
                // place, the record must not come back; should this fail, too, it might, as after any failed sync.
                try? file.write(Array(repeating: 0, count: LogLayout.recordHeaderLength), at: position.place)
                throw error
            }
            position.place += bytes.count - LogLayout.terminatorLength
        }
    }

    /// The segment, ready to be written to.
    private func open(_ segment: UInt64, _ position: inout Position) throws(StoreError) -> SegmentFile {
        if let file = position.file, file.number == segment { return file }
        try files.prepare(segment)
        try files.prepare(segment + 1)
        let file = try SegmentFile(number: segment, path: files.path(of: segment))
        position = Position(file: file)
        return file
    }

    // MARK: Reading

    /// Reads what is needed of the log, and what is not as it was left.
    func recover(_ mark: Mark) throws(StoreError) -> Recovery {
        var recovery = Recovery(segment: max(1, mark.segment), record: mark.record)
        let numbers = try files.numbers()
        // Before the databases knew of a log there is none, or they were never filled from the one there is.
        let first = mark.segment == 0 ? 1 : mark.segment
        let found = numbers.filter { $0 >= first }
        if found.isEmpty {
            recovery.isDamaged = mark.segment > 0 || !numbers.isEmpty
            recovery.segment = max(first, (numbers.last ?? 0) + 1)
            return recovery
        }
        var lastWritten: UInt64?
        for (index, number) in found.enumerated() {
            if number != first + UInt64(index) { recovery.isDamaged = true }
            if try read(number, into: &recovery) { lastWritten = number }
        }
        if let lastWritten {
            if lastWritten == found.last { recovery.isDamaged = true }
            recovery.segment = lastWritten + 1
        } else {
            recovery.segment = found[0]
        }
        // Whatever lies in the way of a log with holes in it is passed over.
        if recovery.isDamaged { recovery.segment = max(first, found[found.count - 1]) + 1 }
        return recovery
    }

    /// Whether the segment has records.
    private func read(_ segment: UInt64, into recovery: inout Recovery) throws(StoreError) -> Bool {
        var scan = SegmentScan(try SegmentFile.read(files.path(of: segment)), segment: segment)
        var hasRecords = false
        while let record = scan.next() {
            hasRecords = true
            if record.number != recovery.record + 1 { recovery.isDamaged = true }
            recovery.record = max(recovery.record, record.number)
            do throws(BatchCodec.Malformed) {
                recovery.changes.absorb(try BatchCodec.decode(record.payload))
            } catch {
                recovery.isDamaged = true
            }
        }
        if scan.isDamaged { recovery.isDamaged = true }
        return hasRecords
    }
}
