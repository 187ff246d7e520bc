/// An operation of an ``Episode``.
struct EpisodeOperation {
    var first: Int64
    var second: Int64
    /// The number that ``Operations`` has for it.
    var number: Int32
    /// The step at which it ends; ``Episode/never`` when it does not.
    var end = Episode.never
    var slot: Int32 = -1
    /// The operation that had its slot before it; -1: none.
    var previous: Int32 = -1
    /// Operations with the same kind and arguments are of one class: they can stand in for each other.
    var group: Int32 = -1
    var kind: OperationKind
}

/// The operations of one group, numbered anew from 0 in the order in which they begin, each with a *slot*.
///
/// An operation holds its slot from its beginning to its end; then another may have it. So what is in flight at any
/// time is a set of slots, and as many slots are needed as operations were ever in flight together. One that never
/// ended keeps its slot for ever; one that never ended and never changes anything says nothing and is left out.
struct Episode {
    private(set) var operations = ContiguousArray<EpisodeOperation>()
    /// Operation × 2 for a beginning, operation × 2 + 1 for an end.
    private(set) var steps = ContiguousArray<Int32>()
    /// How many slots are in use.
    private(set) var slotCount = 0
    /// The slots from here on belong to operations that never end.
    private(set) var endingSlotCount = 0
    private(set) var classCount = 0

    private var freeSlots = ContiguousArray<Int32>()
    private var lastInSlot = ContiguousArray<Int32>()
    private var classTable = ClassTable()
    /// The number within the episode of an operation of the group, by its number in the whole; stale for others.
    private var local = ContiguousArray<Int32>()

    static let never = Int32.max
    private static let unended: Int32 = -1
    private static let ended: Int32 = -2

    init() {}

    /// Takes the operations of a group, in place of what was here; memory is kept.
    mutating func load(_ source: Operations, group: Int) {
        clear()
        if local.count < source.count { local = ContiguousArray(repeating: Episode.unended, count: source.count) }
        let taken = source.steps(of: group)
        for step in taken { local[Int(step >> 1)] = step & 1 == 1 ? Episode.ended : Episode.unended }
        for step in taken {
            let number = Int(step >> 1)
            if step & 1 == 1 {
                end(local[number])
            } else if local[number] == Episode.ended || !source.kinds[number].isObserver {
                local[number] = Int32(operations.count)
                begin(
                    EpisodeOperation(
                        first: source.firsts[number], second: source.seconds[number], number: Int32(number),
                        kind: source.kinds[number]))
            }
        }
        assignSlots()
    }

    /// Takes some steps of another episode. The ends of operations that are `optional` are not taken: they may happen
    /// at any time, or never.
    mutating func load(_ other: Episode, steps taken: ContiguousArray<Int32>, optional: Set<Int32>) {
        clear()
        var local = ContiguousArray<Int32>(repeating: -1, count: other.operations.count)
        for step in taken {
            let operation = step >> 1
            if step & 1 == 0 {
                local[Int(operation)] = Int32(operations.count)
                let copied = other.operations[Int(operation)]
                begin(
                    EpisodeOperation(
                        first: copied.first, second: copied.second, number: copied.number, kind: copied.kind))
            } else if local[Int(operation)] >= 0, !optional.contains(operation) {
                end(local[Int(operation)])
            }
        }
        assignSlots()
    }

    private mutating func clear() {
        operations.removeAll(keepingCapacity: true)
        steps.removeAll(keepingCapacity: true)
        freeSlots.removeAll(keepingCapacity: true)
        lastInSlot.removeAll(keepingCapacity: true)
        classTable.clear()
        slotCount = 0
        endingSlotCount = 0
        classCount = 0
    }

    private mutating func begin(_ operation: EpisodeOperation) {
        steps.append(Int32(operations.count) << 1)
        operations.append(operation)
    }

    private mutating func end(_ operation: Int32) {
        operations[Int(operation)].end = Int32(steps.count)
        steps.append(operation << 1 | 1)
    }

    /// Gives each operation its class, and the slot that was freed last; those that never end come behind all others.
    private mutating func assignSlots() {
        for step in steps {
            let number = Int(step >> 1)
            let operation = operations[number]
            if step & 1 == 1 {
                freeSlots.append(operation.slot)
                continue
            }
            operations[number].group = classTable.number(operation.kind, operation.first, operation.second)
            guard operation.end != Episode.never else { continue }
            let free = freeSlots.popLast()
            let slot = free ?? Int32(lastInSlot.count)
            if free == nil { lastInSlot.append(-1) }
            operations[number].previous = lastInSlot[Int(slot)]
            operations[number].slot = slot
            lastInSlot[Int(slot)] = Int32(number)
        }
        endingSlotCount = lastInSlot.count
        slotCount = endingSlotCount
        for number in operations.indices where operations[number].end == Episode.never {
            operations[number].slot = Int32(slotCount)
            slotCount += 1
        }
        classCount = classTable.count
    }
}
