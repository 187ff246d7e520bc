/// The nodes that clients may turn to: members, as whoever runs the store has announced them, like a load balancer that is told
/// when a node is to be taken away. It knows nothing of who is well. Belongs to the load runner and its event loop.
final class Roster {
    /// By position in the list of endpoints.
    private var isOpen: [Bool]

    init(count: Int, absent: Set<Int>) { isOpen = (0..<max(0, count)).map { !absent.contains($0) } }

    /// The positions that are open, in order.
    var open: [Int] { isOpen.indices.filter { isOpen[$0] } }

    func contains(_ node: Int) -> Bool { isOpen.indices.contains(node) && isOpen[node] }

    /// From now on only these may be turned to. The last node is never closed: where nobody is left, all stay.
    func keep(_ nodes: Set<Int>) {
        guard isOpen.indices.contains(where: nodes.contains) else { return }
        for node in isOpen.indices { isOpen[node] = nodes.contains(node) }
    }

    /// The open node after another in the circle of all; that one itself when there is no other.
    func next(after node: Int) -> Int {
        for step in 1...max(1, isOpen.count) {
            let candidate = (node + step) % max(1, isOpen.count)
            if contains(candidate) { return candidate }
        }
        return node
    }
}
