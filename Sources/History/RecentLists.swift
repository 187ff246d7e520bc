/// The last list of versions of each key of a block, which the next list of the key or of a client is often the same as:
/// see "Lists" in Format.md.
struct RecentLists {
    /// A list, and the row of its key.
    struct List {
        var row: Int
        /// Where it is in ``ids``.
        var start: Int32
        var end: Int32
        var range: Range<Int> { Int(start)..<Int(end) }
    }

    private struct Place {
        var start: Int32 = -1
        var end: Int32 = -1
    }

    /// The ids of all lists that were given: identifiers for the encoder, positions in the block's id table for the
    /// decoder.
    var ids = UncheckedArray<UInt32>()
    /// For each row, where its last list begins and ends; -1: it has none.
    private var places = UncheckedArray<Place>()
    private var start = 0

    /// - Parameter rows: one for each key, and one for the events without.
    mutating func reset(rows: Int) {
        ids.removeAll()
        places.removeAll()
        places.grow(to: rows, filling: Place())
    }

    @inline(__always)
    func last(_ row: Int) -> List? {
        let place = places[row]
        return place.start < 0 ? nil : List(row: row, start: place.start, end: place.end)
    }

    /// From here on ``ids`` grows by a list.
    mutating func begin() { start = ids.count }

    /// The list that grew is the last one of the row.
    mutating func end(_ row: Int) { places[row] = Place(start: Int32(start), end: Int32(ids.count)) }
}

/// How a list is coded: see "Lists" in Format.md.
enum ListCode {
    /// The same as an earlier one.
    static let same: UInt64 = 0
    /// Added to the length of a list that is given.
    static let given: UInt64 = 1
}
