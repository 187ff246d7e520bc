import Dynamo

/// Changes that are in the commit log and not in the databases, those of many batches in one: what the next filling of the
/// databases writes, and until then the truth for readers.
struct Memtable: Sendable {
    /// The changes, the latest of each kind and key.
    private(set) var changes = WriteBatch()
    /// About the bytes that it takes.
    private(set) var cost = 0
    /// Changed objects by the first byte of their position, for ranges.
    private var slots: [[Place]] = []

    private struct Place {
        let position: Hash128
        let key: Key
    }

    var isEmpty: Bool { changes.isEmpty }
    var count: Int { changes.count }

    /// Adds a later batch.
    mutating func absorb(_ batch: WriteBatch) {
        cost += batch.cost
        changes.objectsAdded += batch.objectsAdded
        if slots.isEmpty { slots = Array(repeating: [], count: 256) }
        for (key, change) in batch.objects {
            changes.corrupt.remove(key)
            if changes.objects.updateValue(change, forKey: key) == nil {
                slots[Self.slot(change.position)].append(Place(position: change.position, key: key))
            }
        }
        changes.corrupt.formUnion(batch.corrupt)
        changes.hints.merge(batch.hints) { $1 }
        changes.numbers.merge(batch.numbers) { $1 }
        changes.buckets.merge(batch.buckets) { $1 }
        changes.membership = batch.membership ?? changes.membership
    }

    /// How many objects more there will be, told by whoever has looked.
    mutating func setObjectsAdded(_ count: Int) { changes.objectsAdded = count }

    /// The changed objects at positions, in no order.
    func forEachObject(from: Hash128, through: Hash128, _ body: (Key, WriteBatch.ObjectChange) -> Void) {
        if slots.isEmpty || from > through { return }
        for slot in Self.slot(from)...Self.slot(through) {
            for place in slots[slot] where place.position >= from && place.position <= through {
                if let change = changes.objects[place.key] { body(place.key, change) }
            }
        }
    }

    private static func slot(_ position: Hash128) -> Int { Int(position.high >> 56) }
}
