/// The columns of a block being written.
///
/// Behind a pointer, for an event writes to ten of them: nobody else holds them, and nobody is asked.
final class ColumnSet {
    private let columns: UnsafeMutableBufferPointer<ColumnWriter>

    init() {
        columns = .allocate(capacity: Column.allCases.count)
        for place in columns.indices { columns.initializeElement(at: place, to: ColumnWriter()) }
    }

    deinit {
        columns.deinitialize()
        columns.deallocate()
    }

    subscript(column: Column) -> ColumnWriter {
        @inline(__always) get { columns[column.rawValue] }
        @inline(__always) _modify { yield &columns[column.rawValue] }
    }

    func reset() {
        for place in columns.indices { columns[place].reset() }
    }

    /// The payload of a block: the unit of time, how long each column is, and the columns.
    func payload(unit: Int64) -> [UInt8] {
        var result = ColumnWriter()
        result.varint(UInt64(unit))
        for column in columns { result.varint(column.count) }
        for column in columns { result.append(column) }
        return result.bytes
    }
}
