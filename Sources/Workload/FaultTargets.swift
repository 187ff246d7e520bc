import Yams

/// How targets are spelled in a workload file.
extension FaultReader {
    static let targetWords = ["home", "homes", "fallback", "recovered", "random", "minority", "majority", "all"]

    /// The target under `key`; `random` where there is none.
    func target(_ key: String) throws(WorkloadError) -> FaultSpec.Target {
        guard let (node, _) = reader.node(key) else { return .random }
        if let list = node.sequence { return .nodes(try names(Array(list), key)) }
        guard let text = MappingReader.text(of: node), let target = word(text) else {
            let zones = zones.map { "zone(\($0))" }
            throw reader.failure(key, MappingReader.notOne(of: Self.targetWords + zones + nodes, node))
        }
        return target
    }

    private func word(_ text: String) -> FaultSpec.Target? {
        switch text {
        case "home": return .home
        case "homes": return .homes
        case "fallback": return .fallback
        case "recovered": return .recovered
        case "random": return .random
        case "minority": return .minority
        case "majority": return .majority
        case "all": return .all
        default:
            if nodes.contains(text) { return .nodes([text]) }
            guard text.hasPrefix("zone("), text.hasSuffix(")") else { return nil }
            let zone = String(text.dropFirst(5).dropLast())
            return zones.contains(zone) ? .zone(zone) : nil
        }
    }

    private func names(_ items: [Node], _ key: String) throws(WorkloadError) -> [String] {
        var names: [String] = []
        for item in items {
            guard let name = MappingReader.text(of: item), nodes.contains(name), !names.contains(name) else {
                throw reader.failure(key, "must list some of \(nodes.listed), each once")
            }
            names.append(name)
        }
        guard !names.isEmpty else { throw reader.failure(key, "must name at least one node") }
        return names
    }

    /// The links that a fault is about.
    func scope(_ key: String) throws(WorkloadError) -> FaultSpec.Scope {
        FaultSpec.Scope(target: try target(key), direction: try direction())
    }

    func direction() throws(WorkloadError) -> FaultSpec.Direction {
        try reader.choice("direction", FaultSpec.Direction.self) ?? .both
    }
}
