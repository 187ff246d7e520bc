/// The arrays of a history as a loop reads them that visits every event: by pointer, without a count of who holds them.
struct HistoryView {
    let events: UnsafeBufferPointer<Event>
    let versions: UnsafeBufferPointer<Version>
    let ids: UnsafeBufferPointer<UInt32>
    let clocks: UnsafeBufferPointer<ClockEntry>
    /// The codes of the strings: see ``Interner``.
    let codes: UnsafeBufferPointer<UInt64>
}

extension History {
    /// Calls `body` with a view that is good until it returns.
    func viewing(_ body: (HistoryView) throws(HistoryError) -> Void) throws(HistoryError) {
        try events.withUnsafeBufferPointer { (events) throws(HistoryError) in
            try versions.withUnsafeBufferPointer { (versions) throws(HistoryError) in
                try ids.withUnsafeBufferPointer { (ids) throws(HistoryError) in
                    try clocks.withUnsafeBufferPointer { (clocks) throws(HistoryError) in
                        try strings.withCodes { (codes) throws(HistoryError) in
                            try body(
                                HistoryView(events: events, versions: versions, ids: ids, clocks: clocks, codes: codes))
                        }
                    }
                }
            }
        }
    }
}
