import History

/// How far behind the reads of a history were, in the manner of *Probabilistically Bounded Staleness* (Bailis et al., 2012).
///
/// A read misses an acknowledged put that completed before the read began, when the read returned neither it nor a version
/// that had seen it, and no delete that had seen it was asked for before the read ended.
public struct StalenessCurve: Sendable, Hashable {
    /// Reads looked at: all of them, or of keys with very many operations every so many-th.
    public private(set) var reads = 0
    /// Completed reads in all.
    public private(set) var allReads = 0
    /// How old, in nanoseconds, the oldest write was that a read missed; only of reads that missed one; ascending.
    public private(set) var ages: [Int64] = []
    /// By the number of writes that a read missed, from 1 on: how many reads.
    public private(set) var missed: [Int: Int] = [:]

    /// Steps that one key's reads may cost together before only some of them are looked at.
    private static let workLimit = 4_000_000

    public init(_ history: History, partner: ContiguousArray<Int32>) {
        var keys: [UInt32: KeyWork] = [:]
        for index in history.events.indices {
            let event = history.events[index]
            guard event.process.isClient, event.key != Interner.none else { continue }
            switch (event.function, event.type) {
            case (.put, .invoke), (.delete, .invoke): keys[event.key, default: KeyWork()].writes.append(Int32(index))
            case (.get, .ok) where partner[index] >= 0: keys[event.key, default: KeyWork()].reads.append(Int32(index))
            default: continue
            }
        }
        for key in keys.keys.sorted() { keys[key].map { judge($0, history, partner) } }
        ages.sort()
    }

    /// The share of reads that returned everything acknowledged at least `nanoseconds` before they began.
    public func share(after nanoseconds: Int64) -> Double {
        guard reads > 0 else { return 1 }
        var low = 0, high = ages.count
        while low < high {
            let middle = (low + high) / 2
            if ages[middle] >= nanoseconds { high = middle } else { low = middle + 1 }
        }
        return 1 - Double(ages.count - low) / Double(reads)
    }

    private struct KeyWork {
        var writes: [Int32] = []
        var reads: [Int32] = []
    }

    private mutating func judge(_ work: KeyWork, _ history: History, _ partner: ContiguousArray<Int32>) {
        allReads += work.reads.count
        var graph = Graph(work.writes, history, partner)
        let stride = max(1, work.writes.count * work.reads.count / Self.workLimit)
        for position in Swift.stride(from: 0, to: work.reads.count, by: stride) {
            reads += 1
            let completion = Int(work.reads[position]), invocation = Int(partner[completion])
            let (count, oldest) = graph.missed(
                by: history.versions(of: history.events[completion]), invocation, completion)
            guard count > 0 else { continue }
            missed[count, default: 0] += 1
            ages.append(history.events[invocation].time &- oldest)
        }
    }

    /// The writes of one key and what each had seen.
    private struct Graph {
        private struct Node {
            var invocation: Int32
            var completion: Int32
            /// Nanoseconds; of an acknowledged put.
            var acknowledged: Int64?
            var isPossibleDelete: Bool
            var parents: Range<Int>
        }

        private var nodes: [Node] = []
        private var parents: [Int32] = []
        private var number: [UInt32: Int32] = [:]
        private var stamp: [Int32]
        private var round: Int32 = 0
        private var stack: [Int32] = []

        init(_ writes: [Int32], _ history: History, _ partner: ContiguousArray<Int32>) {
            stamp = Array(repeating: 0, count: writes.count)
            for (position, index) in writes.enumerated() { number[history.events[Int(index)].value] = Int32(position) }
            for index in writes {
                let event = history.events[Int(index)]
                let start = parents.count
                for id in history.ids(of: event) { if let parent = number[id] { parents.append(parent) } }
                let completion = partner[Int(index)]
                let type = completion < 0 ? EventType.info : history.events[Int(completion)].type
                nodes.append(
                    Node(
                        invocation: index, completion: completion,
                        acknowledged: type == .ok && event.function == .put
                            ? history.events[Int(completion)].time : nil,
                        isPossibleDelete: event.function == .delete && type != .fail, parents: start..<parents.count))
            }
        }

        /// How many acknowledged puts a read misses, and when the oldest of them was acknowledged.
        mutating func missed(
            by versions: ArraySlice<Version>, _ invocation: Int, _ completion: Int
        ) -> (count: Int, oldest: Int64) {
            round += 1
            for version in versions { if let position = number[version.id] { visit(position) } }
            for (position, node) in nodes.enumerated() where node.invocation < completion && node.isPossibleDelete {
                visit(Int32(position))
            }
            while let next = stack.popLast() {
                for place in nodes[Int(next)].parents { visit(parents[place]) }
            }
            var count = 0
            var oldest = Int64.max
            for (position, node) in nodes.enumerated() {
                if node.invocation > invocation { break }
                guard let acknowledged = node.acknowledged, node.completion < invocation, stamp[position] != round
                else { continue }
                count += 1
                oldest = min(oldest, acknowledged)
            }
            return (count, oldest)
        }

        private mutating func visit(_ position: Int32) {
            guard stamp[Int(position)] != round else { return }
            stamp[Int(position)] = round
            stack.append(position)
        }
    }
}
