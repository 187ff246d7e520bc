import History
import Workload

extension FaultSpec.Action {
    /// What this comes to now: whom it is done to, and how they were found. Nil when nobody fits.
    ///
    /// - Parameter members: the nodes that belong to the store now.
    func deed(
        _ draw: TargetDraw, among members: [String], using generator: inout SeededGenerator
    ) async -> (deed: Deed, how: String)? {
        switch self {
        case .join(let node): return (.join(node), "named")
        case .partition(let shape, let clientsCut):
            var isolated = TargetDraw.Found(nodes: [], how: "by shape")
            if case .isolate(let target, _) = shape {
                isolated = await draw.find(target, using: &generator)
                if isolated.nodes.isEmpty { return nil }
            }
            return shape.deed(
                among: members, isolated: isolated.nodes, zones: draw.bench.zones, clientsCut: clientsCut,
                using: &generator
            ).map { ($0, isolated.how) }
        case .links(let trouble, let scope):
            guard scope.links.isEmpty else {
                let links = scope.links.map(DirectedLink.init).filter {
                    members.contains($0.from) && members.contains($0.to)
                }
                return links.isEmpty ? nil : (.trouble(trouble, links.sorted()), "named")
            }
            let found = await draw.find(scope.target, using: &generator)
            let links = scope.direction.links(of: found.nodes, among: members)
            return links.isEmpty ? nil : (.trouble(trouble, links), found.how)
        case .kill(let target), .pause(let target), .rollingRestart(let target), .powerLoss(let target),
            .outOfMemory(let target), .throttle(_, let target), .files(_, let target), .leave(let target),
            .replace(let target, _), .clock(_, let target), .disk(_, let target):
            let found = await draw.find(target, using: &generator)
            guard let first = found.nodes.first else { return nil }
            return deed(on: found.nodes, first).map { ($0, found.how) }
        }
    }

    /// The deed on nodes that were found; nil for an action whose targets are no nodes.
    private func deed(on nodes: [String], _ first: String) -> Deed? {
        switch self {
        case .kill: .kill(nodes)
        case .pause: .pause(nodes)
        case .rollingRestart: .rollingRestart(nodes)
        case .files(let damage, _): .damage(damage, nodes)
        case .powerLoss: .powerLoss(nodes)
        case .outOfMemory: .outOfMemory(nodes)
        case .throttle(let percent, _): .throttle(percent, nodes)
        case .leave: .leave(first)
        case .replace(_, let newcomer): .replace(first, with: newcomer)
        case .clock(let trouble, _): .clock(trouble, nodes)
        case .disk(let trouble, _): .disk(trouble, nodes)
        case .partition, .links, .join: nil
        }
    }
}
