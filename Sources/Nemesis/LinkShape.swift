import Workload

/// All that packets on one link suffer.
public struct LinkShape: Sendable, Hashable {
    public var link: DirectedLink
    /// Share of the packets that are lost, that arrive twice, and that are overtaken: 0…1.
    public var loss = 0.0
    public var duplicate = 0.0
    public var reorder = 0.0
    /// Nanoseconds.
    public var delay: Int64 = 0
    public var jitter: Int64 = 0
    /// Bytes a second; nil: as many as come.
    public var rate: Int?
    /// Only what establishes a connection passes.
    public var isHalfOpen = false

    public init(link: DirectedLink) { self.link = link }

    /// Adds one more trouble: shares combine as independent chances, delays add up, the lower rate holds.
    public mutating func add(_ trouble: LinkTrouble) {
        switch trouble {
        case .loss(let share): loss = 1 - (1 - loss) * (1 - share)
        case .duplicate(let share): duplicate = 1 - (1 - duplicate) * (1 - share)
        case .reorder(let share): reorder = 1 - (1 - reorder) * (1 - share)
        case .delay(let constant, let varying):
            delay += Int64(constant / .nanoseconds(1))
            jitter += Int64(varying / .nanoseconds(1))
        case .rate(let bytes): rate = min(rate ?? bytes, bytes)
        case .halfOpen: isHalfOpen = true
        case .reset: break
        }
    }

    /// What several faults in force at the same time come to, link by link in ascending order.
    public static func combined(_ troubles: [(trouble: LinkTrouble, links: [DirectedLink])]) -> [LinkShape] {
        var shapes: [DirectedLink: LinkShape] = [:]
        for (trouble, links) in troubles {
            for link in links { shapes[link, default: LinkShape(link: link)].add(trouble) }
        }
        return shapes.values.sorted { $0.link < $1.link }
    }
}

extension FaultSpec.Direction {
    /// The links between `targets` and every other of `nodes` that go this way.
    public func links(of targets: [String], among nodes: [String]) -> [DirectedLink] {
        var links: Set<DirectedLink> = []
        for target in targets {
            for other in nodes where other != target {
                if self != .in { links.insert(DirectedLink(from: target, to: other)) }
                if self != .out { links.insert(DirectedLink(from: other, to: target)) }
            }
        }
        return links.sorted()
    }
}
