/// The columns of a payload, each with a place of its own from which it is read.
struct BlockColumns {
    var shapes, processes, nodeTable, keyTable, idTable, textTable: ColumnReader
    var shape, process, time, key, node, number, fault, text, id, length: ColumnReader
    var version, clock, clockNumber, dotActor, dotCounter, extraLength, extra, item: ColumnReader

    /// The unit in nanoseconds of the differences in the time column.
    let unit: Int64

    /// - Parameter version: of the format; in version 1 the payload does not begin with the unit, which is 1.
    init(_ payload: UnsafeRawBufferPointer, version: UInt32) throws(NativeFault) {
        var rest = ColumnReader(payload)
        unit = version > 1 ? Int64(truncatingIfNeeded: try rest.varint()) : 1
        guard NativeLayout.timeUnits.contains(unit) else { throw NativeFault("the unit of time is not known") }
        var lengths: [Int] = []
        for _ in 0..<Column.count(version: version) {
            let length = try rest.varint()
            guard length <= UInt64(payload.count) else { throw NativeFault("a column is longer than its block") }
            lengths.append(Int(length))
        }
        var columns: [ColumnReader] = []
        for length in lengths { columns.append(ColumnReader(try rest.bytes(length))) }
        try rest.checkEnd()
        func column(_ column: Column) -> ColumnReader {
            column.rawValue < columns.count ? columns[column.rawValue] : ColumnReader(.init(start: nil, count: 0))
        }
        (shapes, processes) = (column(.shapes), column(.processes))
        (nodeTable, keyTable) = (column(.nodeTable), column(.keyTable))
        (idTable, textTable) = (column(.idTable), column(.textTable))
        (shape, process, time) = (column(.shape), column(.process), column(.time))
        (key, node, number) = (column(.key), column(.node), column(.number))
        (fault, text, id, length) = (column(.fault), column(.text), column(.id), column(.length))
        (self.version, clock, clockNumber) = (column(.version), column(.clock), column(.clockNumber))
        (dotActor, dotCounter) = (column(.dotActor), column(.dotCounter))
        (extraLength, extra, item) = (column(.extraLength), column(.extra), column(.item))
    }

    /// The events must have used up every column; the tables were read as a whole.
    func checkEnd() throws(NativeFault) {
        for column in [shape, process, time, key, node, number, fault, text, id, length] { try column.checkEnd() }
        for column in [version, clock, clockNumber, dotActor, dotCounter, extraLength, extra, item] {
            try column.checkEnd()
        }
    }
}
