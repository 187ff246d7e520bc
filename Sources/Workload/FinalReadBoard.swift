/// Which key is still to be read through which node at the end of a run. A value without I/O.
struct FinalReadBoard: Sendable {
    private let nodes: Int
    /// Through how many different nodes each key is read.
    private let copies: Int
    private let keys: [String]
    /// Positions of keys to be read through each node.
    private var queues: [[Int]]
    /// The nodes through which each key was read.
    private var done: [Set<Int>]
    private(set) var succeeded = 0

    /// A read that is to be done.
    struct Job: Sendable {
        var key: String
        var node: Int
        fileprivate var position: Int
    }

    init(keys: [String], nodes: Int, copies: Int = 2) {
        self.nodes = nodes
        self.copies = min(copies, nodes)
        self.keys = keys
        queues = Array(repeating: [], count: nodes)
        done = Array(repeating: [], count: keys.count)
        for position in keys.indices {
            for copy in 0..<self.copies { queues[(position + copy) % nodes].append(position) }
        }
    }

    /// A read through `node`, or through the next node that has one waiting.
    mutating func take(near node: Int) -> Job? {
        for step in 0..<nodes {
            let candidate = (node + step) % nodes
            guard let position = queues[candidate].popLast() else { continue }
            return Job(key: keys[position], node: candidate, position: position)
        }
        return nil
    }

    mutating func succeed(_ job: Job) {
        done[job.position].insert(job.node)
        succeeded += 1
    }

    /// The read is done again, through the next node that has not read the key.
    mutating func fail(_ job: Job) {
        let others = (1...nodes).map { (job.node + $0) % nodes }
        let next = others.first { !done[job.position].contains($0) } ?? job.node
        queues[next].insert(job.position, at: 0)
    }

    /// Keys that were not read through enough nodes.
    var unread: [String] {
        keys.indices.filter { done[$0].count < copies }.map { keys[$0] }
    }
}
