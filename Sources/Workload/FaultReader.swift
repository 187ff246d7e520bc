import Yams

/// The `faults` of a workload file. A new kind of fault is a row in ``actions``, its key in ``WorkloadSchema/fault`` and a case of
/// ``FaultSpec/Action``.
struct FaultReader {
    private let reader: MappingReader
    private let nodes: [String]

    /// All faults, in the order of the file.
    static func faults(_ top: MappingReader, nodes: [String]) throws(WorkloadError) -> [FaultSpec] {
        guard let items = try top.list("faults", of: "mappings such as { kill: home, at: 5s, for: 2s }") else {
            return []
        }
        var faults: [FaultSpec] = []
        for (index, item) in items.enumerated() {
            let reader = try MappingReader(
                item, path: "faults[\(index + 1)]", file: top.file, allowed: WorkloadSchema.fault.allowed,
                line: item.mark?.line ?? top.node("faults")?.line)
            faults.append(try FaultReader(reader: reader, nodes: nodes).fault())
        }
        return faults
    }

    /// A kind of fault: the key that names it, the keys that only it knows, and how it is read.
    private struct Action {
        var key: String
        var parameters: [String]
        var read: (FaultReader) throws(WorkloadError) -> FaultSpec.Action
    }

    private static var actions: [Action] {
        [
            Action(key: "kill", parameters: []) { reader throws(WorkloadError) in .kill(try reader.target("kill")) },
            Action(key: "pause", parameters: []) { reader throws(WorkloadError) in .pause(try reader.target("pause")) },
            Action(key: "partition", parameters: ["clients", "target"]) { reader throws(WorkloadError) in
                try reader.partition()
            },
        ]
    }

    private func fault() throws(WorkloadError) -> FaultSpec {
        let actions = Self.actions
        let given = actions.filter { reader.has($0.key) }
        let names = actions.map(\.key).listed
        guard let action = given.first else { throw failure("must have one of \(names)") }
        guard given.count == 1 else { throw failure("must have only one of \(names), not \(given.map(\.key).listed)") }
        for other in actions where other.key != action.key {
            for parameter in other.parameters where !action.parameters.contains(parameter) && reader.has(parameter) {
                throw reader.failure(parameter, "belongs to \(other.key), not to \(action.key)")
            }
        }
        guard let duration = try reader.duration("for", .milliseconds(10) ... .hours(1)) else {
            throw failure("must say how long it lasts: for: 2s")
        }
        return FaultSpec(action: try action.read(self), schedule: try schedule(), duration: duration, line: reader.line)
    }

    private func schedule() throws(WorkloadError) -> FaultSpec.Schedule {
        let at = try reader.duration("at", .zero ... .hours(24))
        let every = try reader.duration("every", .milliseconds(100) ... .hours(24))
        let from = try reader.duration("from", .zero ... .hours(24))
        let count = try reader.integer("count", 1...100_000)
        switch (at, every) {
        case (nil, nil): throw failure("must say when: at: 10s, or every: 3s")
        case (_?, _?): throw failure("must have only one of at, every")
        case (nil, let every?): return .repeated(every: every, from: from ?? every, count: count)
        case (let at?, nil):
            for key in ["from", "count"] where reader.has(key) {
                throw reader.failure(key, "belongs to every, not to at")
            }
            return .once(at: at)
        }
    }

    private func target(_ key: String) throws(WorkloadError) -> FaultSpec.Target {
        let allowed = ["home", "random"] + nodes
        guard let (node, _) = reader.node(key) else { return .random }
        guard let text = MappingReader.text(of: node), allowed.contains(text) else {
            throw reader.failure(key, MappingReader.notOne(of: allowed, node))
        }
        switch text {
        case "home": return .home
        case "random": return .random
        default: return .node(text)
        }
    }

    private enum Clients: String, CaseIterable {
        case reachable, cut
    }

    private func partition() throws(WorkloadError) -> FaultSpec.Action {
        let clients = try reader.choice("clients", Clients.self) ?? .reachable
        let shape = try shape()
        if reader.has("target") {
            guard case .isolate = shape else { throw reader.failure("target", "belongs to partition: isolate only") }
        }
        return .partition(shape, clientsCut: clients == .cut)
    }

    private func shape() throws(WorkloadError) -> FaultSpec.Shape {
        let allowed = "one of halves, majority, isolate, or a list of lists of nodes such as [[n1, n2], [n3]]"
        guard let (node, _) = reader.node("partition") else { throw failure("must have a partition") }
        if let sides = node.sequence { return .groups(try groups(Array(sides))) }
        switch MappingReader.text(of: node) {
        case "halves": return .halves
        case "majority": return .majority
        case "isolate": return .isolate(try target("target"))
        default: throw reader.failure("partition", "must be \(allowed), not \(MappingReader.kind(of: node))")
        }
    }

    private func groups(_ sides: [Node]) throws(WorkloadError) -> [[String]] {
        guard sides.count >= 2 else { throw reader.failure("partition", "must have at least two sides") }
        var groups: [[String]] = []
        var placed: Set<String> = []
        for side in sides {
            guard let members = side.sequence, !members.isEmpty else {
                throw reader.failure("partition", "must be a list of lists of nodes, with no side empty")
            }
            var group: [String] = []
            for member in members {
                guard let name = MappingReader.text(of: member), nodes.contains(name) else {
                    throw reader.failure(
                        "partition", "may only name \(nodes.listed), not \(MappingReader.kind(of: member))")
                }
                guard placed.insert(name).inserted else {
                    throw reader.failure("partition", "names \(name) more than once")
                }
                group.append(name)
            }
            groups.append(group)
        }
        return groups
    }

    private func failure(_ message: String) -> WorkloadError {
        WorkloadError(file: reader.file, line: reader.line, message: "\(reader.path) \(message)")
    }
}
