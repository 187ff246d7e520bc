import History
import Workload

/// Finds the nodes that a target means, from what is known at the moment of the fault.
struct TargetDraw {
    /// Whom the target means, and how they were found. No nodes: nobody fits now.
    struct Found {
        var nodes: [String]
        var how: String
    }

    let bench: any Bench
    /// Those whose processes no other fault has.
    let free: [String]
    let hotKeys: [String]
    /// The node whose fault ended last.
    let recovered: String?

    func find(_ target: FaultSpec.Target, using generator: inout SeededGenerator) async -> Found {
        switch target {
        case .nodes(let names): return Found(nodes: names.filter(free.contains), how: "named")
        case .random: return pick(1, "drawn", using: &generator)
        case .all: return Found(nodes: free, how: "all that run")
        case .minority: return pick((bench.nodes.count - 1) / 2, "a minority", using: &generator)
        case .majority: return pick(bench.nodes.count / 2 + 1, "a majority", using: &generator)
        case .zone(let zone):
            return Found(nodes: free.filter { bench.zones[$0] == zone }, how: "all of zone \(zone)")
        case .home(let key): return await homes(of: key, limit: 1, using: &generator)
        case .homes(let key): return await homes(of: key, limit: .max, using: &generator)
        case .coordinator: return await coordinator(using: &generator)
        case .fallback: return await fallback(using: &generator)
        case .recovered:
            if let recovered, free.contains(recovered) {
                return Found(nodes: [recovered], how: "its fault ended last")
            }
            return pick(1, "drawn at random, since no fault has ended yet", using: &generator)
        }
    }

    private func pick(_ count: Int, _ how: String, using generator: inout SeededGenerator) -> Found {
        let chosen = Array(free.shuffled(using: &generator).prefix(max(1, count)))
        return Found(nodes: free.filter(chosen.contains), how: how)
    }

    /// The first homes that are free of `named`, or of a hot key.
    private func homes(of named: String?, limit: Int, using generator: inout SeededGenerator) async -> Found {
        guard let key = named ?? hotKeys.randomElement(using: &generator), let homes = await bench.homes(of: key) else {
            return pick(1, "drawn at random, since no node tells a preference list", using: &generator)
        }
        let chosen = Array(homes.filter(free.contains).prefix(limit))
        return Found(nodes: chosen, how: chosen.isEmpty ? "no home of \(key) runs" : "home of \(key)")
    }

    private func fallback(using generator: inout SeededGenerator) async -> Found {
        let held = await bench.hintsHeld()
        guard let most = free.max(by: { held[$0] ?? 0 < held[$1] ?? 0 }), let hints = held[most], hints > 0 else {
            return pick(1, "drawn at random, since nobody holds hints", using: &generator)
        }
        return Found(nodes: [most], how: "holds \(hints) hints")
    }

    private func coordinator(using generator: inout SeededGenerator) async -> Found {
        let sent = await bench.coordinating()
        guard let most = free.max(by: { sent[$0] ?? 0 < sent[$1] ?? 0 }), let messages = sent[most], messages > 0 else {
            return pick(1, "drawn at random, since nobody works on a request", using: &generator)
        }
        return Found(nodes: [most], how: "sent \(messages) messages to replicas just now, more than any other")
    }
}

extension Bench {
    /// The first three of a key's preference list, or as many as there are; nil where the store does not tell.
    fileprivate func homes(of key: String) async -> [String]? {
        guard let list = await preferenceList(of: key) else { return nil }
        return Array(list.prefix(replicas))
    }
}
