/// Stored entries in memory, in order of ring position: what stores without a disk answer
/// ``LocalStore/entries(from:through:after:limit:)`` from.
///
/// Positions are spread evenly, so 256 sorted arrays, by the first byte, keep insertion cheap at a million entries.
public struct PositionIndex: Sendable {
    private var slots: [[StoredEntry]] = Array(repeating: [], count: 256)

    public init() {}

    /// Sets the hash of a key's siblings; nil removes the key.
    public mutating func set(_ key: Key, hash: Hash128?) {
        let entry = StoredEntry(position: key.position, key: key, hash: hash ?? .zero)
        let slot = PositionIndex.slot(entry.position)
        let at = slots[slot].firstIndex(that: { !($0 < entry) })
        let isThere = at < slots[slot].count && slots[slot][at].key == key
        switch (isThere, hash) {
        case (true, nil): slots[slot].remove(at: at)
        case (true, _): slots[slot][at] = entry
        case (false, nil): break
        case (false, _): slots[slot].insert(entry, at: at)
        }
    }

    /// As ``LocalStore/entries(from:through:after:limit:)`` has it.
    public func entries(from: Hash128, through: Hash128, after: Key?, limit: Int) -> [StoredEntry] {
        var found: [StoredEntry] = []
        let last = after.map { StoredEntry(position: $0.position, key: $0, hash: .zero) }
        let start = max(from, last?.position ?? from)
        guard start <= through else { return [] }
        for slot in PositionIndex.slot(start)...PositionIndex.slot(through) {
            let entries = slots[slot]
            var next = entries.firstIndex(that: { entry in
                entry.position >= start && (last.map { $0 < entry } ?? true)
            })
            while next < entries.count, entries[next].position <= through {
                if found.count >= limit { return found }
                found.append(entries[next])
                next += 1
            }
        }
        return found
    }

    private static func slot(_ position: Hash128) -> Int { Int(position.high >> 56) }
}

extension [StoredEntry] {
    /// The first index that satisfies what all later ones do, too.
    fileprivate func firstIndex(that satisfies: (StoredEntry) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if satisfies(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
