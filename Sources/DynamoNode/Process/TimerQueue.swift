import Dynamo

/// The timers of a replica: each rings once, a timer set again replaces what it was set to before.
///
/// A heap of deadlines in which replaced and cancelled ones stay until their time: nearly every request timer is
/// cancelled.
public struct TimerQueue<Name: Hashable> {
    private struct Alarm {
        var deadline: Instant
        var serial: UInt64
        var name: Name
    }

    private var heap: [Alarm] = []
    private var serials: [Name: UInt64] = [:]
    private var lastSerial: UInt64 = 0

    public init() {}

    /// Timers set.
    public var count: Int { serials.count }

    public mutating func set(_ name: Name, deadline: Instant) {
        lastSerial += 1
        serials[name] = lastSerial
        heap.append(Alarm(deadline: deadline, serial: lastSerial, name: name))
        siftUp(heap.count - 1)
    }

    public mutating func cancel(_ name: Name) {
        serials[name] = nil
        if serials.isEmpty {
            heap.removeAll(keepingCapacity: true)
        } else if heap.count > 1_000, heap.count > 8 * serials.count {
            dropStale()
        }
    }

    /// When the next timer rings; nil when none is set.
    public mutating func nextDeadline() -> Instant? {
        while let first = heap.first, serials[first.name] != first.serial { removeFirst() }
        return heap.first?.deadline
    }

    /// Takes the next timer whose time has come; of several with one deadline, the one set first.
    public mutating func popDue(at now: Instant) -> Name? {
        guard let deadline = nextDeadline(), deadline <= now else { return nil }
        let name = heap[0].name
        removeFirst()
        serials[name] = nil
        return name
    }

    private mutating func dropStale() {
        let current = heap.filter { serials[$0.name] == $0.serial }
        heap.removeAll(keepingCapacity: true)
        for alarm in current {
            heap.append(alarm)
            siftUp(heap.count - 1)
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].deadline, heap[left].serial) < (heap[right].deadline, heap[right].serial)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, precedes(index, (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
