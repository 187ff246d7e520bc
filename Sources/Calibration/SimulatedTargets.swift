import Dynamo
import History
import Simulation
import Workload

/// Finds the nodes that a target means, from how a simulated cluster stands.
struct SimulatedTargets {
    let cluster: Cluster
    let workload: Workload
    /// Those whose processes no other fault has.
    let free: [String]
    /// The node whose fault ended last.
    let recovered: String?

    private static let hotKeys = 5

    func find(_ target: FaultSpec.Target, using generator: inout SeededGenerator) -> (nodes: [String], how: String) {
        let count = workload.store.nodes
        switch target {
        case .nodes(let names): return (names.filter(free.contains), "named")
        case .random: return pick(1, "drawn", using: &generator)
        case .all: return (free, "all that run")
        case .minority: return pick((count - 1) / 2, "a minority", using: &generator)
        case .majority: return pick(count / 2 + 1, "a majority", using: &generator)
        case .zone(let zone):
            let members = zip(workload.store.nodeNames, workload.store.zones).filter { $0.1 == zone }.map(\.0)
            return (members.filter(free.contains), "all of zone \(zone)")
        case .home(let key): return homes(of: key, limit: 1, using: &generator)
        case .homes(let key): return homes(of: key, limit: .max, using: &generator)
        case .coordinator: return coordinator(using: &generator)
        case .fallback: return fallback(using: &generator)
        case .recovered:
            if let recovered, free.contains(recovered) { return ([recovered], "its fault ended last") }
            return pick(1, "drawn, since no fault has ended yet", using: &generator)
        }
    }

    private func pick(
        _ count: Int, _ how: String, using generator: inout SeededGenerator
    ) -> (nodes: [String], how: String) {
        let chosen = free.shuffled(using: &generator).prefix(max(1, count))
        return (free.filter(chosen.contains), how)
    }

    /// The first homes that are free of `named`, or of a hot key.
    private func homes(
        of named: String?, limit: Int, using generator: inout SeededGenerator
    ) -> (nodes: [String], how: String) {
        guard let key = named ?? workload.keys.hottest(Self.hotKeys).randomElement(using: &generator),
            let replica = free.lazy.compactMap({ cluster.replica($0) }).first
        else { return ([], "nobody runs") }
        let homes = replica.homes(of: SimulatedRun.key(key)).filter(free.contains)
        return (Array(homes.prefix(limit)), "home of \(key)")
    }

    private func coordinator(using generator: inout SeededGenerator) -> (nodes: [String], how: String) {
        let open = free.map { ($0, cluster.replica($0)?.openRequests ?? 0) }
        guard let most = open.max(by: { $0.1 < $1.1 }), most.1 > 0 else {
            return pick(1, "drawn, since nobody works on a request", using: &generator)
        }
        return ([most.0], "works on \(most.1) requests")
    }

    private func fallback(using generator: inout SeededGenerator) -> (nodes: [String], how: String) {
        let held = free.map { ($0, ((try? cluster.replica($0)?.hintCounts) ?? nil)?.values.reduce(0, +) ?? 0) }
        guard let most = held.max(by: { $0.1 < $1.1 }), most.1 > 0 else {
            return pick(1, "drawn, since nobody holds hints", using: &generator)
        }
        return ([most.0], "holds \(most.1) hints")
    }
}
