/// The last ids of each key of a block, the latest first: what turns an id into a small code.
struct RecentIDs {
    private static let none = UInt32.max
    private static let depth = NativeLayout.recentIDs
    private var table: UncheckedArray<UInt32>
    /// How many ids of the block came up so far.
    private(set) var known = 0

    /// - Parameter rows: one for each key, and one for the events without.
    init(rows: Int) { table = UncheckedArray(repeating: RecentIDs.none, count: rows * RecentIDs.depth) }

    /// The code of an id, which then becomes the latest of its key. `id` is at most ``known``.
    mutating func encode(_ id: Int, row: Int) -> UInt64 {
        let start = row * RecentIDs.depth
        if id == known {
            known += 1
            moveToFront(UInt32(id), from: RecentIDs.depth - 1, start)
            return 0
        }
        for place in 0..<RecentIDs.depth where table[start + place] == UInt32(id) {
            moveToFront(UInt32(id), from: place, start)
            return UInt64(place + 1)
        }
        moveToFront(UInt32(id), from: RecentIDs.depth - 1, start)
        return UInt64(RecentIDs.depth + 1 + known - 1 - id)
    }

    /// The id behind a code; `count` is the size of the block's id table.
    @inline(__always)
    mutating func decode(_ code: UInt64, row: Int, count: Int) throws(NativeFault) -> Int {
        let start = row * RecentIDs.depth
        if code == 0 {
            guard known < count else { throw NativeFault("more ids come up than the block has") }
            known += 1
            moveToFront(UInt32(known - 1), from: RecentIDs.depth - 1, start)
            return known - 1
        }
        if code <= UInt64(RecentIDs.depth) {
            let place = Int(code) - 1
            let id = table[start + place]
            if id == RecentIDs.none { throw NativeFault("a key has no such recent id") }
            moveToFront(id, from: place, start)
            return Int(id)
        }
        let distance = code - UInt64(RecentIDs.depth + 1)
        guard distance < UInt64(known) else { throw NativeFault("an id lies before the first one") }
        let id = known - 1 - Int(distance)
        moveToFront(UInt32(id), from: RecentIDs.depth - 1, start)
        return id
    }

    @inline(__always)
    private func moveToFront(_ id: UInt32, from place: Int, _ start: Int) {
        var place = place
        while place > 0 {
            table[start + place] = table[start + place - 1]
            place -= 1
        }
        table[start] = id
    }
}
