/// Where the search has been: a flat open-addressing table of (step, pending slots, state).
///
/// Everything is compared in full, never by a fingerprint: a false match would make a wrong verdict. Changing the epoch
/// empties the table.
///
/// Operations that never ended need not be put into any order, so the more of them are still pending the better: a
/// configuration is *behind* one that differs only in having more of them, and need not be entered after that one. For
/// this, configurations that differ in nothing else have the same hash, up to ``longestChain`` of them.
struct VisitedTable<Window: WindowBits> {
    private struct Entry {
        var pending: Window
        var state: Int64
        var step: Int32
        var epoch: Int32
    }

    private static var smallest: Int { 256 }
    private static var longestChain: Int { 64 }
    private var entries: ContiguousArray<Entry>
    private var epoch: Int32 = 1
    /// The slots of operations that never ended.
    private var lost = Window.empty
    private(set) var count = 0
    /// The entries of a table that had to grow for this search alone: what is asked for, so that no answer depends on what was
    /// searched before.
    private var room = VisitedTable.smallest

    init() { entries = VisitedTable.blank(VisitedTable.smallest) }

    private static func blank(_ count: Int) -> ContiguousArray<Entry> {
        ContiguousArray(repeating: Entry(pending: .empty, state: 0, step: 0, epoch: 0), count: count)
    }

    /// Bytes in use while the table grows once more: the old one and one twice as large.
    var footprintOfGrowth: Int { room * MemoryLayout<Entry>.stride * 3 }
    /// Whether the next insertion makes it grow.
    var isFull: Bool { count * 8 >= room * 5 }

    mutating func clear(lost: Window) {
        self.lost = lost
        count = 0
        room = VisitedTable.smallest
        if epoch == Int32.max || entries.count > 1 << 14 {
            entries = VisitedTable.blank(VisitedTable.smallest)
            epoch = 0
        }
        epoch += 1
    }

    /// Whether neither it nor one that it is behind was there.
    @inline(__always)
    mutating func insert(_ step: Int32, _ pending: Window, _ state: Int64) -> Bool {
        if isFull {
            room *= 2
            if room > entries.count { grow() }
        }
        let entry = Entry(pending: pending, state: state, step: step, epoch: epoch)
        let place = lost.isEmpty ? exactPlace(entry) : place(entry)
        guard place >= 0 else { return false }
        entries[place] = entry
        count += 1
        return true
    }

    private mutating func grow() {
        let old = entries
        entries = VisitedTable.blank(old.count * 2)
        for entry in old where entry.epoch == epoch {
            let place = lost.isEmpty ? exactPlace(entry) : place(entry)
            if place >= 0 { entries[place] = entry }
        }
    }

    /// A free place, or -1 when the same entry is there.
    @inline(__always)
    private func exactPlace(_ entry: Entry) -> Int {
        let mask = entries.count - 1
        var place = VisitedTable.hash(entry, entry.pending) & mask
        while entries[place].epoch == epoch {
            if entries[place].step == entry.step, entries[place].state == entry.state,
                entries[place].pending == entry.pending
            {
                return -1
            }
            place = (place + 1) & mask
        }
        return place
    }

    /// A free place, or -1 when an entry is there that this one is behind.
    private func place(_ entry: Entry) -> Int {
        let mask = entries.count - 1
        let ending = entry.pending.subtracting(lost)
        var place = VisitedTable.hash(entry, ending) & mask
        var chain = 0
        while entries[place].epoch == epoch {
            if entries[place].step == entry.step, entries[place].state == entry.state,
                entries[place].pending.subtracting(lost) == ending
            {
                if entry.pending.subtracting(entries[place].pending).isEmpty { return -1 }
                chain += 1
                if chain == VisitedTable.longestChain { return exactPlace(entry) }
            }
            place = (place + 1) & mask
        }
        return place
    }

    @inline(__always)
    private static func hash(_ entry: Entry, _ slots: Window) -> Int {
        let seed = fold(UInt64(bitPattern: entry.state) ^ UInt64(UInt32(bitPattern: entry.step)) << 32)
        return Int(truncatingIfNeeded: slots.hashed(from: seed) >> 1)
    }
}
