/// What has been seen, as one counter an actor: entry `(i, c)` stands for the dots `(i, 1) … (i, c)`.
///
/// The paper calls it a vector clock (DeCandia et al. 2007, §4.4). Entries are sorted by actor, each actor once, no
/// counter zero: equal vectors are equal arrays, and every operation is one linear walk.
public struct VersionVector: Hashable, Sendable, CustomStringConvertible {
    /// One actor's counter.
    public struct Entry: Hashable, Sendable {
        public var actor: Actor
        public var counter: UInt64
        /// When the actor counted that far, in microseconds since 1970 by its wall clock; 0 where nobody asks, which is
        /// everywhere but in the classic clocks that are truncated by it (``SiblingSet/writeClassic(dot:context:at:limit:payload:tombstone:)``).
        public var time: UInt64

        public init(actor: Actor, counter: UInt64, time: UInt64 = 0) {
            self.actor = actor
            self.counter = counter
            self.time = time
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
                entries[entries.count - 1] = Self.later(last, entry)
            } else {
                entries.append(entry)
            }
        }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// Whether entries tell their time.
    public var isTimed: Bool { entries.contains { $0.time > 0 } }

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
                joined.append(Self.later(mine, theirs))
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

    /// Of two entries of one actor the one that has seen more.
    private static func later(_ left: Entry, _ right: Entry) -> Entry {
        (left.counter, left.time) < (right.counter, right.time) ? right : left
    }

    /// Adds the dot, and with it every earlier one of its actor.
    ///
    /// - Parameter time: see ``Entry/time``.
    public mutating func insert(_ dot: Dot, time: UInt64 = 0) {
        if dot.counter == 0 { return }
        let index = lowerBound(dot.actor)
        let entry = Entry(actor: dot.actor, counter: dot.counter, time: time)
        if index < entries.count, entries[index].actor == dot.actor {
            entries[index] = Self.later(entries[index], entry)
        } else {
            entries.insert(entry, at: index)
        }
    }

    /// Drops the oldest entries by ``Entry/time`` until `limit` are left, never that of `actor`: the paper's clock
    /// truncation (DeCandia et al. 2007, §4.4). What is dropped is forgotten, not seen any more.
    public mutating func truncate(to limit: Int, keeping actor: Actor) {
        while entries.count > max(1, limit) {
            let others = entries.indices.filter { entries[$0].actor != actor }
            // At least two entries are left, of which one at most is the actor's.
            guard let oldest = others.min(by: { entries[$0].time < entries[$1].time }) else { return }
            entries.remove(at: oldest)
        }
    }

    /// The vector without the dot, where the dot is the latest of its actor: what had been seen before it happened.
    public func before(_ dot: Dot) -> VersionVector {
        var past = self
        let index = lowerBound(dot.actor)
        guard index < entries.count, entries[index].actor == dot.actor, entries[index].counter == dot.counter else {
            return past
        }
        if dot.counter > 1 { past.entries[index].counter -= 1 } else { past.entries.remove(at: index) }
        return past
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
