import Nemesis

/// What a relay does to each link now: a value that its thread takes a copy of.
struct RelayRules: Sendable {
    var cut: Set<DirectedLink> = []
    var resets: Set<DirectedLink> = []
    var shapes: [DirectedLink: LinkShape] = [:]
    /// Grows with each change.
    var version = 0

    /// The other end of a client's link to a node, which no node is called.
    static let clients = "clients"

    /// Whether what flows over a connection made from one node to another is held, in at least one direction.
    func isCut(_ link: DirectedLink) -> Bool { cut.contains(link) || cut.contains(link.reversed) }

    func swallows(_ link: DirectedLink) -> Bool { shapes[link]?.isHalfOpen == true }
}

extension DirectedLink {
    var reversed: DirectedLink { DirectedLink(from: to, to: from) }
}
