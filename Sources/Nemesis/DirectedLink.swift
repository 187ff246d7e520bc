import Workload

/// One direction between two nodes.
public struct DirectedLink: Sendable, Hashable, Comparable {
    public let from: String
    public let to: String

    public init(from: String, to: String) {
        self.from = from
        self.to = to
    }

    public init(_ link: FaultSpec.Link) { self.init(from: link.from, to: link.to) }

    public static func < (left: DirectedLink, right: DirectedLink) -> Bool {
        left.from != right.from ? left.from < right.from : left.to < right.to
    }

    /// Every direction between nodes of different groups. A node in no group is cut off from nobody.
    public static func between(_ groups: [[String]]) -> [DirectedLink] {
        var links: Set<DirectedLink> = []
        for (index, group) in groups.enumerated() {
            for (otherIndex, other) in groups.enumerated() where otherIndex != index {
                for from in group {
                    for to in other where from != to { links.insert(DirectedLink(from: from, to: to)) }
                }
            }
        }
        return links.sorted()
    }

    /// `n1→n2, n1→n3`; a long list is counted instead.
    public static func summary(_ links: [DirectedLink]) -> String {
        links.count > 4 ? "on \(links.count) links" : links.map { "\($0.from)→\($0.to)" }.joined(separator: ", ")
    }
}
