import Nemesis

/// Nodes that join and leave while the load goes on.
extension SandboxBench {
    /// How long a change of the ring may take, in seconds.
    private static let changeLimit = 90

    public func join(_ node: String) async throws {
        let newcomer = try link(node)
        let through = try member(except: [])
        try startJoining(newcomer, through)
        changeRing { $0.insert(node) }
        try await awaitReady([node])
        await tellClients()
        try await change(.settle(newcomer), through: through)
    }

    /// As an administrator goes about it: clients stay until the node says that it may be stopped, are told of another, and only
    /// then it is stopped. What fails at it until then counts, as at any member.
    public func leave(_ node: String) async throws {
        let through = try member(except: [node])
        try await change(.leave(try link(node)), through: through)
        changeRing { $0.remove(node) }
        await tellClients()
        try await stop(node)
    }

    public func replace(_ node: String, with newcomer: String) async throws {
        let through = try member(except: [node, newcomer])
        let link = try link(newcomer)
        changeRing {
            $0.remove(node)
            $0.insert(newcomer)
        }
        try await change(.replace(try self.link(node), with: link), through: through)
        try startJoining(link, through)
        try await awaitReady([newcomer])
        await tellClients()
        try await change(.settle(link), through: through)
    }

    private func startJoining(_ newcomer: NodeLink, _ through: NodeLink) throws {
        guard
            var command = store.joinCommand(
                for: newcomer, through: through, dataDirectory: directory.data(of: newcomer.node))
        else { throw NodeProcessError(node: newcomer.node, reason: "cannot join: \(store.name) knows no joining") }
        command.environment.merge(equipment.environment(of: newcomer.node)) { _, fault in fault }
        let process = try process(newcomer.node)
        process.replaceCommand(command)
        try process.start()
    }

    /// A running member, for an administrator to speak to.
    private func member(except gone: [String]) throws -> NodeLink {
        let running = members.first { link in
            !gone.contains(link.node) && processes[link.node]?.isRunning == true
                && processes[link.node]?.kernelState != "T"
        }
        guard let running else { throw NodeProcessError(node: nodes.first ?? "", reason: "no member runs") }
        return running
    }

    /// Runs the store's own commands, on a thread that may wait.
    private func change(_ change: RingChange, through member: NodeLink) async throws {
        let commands = store.commands(for: change, through: member)
        guard !commands.isEmpty else {
            throw NodeProcessError(node: member.node, reason: "\(store.name) cannot change its ring")
        }
        try await Task.detached {
            for command in commands {
                try Tool.run([command.executable] + command.arguments, limit: Self.changeLimit)
            }
        }.value
    }
}
