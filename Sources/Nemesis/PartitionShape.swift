import History
import Workload

extension FaultSpec.Shape {
    /// What this shape comes to among `nodes`: sides where it has sides, else the directions that are cut.
    ///
    /// - Parameter isolated: the nodes that `isolate` found.
    public func deed(
        among nodes: [String], isolated: [String], zones: [String: String] = [:], clientsCut: Bool,
        using generator: inout SeededGenerator
    ) -> Deed? {
        switch self {
        case .majoritiesRing: return .cut(Self.majoritiesRing(nodes))
        case .links(let links):
            let cuts = links.map(DirectedLink.init).filter { nodes.contains($0.from) && nodes.contains($0.to) }
            return cuts.isEmpty ? nil : .cut(cuts.sorted())
        case .isolate(_, let direction) where direction != .both:
            let others = nodes.filter { !isolated.contains($0) }
            let cuts = direction.links(of: isolated, among: nodes).filter {
                others.contains($0.from) || others.contains($0.to)
            }
            return cuts.isEmpty ? nil : .cut(cuts)
        default:
            let groups = sides(of: nodes, isolated: isolated, zones: zones, using: &generator).filter { !$0.isEmpty }
            guard groups.count > 1 else { return nil }
            // The largest side keeps its clients: somebody must be able to work.
            let largest = groups.max { $0.count < $1.count } ?? []
            let without = clientsCut ? nodes.filter { !largest.contains($0) } : []
            return .partition(groups: groups, cuts: DirectedLink.between(groups), clientsOf: without)
        }
    }

    /// The sides of the network partition among `nodes`; a node in none of them is cut off from nobody.
    public func sides(
        of nodes: [String], isolated: [String], zones: [String: String] = [:], using generator: inout SeededGenerator
    ) -> [[String]] {
        switch self {
        case .groups(let groups): return groups
        case .halves:
            let shuffled = nodes.shuffled(using: &generator)
            return [Array(shuffled[..<(nodes.count / 2)]), Array(shuffled[(nodes.count / 2)...])]
        case .majority:
            let shuffled = nodes.shuffled(using: &generator)
            let majority = nodes.count / 2 + 1
            return [Array(shuffled[..<majority])] + shuffled[majority...].map { [$0] }
        case .bridge:
            let shuffled = nodes.shuffled(using: &generator).dropFirst()
            let half = shuffled.count / 2
            return [Array(shuffled.prefix(half)), Array(shuffled.dropFirst(half))]
        case .zones: return Set(zones.values).sorted().map { zone in nodes.filter { zones[$0] == zone } }
        case .isolate: return [isolated, nodes.filter { !isolated.contains($0) }]
        case .majoritiesRing, .links: return []
        }
    }

    /// The nodes stand in a ring, and each hears and is heard by its nearest neighbours on both sides, as many as make a
    /// majority with itself: every node sees a majority, no two the same one.
    private static func majoritiesRing(_ nodes: [String]) -> [DirectedLink] {
        let reach = (nodes.count / 2 + 1) / 2
        var cuts: [DirectedLink] = []
        for (index, from) in nodes.enumerated() {
            for (other, to) in nodes.enumerated() where other != index {
                let steps = abs(index - other)
                if min(steps, nodes.count - steps) > reach { cuts.append(DirectedLink(from: from, to: to)) }
            }
        }
        return cuts.sorted()
    }
}
