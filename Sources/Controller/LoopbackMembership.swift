import Nemesis

/// Changes of the ring, as an administrator makes them. Each call blocks until the change is complete.
extension LoopbackCluster {
    /// How long a change may take, in seconds.
    private static let changeLimit = 90

    /// Starts a node that is new to the ring and waits until it serves; its position. ``settle(_:)`` tells when it has all that it
    /// should have.
    public func join(_ name: String) throws(NodeProcessError) -> Int {
        guard let index = add(name) else { throw NodeProcessError(node: name, reason: "cannot join: no member runs") }
        try launch(index)
        try awaitReadiness(index)
        return index
    }

    /// Waits until nothing is pending that a node knows of.
    public func settle(_ index: Int) throws(NodeProcessError) { try change(.settle(nodes[index].link), at: index) }

    /// Lets a node leave and waits until it may be stopped; it runs on and serves.
    public func leave(_ index: Int) throws(NodeProcessError) {
        guard let member = nodes.indices.first(where: { $0 != index && nodes[$0].pid != nil }) else {
            throw NodeProcessError(node: nodes[index].name, reason: "cannot leave: no other member runs")
        }
        try change(.leave(nodes[index].link), at: member)
    }

    private func change(_ change: RingChange, at index: Int) throws(NodeProcessError) {
        for command in store.commands(for: change, through: nodes[index].link) {
            do throws(ToolError) {
                try Tool.run([command.executable] + command.arguments, limit: Self.changeLimit)
            } catch {
                throw NodeProcessError(node: nodes[index].name, reason: "\(error)")
            }
        }
    }
}
