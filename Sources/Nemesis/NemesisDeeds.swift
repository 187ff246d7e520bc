import History
import Workload

/// Making and undoing each deed on the bench. What is returned is what the bench saw of it.
extension NemesisRunner {
    func make(_ deed: Deed) async throws -> [String] {
        switch deed {
        case .kill(let nodes): try await atOnce(nodes, bench.kill)
        case .pause(let nodes): try await atOnce(nodes, bench.pause)
        case .powerLoss(let nodes): return try await bench.cutPower(nodes)
        case .outOfMemory(let nodes): return try await each(nodes, bench.exhaustMemory)
        case .throttle(let percent, let nodes):
            return try await each(nodes) { try await self.bench.throttle($0, percent: percent) }
        case .partition, .cut: try await applyCuts()
        case .trouble(.reset, _): try await applyResets()
        case .trouble: try await applyShapes()
        case .clock(let trouble, let nodes):
            return try await each(nodes) { try await self.bench.setClock(of: $0, trouble) }
        case .disk(let trouble, let nodes):
            return try await each(nodes) { try await self.bench.setDisk(of: $0, trouble, inForce: true) }
        case .damage(let damage, let nodes):
            // What is to rot must lie in the files and not in a database's log: such a node is ended as it would like to be.
            try await atOnce(nodes, damage == .rot ? bench.stop : bench.kill)
            return try await each(nodes) { try await self.bench.damage($0, damage) }
        case .rollingRestart, .join, .leave, .replace: break
        }
        return []
    }

    func undo(_ deed: Deed) async throws -> [String] {
        switch deed {
        case .kill(let nodes), .damage(_, let nodes): try await atOnce(nodes, bench.start)
        case .pause(let nodes): try await atOnce(nodes, bench.resume)
        case .powerLoss(let nodes):
            // A probe that shows no loss is a failure of the fault, not a reason to leave the nodes where they are.
            let seen: Result<[String], any Error>
            do { seen = .success(try await bench.restorePower(nodes)) } catch { seen = .failure(error) }
            try await atOnce(nodes, bench.start)
            return try seen.get()
        case .outOfMemory(let nodes):
            try await atOnce(nodes, bench.freeMemory)
            try await atOnce(nodes, bench.start)
        case .throttle(_, let nodes): return try await each(nodes) { try await self.bench.throttle($0, percent: nil) }
        case .partition, .cut: try await applyCuts()
        case .trouble(.reset, _): try await applyResets()
        case .trouble: try await applyShapes()
        case .clock(_, let nodes): return try await each(nodes) { try await self.bench.setClock(of: $0, nil) }
        case .disk(let trouble, let nodes):
            return try await each(nodes) { try await self.bench.setDisk(of: $0, trouble, inForce: false) }
        case .rollingRestart, .join, .leave, .replace: break
        }
        return []
    }

    /// A node whose disk fails does not start, rightly: an administrator tries again once the disk is well.
    private func startWhenItsDiskAllows(_ node: String) async throws {
        while true {
            let hasTrouble = hasDiskTrouble(node)
            do {
                return try await bench.start(node)
            } catch {
                guard hasTrouble || hasDiskTrouble(node) else { throw error }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func hasDiskTrouble(_ node: String) -> Bool {
        active.contains { $0.report.deed.claim == .disk && $0.report.deed.nodes.contains(node) }
    }

    /// What takes long and goes on beside other faults; nil for what is made at once.
    func longWork(_ deed: Deed) -> Task<[String], any Error>? {
        let bench = bench
        switch deed {
        case .rollingRestart(let nodes):
            return Task {
                for node in nodes {
                    try await bench.stop(node)
                    try await startWhenItsDiskAllows(node)
                }
                return ["\(nodes.count) nodes ended and served again, one after the other"]
            }
        case .join(let node):
            return Task {
                try await bench.join(node)
                return ["the ring has \(node)"]
            }
        case .leave(let node):
            gone.insert(node)
            return Task {
                try await bench.leave(node)
                return ["\(node) left the ring and was stopped"]
            }
        case .replace(let node, let newcomer):
            gone.insert(node)
            return Task {
                try await bench.kill(node)
                try await bench.replace(node, with: newcomer)
                return ["the ring has \(newcomer) in the place of \(node)"]
            }
        default: return nil
        }
    }

    // MARK: - What all faults in force come to

    private func applyCuts() async throws {
        var links: Set<DirectedLink> = []
        var clientsOf: Set<String> = []
        for fault in active {
            switch fault.report.deed {
            case .partition(_, let cuts, let without):
                links.formUnion(cuts)
                clientsOf.formUnion(without)
            case .cut(let cuts): links.formUnion(cuts)
            default: continue
            }
        }
        try await bench.cut(links.sorted(), clientsOf: clientsOf.sorted())
    }

    private func applyShapes() async throws {
        try await bench.shape(
            LinkShape.combined(
                active.compactMap { fault in
                    guard case .trouble(let trouble, let links) = fault.report.deed, trouble != .reset else {
                        return nil
                    }
                    return (trouble, links)
                }))
    }

    private func applyResets() async throws {
        var links: Set<DirectedLink> = []
        for fault in active {
            if case .trouble(.reset, let more) = fault.report.deed { links.formUnion(more) }
        }
        try await bench.reset(links.sorted())
    }

    // MARK: - Nodes

    /// All at the same time: a storm of starts is what a store meets after a power cut. Each gets its turn whatever becomes of
    /// the others; the first failure is told when all are done.
    private func atOnce(
        _ nodes: [String], _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            for node in nodes {
                group.addTask {
                    do { try await body(node) } catch { return error }
                    return nil
                }
            }
            return await group.reduce(into: [any Error]()) { if let error = $1 { $0.append(error) } }
        }
        if let failure = failures.first { throw failure }
    }

    /// One after the other, each whatever becomes of the others; the first failure is told when all are done.
    private func each(_ nodes: [String], _ body: (String) async throws -> String) async throws -> [String] {
        var seen: [String] = []
        var failure: (any Error)?
        for node in nodes {
            do { seen.append(try await body(node)) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return seen
    }
}
