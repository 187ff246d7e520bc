/// Decides registers to which every value is written at most once, in time linear in the operations.
///
/// Gibbons and Korach, *Testing shared memories* (SIAM Journal on Computing 26, 1997): the operations on one value, a
/// write and its reads, form a *cluster*; all the time from the first end among them to the last beginning the register
/// must have held that value. When the first end comes before the last beginning, that time is the cluster's *forward
/// zone*; else the operations overlap all together, and they may happen at any instant of the *backward zone* from the
/// last beginning to the first end. The history is linearizable when no read ends before its write begins, no two
/// forward zones overlap, and no backward zone lies within a forward zone.
struct UniqueValues {
    /// The operations on one value.
    private struct Cluster {
        /// -1 for the initial value, which was there before everything.
        var write: Int32
        var writeBegin: Int32 = -1
        /// The step of the first end among them, and the operation.
        var firstEnd = Episode.never
        var firstEnding: Int32 = -1
        /// The step of the last beginning among them, and the operation.
        var lastBegin: Int32 = -1
        var lastBeginning: Int32 = -1

        var isForward: Bool { firstEnd < lastBegin }

        /// Operations that show how long the value was there.
        var witnesses: [Int32] { [write, firstEnding, lastBeginning].filter { $0 >= 0 } }
    }

    enum Outcome: Equatable {
        /// There are other operations than reads and writes, or a value is written twice.
        case notApplicable
        case linearizable
        /// The operations of the episode that prove it is not.
        case notLinearizable([Int32])
    }

    private var clusters = ContiguousArray<Cluster>()
    private var clusterOfValue: [Int64: Int32] = [:]
    /// By operation; -1: of a value that nobody wrote.
    private var clusterOfOperation = ContiguousArray<Int32>()
    /// By step: the cluster whose zone begins there; -1: none.
    private var zoneAt = ContiguousArray<Int32>()

    init() {}

    mutating func decide(_ episode: Episode) -> Outcome {
        guard collectWrites(episode) else { return .notApplicable }
        if let stray = assignReads(episode) { return .notLinearizable([stray]) }
        measure(episode)
        for cluster in clusters where cluster.firstEnd < cluster.writeBegin {
            return .notLinearizable(UniqueValues.sorted([cluster.write, cluster.firstEnding]))
        }
        return compareZones(episode.steps.count)
    }

    /// A cluster for each write; false when a value is written twice or something else is done than reading and writing.
    private mutating func collectWrites(_ episode: Episode) -> Bool {
        clusters.removeAll(keepingCapacity: true)
        clusterOfValue.removeAll(keepingCapacity: true)
        clusterOfOperation.removeAll(keepingCapacity: true)
        clusters.append(Cluster(write: -1, firstEnd: -1))
        clusterOfValue[Operations.initialValue] = 0
        for number in episode.operations.indices {
            let operation = episode.operations[number]
            clusterOfOperation.append(-1)
            if operation.kind == .read { continue }
            let cluster = Int32(clusters.count)
            guard operation.kind == .write, clusterOfValue.updateValue(cluster, forKey: operation.first) == nil
            else { return false }
            clusters.append(Cluster(write: Int32(number)))
            clusterOfOperation[number] = cluster
        }
        return true
    }

    /// Gives each read its cluster; a read of a value that nobody wrote is returned.
    private mutating func assignReads(_ episode: Episode) -> Int32? {
        for number in episode.operations.indices where episode.operations[number].kind == .read {
            guard let cluster = clusterOfValue[episode.operations[number].first] else { return Int32(number) }
            clusterOfOperation[number] = cluster
        }
        return nil
    }

    private mutating func measure(_ episode: Episode) {
        for position in episode.steps.indices {
            let operation = episode.steps[position] >> 1
            let number = Int(clusterOfOperation[Int(operation)])
            if episode.steps[position] & 1 == 0 {
                clusters[number].lastBegin = Int32(position)
                clusters[number].lastBeginning = operation
                if clusters[number].write == operation { clusters[number].writeBegin = Int32(position) }
            } else if clusters[number].firstEnd == Episode.never {
                clusters[number].firstEnd = Int32(position)
                clusters[number].firstEnding = operation
            }
        }
    }

    /// Walks over the zones by where they begin.
    private mutating func compareZones(_ stepCount: Int) -> Outcome {
        zoneAt.removeAll(keepingCapacity: true)
        zoneAt.append(contentsOf: repeatElement(-1, count: stepCount))
        for number in clusters.indices.dropFirst() {
            zoneAt[Int(min(clusters[number].firstEnd, clusters[number].lastBegin))] = Int32(number)
        }
        // The initial value is there from the beginning to its last read.
        var current = 0
        for position in zoneAt.indices where zoneAt[position] >= 0 {
            let cluster = clusters[Int(zoneAt[position])]
            let holder = clusters[current]
            let collides =
                cluster.isForward ? holder.lastBegin > Int32(position) : holder.lastBegin > cluster.firstEnd
            if collides && holder.isForward {
                return .notLinearizable(UniqueValues.sorted(holder.witnesses + cluster.witnesses))
            }
            if cluster.isForward { current = Int(zoneAt[position]) }
        }
        return .linearizable
    }

    private static func sorted(_ operations: [Int32]) -> [Int32] { Set(operations).sorted() }
}
