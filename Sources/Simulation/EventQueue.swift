import Dynamo

/// What is to happen, by virtual time; of what is due at one instant, what was scheduled first comes first.
struct EventQueue<Event> {
    /// Small, since the heap moves it about; the event itself stays in its slot.
    private struct Entry {
        var time: Instant
        var order: UInt64
        var slot: Int

        func isBefore(_ other: Entry) -> Bool { time != other.time ? time < other.time : order < other.order }
    }

    /// A binary heap, the next event first.
    private var heap: [Entry] = []
    private var slots: [Event?] = []
    private var freeSlots: [Int] = []
    private var scheduled: UInt64 = 0

    var nextTime: Instant? { heap.first?.time }

    mutating func schedule(_ event: Event, at time: Instant) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[free] = event
        } else {
            slot = slots.count
            slots.append(event)
        }
        heap.append(Entry(time: time, order: scheduled, slot: slot))
        scheduled += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        guard let event = slots[first.slot] else { return nil }
        slots[first.slot] = nil
        freeSlots.append(first.slot)
        return (first.time, event)
    }

    /// Restores the heap below its first entry.
    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least])
            {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
