import Yams

/// How targets are spelled in a workload file.
extension FaultReader {
    static let targetWords = [
        "home", "homes", "coordinator", "fallback", "recovered", "random", "minority", "majority", "all",
    ]

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
        case "home": return .home()
        case "homes": return .homes()
        case "coordinator": return .coordinator
        case "fallback": return .fallback
        case "recovered": return .recovered
        case "random": return .random
        case "minority": return .minority
        case "majority": return .majority
        case "all": return .all
        default:
            if nodes.contains(text) { return .nodes([text]) }
            if let key = Self.inside("home", text) { return .home(key) }
            if let key = Self.inside("homes", text) { return .homes(key) }
            guard let zone = Self.inside("zone", text) else { return nil }
            return zones.contains(zone) ? .zone(zone) : nil
        }
    }

    /// What stands between the parentheses of `word(…)`; nil for another word or nothing between.
    private static func inside(_ word: String, _ text: String) -> String? {
        guard text.hasPrefix("\(word)("), text.hasSuffix(")"), text.count > word.count + 2 else { return nil }
        return String(text.dropFirst(word.count + 1).dropLast())
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

    /// The links that a fault is about: those under `links`, or those of the target under `key`.
    func scope(_ key: String) throws(WorkloadError) -> FaultSpec.Scope {
        guard reader.has("links") else {
            return FaultSpec.Scope(target: try target(key), direction: try direction())
        }
        for other in ["target", "direction"] where reader.has(other) {
            throw reader.failure(other, "does not go with links, which name both ends")
        }
        if key != "target", let (node, _) = reader.node(key), MappingReader.text(of: node) != "links" {
            throw reader.failure(key, "must be the word links where the key links names them")
        }
        var scope = FaultSpec.Scope(target: .nodes([]), direction: .both)
        scope.links = try links("links")
        return scope
    }

    /// A list of directions such as `[n1->n2, n3->n1]`, each once.
    func links(_ key: String) throws(WorkloadError) -> [FaultSpec.Link] {
        let expected = "a list of links such as [n1->n2], each once, between \(nodes.listed)"
        let items = try reader.list(key, of: "links such as n1->n2") ?? []
        var links: [FaultSpec.Link] = []
        for item in items {
            guard let link = MappingReader.text(of: item).flatMap(link), !links.contains(link) else {
                throw reader.failure(key, "must be \(expected), not \(MappingReader.kind(of: item))")
            }
            links.append(link)
        }
        guard !links.isEmpty else { throw reader.failure(key, "must be \(expected)") }
        return links
    }

    private func link(_ text: String) -> FaultSpec.Link? {
        guard let arrow = text.firstRange(of: "->") else { return nil }
        let link = FaultSpec.Link(from: String(text[..<arrow.lowerBound]), to: String(text[arrow.upperBound...]))
        return nodes.contains(link.from) && nodes.contains(link.to) && link.from != link.to ? link : nil
    }

    func direction() throws(WorkloadError) -> FaultSpec.Direction {
        try reader.choice("direction", FaultSpec.Direction.self) ?? .both
    }
}
