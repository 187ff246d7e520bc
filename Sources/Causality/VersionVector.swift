/// What has been seen, as one counter an actor: entry `(i, c)` stands for the dots `(i, 1) … (i, c)`.
///
/// The paper calls it a vector clock (DeCandia et al. 2007, §4.4). Entries are sorted by actor, each actor once, no
/// counter zero: equal vectors are equal arrays, and every operation is one linear walk.
public struct VersionVector: Hashable, Sendable, CustomStringConvertible {
    /// One actor's counter.
    public struct Entry: Hashable, Sendable {
        public var actor: Actor
        public var counter: UInt64

        public init(actor: Actor, counter: UInt64) {
            self.actor = actor
            self.counter = counter
        }
    }

    /// In ascending order of actor, counters above zero.
    public private(set) var entries: [Entry]

    /// Nothing seen.
    public init() { entries = [] }

    /// Takes entries in any order: the greatest counter of each actor counts, zeros are dropped.
    public init(entries unordered: [Entry]) {
        entries = []
        entries.reserveCapacity(unordered.count)
        for entry in unordered.sorted(by: { $0.actor < $1.actor }) where entry.counter > 0 {
            if let last = entries.last, last.actor == entry.actor {
                entries[entries.count - 1].counter = max(last.counter, entry.counter)
            } else {
                entries.append(entry)
            }
        }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// The counter of an actor, 0 when nothing of it was seen.
    public subscript(actor: Actor) -> UInt64 {
        let index = lowerBound(actor)
        return index < entries.count && entries[index].actor == actor ? entries[index].counter : 0
    }

    /// Whether the event was seen.
    public func contains(_ dot: Dot) -> Bool { dot.counter > 0 && self[dot.actor] >= dot.counter }

    /// Adds everything that `other` has seen.
    public mutating func merge(_ other: VersionVector) {
        if other.entries.isEmpty { return }
        if entries.isEmpty { entries = other.entries } else { entries = merging(other).entries }
    }

    /// The least vector that has seen what either has: entry by entry the greater counter.
    public func merging(_ other: VersionVector) -> VersionVector {
        var joined: [Entry] = []
        joined.reserveCapacity(max(entries.count, other.entries.count))
        var left = 0
        var right = 0
        while left < entries.count, right < other.entries.count {
            let mine = entries[left]
            let theirs = other.entries[right]
            if mine.actor == theirs.actor {
                joined.append(Entry(actor: mine.actor, counter: max(mine.counter, theirs.counter)))
                left += 1
                right += 1
            } else if mine.actor < theirs.actor {
                joined.append(mine)
                left += 1
            } else {
                joined.append(theirs)
                right += 1
            }
        }
        joined.append(contentsOf: entries[left...])
        joined.append(contentsOf: other.entries[right...])
        var result = VersionVector()
        result.entries = joined
        return result
    }

    /// Adds the dot, and with it every earlier one of its actor.
    public mutating func insert(_ dot: Dot) {
        if dot.counter == 0 { return }
        let index = lowerBound(dot.actor)
        if index < entries.count, entries[index].actor == dot.actor {
            entries[index].counter = max(entries[index].counter, dot.counter)
        } else {
            entries.insert(Entry(actor: dot.actor, counter: dot.counter), at: index)
        }
    }

    /// Whether everything that `other` has seen was seen here too; true for equal vectors.
    public func descends(from other: VersionVector) -> Bool {
        var index = 0
        for theirs in other.entries {
            while index < entries.count, entries[index].actor < theirs.actor { index += 1 }
            guard index < entries.count, entries[index].actor == theirs.actor,
                entries[index].counter >= theirs.counter
            else { return false }
        }
        return true
    }

    /// `{n1.7:3, n2.9:1}`.
    public var description: String {
        "{" + entries.map { "\($0.actor):\($0.counter)" }.joined(separator: ", ") + "}"
    }

    /// The first index whose actor is not before `actor`.
    private func lowerBound(_ actor: Actor) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].actor < actor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
