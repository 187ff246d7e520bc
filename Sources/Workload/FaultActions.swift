import Yams

/// Every kind of fault that a workload file can name.
extension FaultReader {
    static var actions: [Action] {
        processActions + partitionActions + linkActions + nodeActions + membershipActions
    }

    private static var processActions: [Action] {
        [
            Action(key: "kill") { reader throws(WorkloadError) in .kill(try reader.target("kill")) },
            Action(key: "pause") { reader throws(WorkloadError) in .pause(try reader.target("pause")) },
            Action(key: "restart", parameters: ["target"]) { reader throws(WorkloadError) in
                let target = reader.reader.has("target") ? try reader.target("target") : .all
                switch try reader.reader.choice("restart", Restart.self) ?? .rolling {
                case .rolling: return .rollingRestart(target)
                case .storm: return .kill(target)
                }
            },
            Action(key: "power-loss") { reader throws(WorkloadError) in .powerLoss(try reader.target("power-loss")) },
            Action(key: "oom") { reader throws(WorkloadError) in .outOfMemory(try reader.target("oom")) },
            Action(key: "throttle", parameters: ["target"]) { reader throws(WorkloadError) in
                let percent = try reader.reader.percent("throttle") ?? 0
                guard percent > 0 else { throw reader.reader.failure("throttle", "must be more than 0%") }
                return .throttle(percent, try reader.target("target"))
            },
        ]
    }

    private enum Restart: String, CaseIterable {
        case rolling, storm
    }

    private static var partitionActions: [Action] {
        [
            Action(key: "partition", parameters: ["clients", "target", "direction"]) { reader throws(WorkloadError) in
                try reader.partition()
            },
            Action(key: "cut") { reader throws(WorkloadError) in
                .partition(.links(try reader.links("cut")), clientsCut: false)
            },
        ]
    }

    private static var linkActions: [Action] {
        [
            link("loss") { reader throws(WorkloadError) in .loss(try reader.share("loss")) },
            link("delay", ["jitter"]) { reader throws(WorkloadError) in
                .delay(
                    try reader.reader.duration("delay", .zero ... .seconds(60)) ?? .zero,
                    jitter: try reader.reader.duration("jitter", .zero ... .seconds(60)) ?? .zero)
            },
            link("reorder") { reader throws(WorkloadError) in .reorder(try reader.share("reorder")) },
            link("duplicate") { reader throws(WorkloadError) in .duplicate(try reader.share("duplicate")) },
            link("rate-limit") { reader throws(WorkloadError) in
                .rate(try reader.reader.integer("rate-limit", 1_000...1_000_000_000) ?? 1_000_000)
            },
            Action(key: "reset", parameters: ["direction", "links"]) { reader throws(WorkloadError) in
                .links(.reset, try reader.scope("reset"))
            },
            Action(key: "half-open", parameters: ["direction", "links"]) { reader throws(WorkloadError) in
                .links(.halfOpen, try reader.scope("half-open"))
            },
        ]
    }

    private static func link(
        _ key: String, _ parameters: [String] = [],
        _ trouble: @escaping (FaultReader) throws(WorkloadError) -> LinkTrouble
    ) -> Action {
        Action(key: key, parameters: ["target", "direction", "links"] + parameters) { reader throws(WorkloadError) in
            .links(try trouble(reader), try reader.scope("target"))
        }
    }

    private static var nodeActions: [Action] {
        [
            Action(key: "clock", parameters: ["target", "by", "period"]) { reader throws(WorkloadError) in
                .clock(try reader.clock(), try reader.target("target"))
            },
            Action(key: "disk", parameters: ["target", "latency"]) { reader throws(WorkloadError) in
                .disk(try reader.disk(), try reader.target("target"))
            },
            Action(key: "damage", parameters: ["target"]) { reader throws(WorkloadError) in
                .files(try reader.reader.choice("damage", FileDamage.self) ?? .wipe, try reader.target("target"))
            },
        ]
    }

    private static var membershipActions: [Action] {
        [
            Action(key: "join", isLasting: false) { reader throws(WorkloadError) in .join(try reader.newcomer("join"))
            },
            Action(key: "leave", isLasting: false) { reader throws(WorkloadError) in .leave(try reader.target("leave"))
            },
            Action(key: "replace", parameters: ["with"], isLasting: false) { reader throws(WorkloadError) in
                .replace(try reader.target("replace"), with: try reader.newcomer("with"))
            },
        ]
    }

    // MARK: - Their values

    /// A share of packets, more than none.
    private func share(_ key: String) throws(WorkloadError) -> Double {
        let percent = try reader.percent(key) ?? 0
        guard percent > 0 else { throw reader.failure(key, "must be more than 0%") }
        return Double(percent) / 100
    }

    private enum ClockKind: String, CaseIterable {
        case ahead, behind, fast, slow, strobe
    }

    private func clock() throws(WorkloadError) -> ClockTrouble {
        let kind = try reader.choice("clock", ClockKind.self) ?? .ahead
        if kind != .strobe, reader.has("period") { throw reader.failure("period", "belongs to clock: strobe only") }
        switch kind {
        case .ahead, .behind:
            let by = try reader.duration("by", .milliseconds(1) ... .hours(24)) ?? .seconds(60)
            return .jump(kind == .ahead ? by : .zero - by)
        case .fast, .slow:
            let partsPerMillion = try reader.integer("by", 1...1_000_000) ?? 500
            return .drift(kind == .fast ? partsPerMillion : -partsPerMillion)
        case .strobe:
            let by = try reader.duration("by", .milliseconds(1) ... .hours(24)) ?? .seconds(5)
            return .strobe(
                by, period: try reader.duration("period", .milliseconds(2) ... .hours(1)) ?? .milliseconds(100))
        }
    }

    private enum DiskKind: String, CaseIterable {
        case full, slow, error
        case readOnly = "read-only"
    }

    private func disk() throws(WorkloadError) -> DiskTrouble {
        let kind = try reader.choice("disk", DiskKind.self) ?? .full
        if kind != .slow, reader.has("latency") { throw reader.failure("latency", "belongs to disk: slow only") }
        switch kind {
        case .full: return .full
        case .error: return .error
        case .readOnly: return .readOnly
        case .slow: return .slow(try reader.duration("latency", .milliseconds(1) ... .seconds(60)) ?? .milliseconds(50))
        }
    }

    /// The name of a node that the store does not begin with: the numbers go on from its last.
    private func newcomer(_ key: String) throws(WorkloadError) -> String {
        let name = try reader.text(key, expected: "the name of a new node") ?? ""
        let number = name.hasPrefix("n") ? Int(name.dropFirst()) : nil
        guard let number, number > nodes.count, number <= 250, name == "n\(number)" else {
            throw reader.failure(
                key, "must name a node that the store does not begin with, such as n\(nodes.count + 1)")
        }
        return name
    }

    // MARK: - Partitions

    private enum Clients: String, CaseIterable {
        case reachable, cut
    }

    private func partition() throws(WorkloadError) -> FaultSpec.Action {
        let clients = try reader.choice("clients", Clients.self) ?? .reachable
        let shape = try shape()
        for key in ["target", "direction"] where reader.has(key) {
            guard case .isolate = shape else { throw reader.failure(key, "belongs to partition: isolate only") }
        }
        return .partition(shape, clientsCut: clients == .cut)
    }

    private func shape() throws(WorkloadError) -> FaultSpec.Shape {
        let allowed =
            "one of halves, majority, majorities-ring, bridge, zones, isolate, or a list of lists of nodes such as [[n1, n2], [n3]]"
        guard let (node, _) = reader.node("partition") else { throw failure("must have a partition") }
        if let sides = node.sequence { return .groups(try groups(Array(sides))) }
        switch MappingReader.text(of: node) {
        case "halves": return .halves
        case "majority": return .majority
        case "majorities-ring": return .majoritiesRing
        case "bridge": return .bridge
        case "zones" where zones.count > 1: return .zones
        case "zones": throw reader.failure("partition", "is zones, but the store has only one: give store.zones")
        case "isolate": return .isolate(try target("target"), try direction())
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
}
