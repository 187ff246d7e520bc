/// Who assigns dots: a node in one of its incarnations.
///
/// A node that lost its disk comes back as a new incarnation, so that it never assigns a dot twice.
public struct Actor: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var node: String
    public var incarnation: UInt64

    public init(node: String, incarnation: UInt64) {
        self.node = node
        self.incarnation = incarnation
    }

    /// By incarnation, then by node: two integers decide nearly always, without a string comparison.
    public static func < (left: Actor, right: Actor) -> Bool {
        left.incarnation != right.incarnation ? left.incarnation < right.incarnation : left.node < right.node
    }

    /// `node.incarnation`, for example `n1.7`.
    public var description: String { "\(node).\(incarnation)" }
}

/// One write event: the `counter`-th that `actor` assigned (for one key).
public struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var actor: Actor
    /// Counts from 1.
    public var counter: UInt64

    public init(actor: Actor, counter: UInt64) {
        self.actor = actor
        self.counter = counter
    }

    public static func < (left: Dot, right: Dot) -> Bool {
        left.actor != right.actor ? left.actor < right.actor : left.counter < right.counter
    }

    /// `node.incarnation:counter`.
    public var description: String { "\(actor):\(counter)" }
}
