/// A bounded cache of what was read or written last, by key: when it costs more than it may, the entry used longest ago
/// goes.
public struct LRUCache<Key: Hashable, Value> {
    private struct Node {
        var key: Key
        var value: Value
        var cost: Int
        var newer: Int
        var older: Int
    }

    private static var none: Int { -1 }

    /// What all entries together may cost.
    public let capacity: Int
    /// What they cost.
    public private(set) var cost = 0
    private var slots: [Key: Int] = [:]
    private var nodes: [Node] = []
    private var free: [Int] = []
    private var newest = LRUCache.none
    private var oldest = LRUCache.none

    public init(capacity: Int) { self.capacity = capacity }

    public var count: Int { slots.count }

    /// The value of a key, which counts as a use of it.
    public mutating func value(_ key: Key) -> Value? {
        guard let slot = slots[key] else { return nil }
        if slot != newest {
            unlink(slot)
            linkAsNewest(slot)
        }
        return nodes[slot].value
    }

    /// Remembers a value. One that costs more than the whole cache may is not kept.
    public mutating func insert(_ key: Key, _ value: Value, cost added: Int) {
        remove(key)
        guard added <= capacity else { return }
        while cost + added > capacity, oldest != Self.none { remove(nodes[oldest].key) }
        let node = Node(key: key, value: value, cost: added, newer: Self.none, older: Self.none)
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            nodes[slot] = node
        } else {
            slot = nodes.count
            nodes.append(node)
        }
        slots[key] = slot
        cost += added
        linkAsNewest(slot)
    }

    public mutating func remove(_ key: Key) {
        guard let slot = slots.removeValue(forKey: key) else { return }
        unlink(slot)
        cost -= nodes[slot].cost
        free.append(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let newer = nodes[slot].newer, older = nodes[slot].older
        if newer == Self.none { newest = older } else { nodes[newer].older = older }
        if older == Self.none { oldest = newer } else { nodes[older].newer = newer }
    }

    private mutating func linkAsNewest(_ slot: Int) {
        nodes[slot].newer = Self.none
        nodes[slot].older = newest
        if newest != Self.none { nodes[newest].newer = slot }
        newest = slot
        if oldest == Self.none { oldest = slot }
    }
}
