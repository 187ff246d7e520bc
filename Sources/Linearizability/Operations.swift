/// The operations of many objects, as columns: what each did, and in which order they began and ended.
///
/// A *group* is the operations of one object. Linearizability is local (Herlihy and Wing, 1990): a history is
/// linearizable when each object's is, so groups are decided one by one.
public struct Operations: Sendable {
    /// The code of the value that a register has before anything was written.
    public static let initialValue: Int64 = 0

    /// By operation.
    public private(set) var kinds = ContiguousArray<OperationKind>()
    public private(set) var firsts = ContiguousArray<Int64>()
    public private(set) var seconds = ContiguousArray<Int64>()
    /// The beginnings (operation × 2) and ends (operation × 2 + 1) of all groups, group after group, in the order in
    /// which they happened. An operation of which nobody knows how it ended has no end.
    private var steps = ContiguousArray<Int32>()
    private var starts: ContiguousArray<Int32> = [0]
    /// Before ``seal()``: the steps as they come, and the group of each.
    private var rawSteps = ContiguousArray<Int32>()
    private var groupOf = ContiguousArray<Int32>()
    public private(set) var groupCount = 0

    public init() {}

    public var count: Int { kinds.count }

    /// Room for so many operations.
    public mutating func reserve(_ count: Int) {
        kinds.reserveCapacity(count)
        firsts.reserveCapacity(count)
        seconds.reserveCapacity(count)
        groupOf.reserveCapacity(count)
        rawSteps.reserveCapacity(2 * count)
    }

    /// An operation of `group` (0 and up) begins. At most 2³⁰ operations.
    ///
    /// - Returns: its number, for ``end(_:)``.
    public mutating func begin(group: Int, _ kind: OperationKind, _ first: Int64 = 0, _ second: Int64 = 0) -> Int32 {
        let number = Int32(kinds.count)
        kinds.append(kind)
        firsts.append(first)
        seconds.append(second)
        groupOf.append(Int32(group))
        groupCount = max(groupCount, group + 1)
        rawSteps.append(number << 1)
        return number
    }

    /// An operation that has begun ends.
    public mutating func end(_ operation: Int32) { rawSteps.append(operation << 1 | 1) }

    /// Sorts the steps by group; to be called once, after the last step.
    public mutating func seal() {
        var next = ContiguousArray<Int32>(repeating: 0, count: groupCount + 1)
        for step in rawSteps { next[Int(groupOf[Int(step >> 1)]) + 1] += 1 }
        for group in 0..<groupCount { next[group + 1] += next[group] }
        starts = next
        steps = ContiguousArray(repeating: 0, count: rawSteps.count)
        for step in rawSteps {
            let group = Int(groupOf[Int(step >> 1)])
            steps[Int(next[group])] = step
            next[group] += 1
        }
        rawSteps = []
        groupOf = []
    }

    /// The steps of a group.
    func steps(of group: Int) -> ContiguousArray<Int32>.SubSequence {
        steps[Int(starts[group])..<Int(starts[group + 1])]
    }
}
