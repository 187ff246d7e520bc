import Workload

extension Deed {
    /// The deed in the words of a workload file, without braces and without times: `loss: 20%, links: [n1->n2]`. A schedule
    /// that holds it does the same to the same nodes and links, whatever they mean by then.
    public var line: String {
        switch self {
        case .kill(let nodes): "kill: \(Self.list(nodes))"
        case .pause(let nodes): "pause: \(Self.list(nodes))"
        case .rollingRestart(let nodes): "restart: rolling, target: \(Self.list(nodes))"
        case .powerLoss(let nodes): "power-loss: \(Self.list(nodes))"
        case .outOfMemory(let nodes): "oom: \(Self.list(nodes))"
        case .throttle(let percent, let nodes): "throttle: \(percent)%, target: \(Self.list(nodes))"
        case .partition(let groups, _, let clientsOf):
            "partition: [\(groups.map(Self.list).joined(separator: ", "))]"
                + (clientsOf.isEmpty ? "" : ", clients: cut")
        case .cut(let links): "cut: \(Self.list(links))"
        case .trouble(let trouble, let links): "\(trouble.line), links: \(Self.list(links))"
        case .clock(let trouble, let nodes): "\(trouble.line), target: \(Self.list(nodes))"
        case .disk(let trouble, let nodes): "\(trouble.line), target: \(Self.list(nodes))"
        case .damage(let damage, let nodes): "damage: \(damage.rawValue), target: \(Self.list(nodes))"
        case .join(let node): "join: \(node)"
        case .leave(let node): "leave: \(node)"
        case .replace(let node, let newcomer): "replace: \(node), with: \(newcomer)"
        }
    }

    /// Whether it ends, so that a schedule must say how long it lasts.
    public var isLasting: Bool {
        switch self {
        case .join, .leave, .replace: false
        default: true
        }
    }

    private static func list(_ nodes: [String]) -> String { "[\(nodes.joined(separator: ", "))]" }

    private static func list(_ links: [DirectedLink]) -> String {
        "[\(links.map { "\($0.from)->\($0.to)" }.joined(separator: ", "))]"
    }
}

extension LinkTrouble {
    fileprivate var line: String {
        switch self {
        case .loss(let share): "loss: \(Self.percent(share))"
        case .reorder(let share): "reorder: \(Self.percent(share))"
        case .duplicate(let share): "duplicate: \(Self.percent(share))"
        case .delay(let delay, let jitter):
            "delay: \(DurationText.spell(delay))" + (jitter > .zero ? ", jitter: \(DurationText.spell(jitter))" : "")
        case .rate(let bytes): "rate-limit: \(bytes)"
        case .reset: "reset: links"
        case .halfOpen: "half-open: links"
        }
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
}

extension ClockTrouble {
    fileprivate var line: String {
        switch self {
        case .jump(let by) where by < .zero: "clock: behind, by: \(DurationText.spell(.zero - by))"
        case .jump(let by): "clock: ahead, by: \(DurationText.spell(by))"
        case .drift(let parts): "clock: \(parts < 0 ? "slow" : "fast"), by: \(abs(parts))"
        case .strobe(let by, let period):
            "clock: strobe, by: \(DurationText.spell(by)), period: \(DurationText.spell(period))"
        }
    }
}

extension DiskTrouble {
    fileprivate var line: String {
        guard case .slow(let latency) = self else { return "disk: \(word)" }
        return "disk: slow, latency: \(DurationText.spell(latency))"
    }
}
