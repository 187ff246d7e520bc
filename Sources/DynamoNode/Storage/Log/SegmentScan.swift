/// Reads a segment's records from its bytes, and tells whether anything but the end of the log was met.
///
/// What is not as it was written is passed over, and reading goes on with the next record that is: records set things,
/// they do not build upon each other, so a later one counts without those before it.
struct SegmentScan {
    struct Record {
        let number: UInt64
        let payload: [UInt8]
    }

    private let bytes: [UInt8]
    private let tag: UInt64
    private var place = LogLayout.headerLength
    /// Bytes that were no record and not the end of the log, or a file shorter than was set aside for it.
    private(set) var isDamaged: Bool

    init(_ bytes: [UInt8], segment: UInt64) {
        self.bytes = bytes
        tag = LogLayout.tag(of: segment)
        let size = LogLayout.size(inHeader: bytes, of: segment)
        isDamaged = size.map { bytes.count < $0 } ?? true
    }

    mutating func next() -> Record? {
        guard place + LogLayout.terminatorLength <= bytes.count else { return nil }
        if let record = record(at: place) { return take(record) }
        if LogLayout.word(bytes, at: place) != 0 { isDamaged = true }
        while place + 8 + LogLayout.recordHeaderLength <= bytes.count {
            place += 8
            guard LogLayout.word(bytes, at: place) == tag, let record = record(at: place) else { continue }
            isDamaged = true
            return take(record)
        }
        place = bytes.count
        return nil
    }

    private mutating func take(_ record: Record) -> Record {
        place += LogLayout.recordLength(payload: record.payload.count)
        return record
    }

    private func record(at place: Int) -> Record? {
        guard place + LogLayout.recordHeaderLength <= bytes.count, LogLayout.word(bytes, at: place) == tag else {
            return nil
        }
        let lengths = LogLayout.word(bytes, at: place + 8)
        let length = Int(UInt32(truncatingIfNeeded: lengths))
        let end = place + LogLayout.recordHeaderLength + length
        guard end <= bytes.count else { return nil }
        var checksum = Checksum()
        checksum.add(bytes[place..<(place + 12)])
        checksum.add([0, 0, 0, 0])
        checksum.add(bytes[(place + 16)..<end])
        guard checksum.value == UInt32(truncatingIfNeeded: lengths >> 32) else { return nil }
        return Record(
            number: LogLayout.word(bytes, at: place + 16),
            payload: Array(bytes[(place + LogLayout.recordHeaderLength)..<end]))
    }
}
