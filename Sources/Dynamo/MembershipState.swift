/// All that the nodes know of who belongs to the store: a grow-only log of changes, which of them are completed, and
/// how far each node is with the latest.
///
/// Union is commutative, associative and idempotent, so nodes that have heard of the same things agree, whatever the
/// order and however often they heard of them; changes made at the same time through different nodes are both kept.
/// Two rings follow from it: the *current* one, of the founders and the completed changes, by which requests go, and
/// the *target*, of all changes, towards which data moves.
public struct MembershipState: Hashable, Sendable {
    /// What all nodes of a store are told alike before there is any change. States that differ in it are of different
    /// stores.
    public var founders: [Member]
    /// Ring partitions, and replicas of a key.
    public var partitions: Int, n: Int
    /// In ascending order of id.
    public private(set) var changes: [MembershipChange] = []
    /// Changes whose data has moved, in ascending order.
    public private(set) var completed: [MembershipChange.ID] = []
    /// How far nodes are, in ascending order of name.
    public private(set) var marks: [Mark] = []

    /// What a node says of itself; its latest word replaces the earlier ones.
    public struct Mark: Hashable, Sendable {
        public var node: String
        /// Counts this node's marks.
        public var counter: UInt64
        /// The changes (as ``MembershipState/target``) for which the node has fetched all that it gains; 0: none.
        public var ready: UInt64
        /// The changes after whose completion the node has handed over all that it is not home of; 0: none.
        public var clean: UInt64
        /// The node has left for good and holds nothing that anybody needs.
        public var drained: Bool

        public init(node: String, counter: UInt64 = 0, ready: UInt64 = 0, clean: UInt64 = 0, drained: Bool = false) {
            self.node = node
            self.counter = counter
            self.ready = ready
            self.clean = clean
            self.drained = drained
        }
    }

    public init(founders: [Member], partitions: Int, n: Int) {
        self.founders = founders
        self.partitions = partitions
        self.n = n
    }

    /// What a store or a peer kept, in any order.
    public init(
        founders: [Member], partitions: Int, n: Int, changes: [MembershipChange], completed: [MembershipChange.ID],
        marks: [Mark]
    ) {
        self.init(founders: founders, partitions: partitions, n: n)
        for change in changes { add(change) }
        for id in completed { complete(id) }
        for mark in marks { take(mark) }
    }

    // MARK: Growing

    public mutating func merge(_ other: MembershipState) {
        for change in other.changes { add(change) }
        for id in other.completed { complete(id) }
        for mark in other.marks { take(mark) }
    }

    public func merging(_ other: MembershipState) -> MembershipState {
        var merged = self
        merged.merge(other)
        return merged
    }

    public mutating func add(_ change: MembershipChange) {
        let place = changes.firstIndex { $0.id >= change.id } ?? changes.count
        if place == changes.count || changes[place].id != change.id { changes.insert(change, at: place) }
    }

    public mutating func complete(_ id: MembershipChange.ID) {
        let place = completed.firstIndex { $0 >= id } ?? completed.count
        if place == completed.count || completed[place] != id { completed.insert(id, at: place) }
    }

    public mutating func take(_ mark: Mark) {
        let place = marks.firstIndex { $0.node >= mark.node } ?? marks.count
        if place == marks.count || marks[place].node != mark.node {
            marks.insert(mark, at: place)
        } else if Mark.isEarlier(marks[place], mark) {
            marks[place] = mark
        }
    }

    // MARK: What follows from it

    public func mark(of node: String) -> Mark? { marks.first { $0.node == node } }

    /// Changes whose data has yet to move.
    public var pending: [MembershipChange] {
        let completed = Set(completed)
        return changes.filter { !completed.contains($0.id) }
    }

    /// The id that a change made here and now gets.
    public func nextID(node: String, incarnation: UInt64) -> MembershipChange.ID {
        let last = changes.last?.id.number ?? 0
        return .init(number: last == .max ? last : last + 1, node: node, incarnation: incarnation)
    }

    /// The change by which a node came last; nil for a founder that never left, and for strangers.
    public func arrival(of node: String) -> MembershipChange.ID? {
        changes.last { $0.kind.newcomer?.name == node }?.id
    }

    /// Everybody who belongs or belonged to the store, by the latest address known, in order of appearance.
    public var everybody: [Member] {
        var members = founders
        for newcomer in changes.compactMap(\.kind.newcomer) {
            if let place = members.firstIndex(where: { $0.name == newcomer.name }) {
                members[place] = newcomer
            } else {
                members.append(newcomer)
            }
        }
        return members
    }

    /// Whether two states are of the same store. Where founders are reached may differ: each node is told by its
    /// operator.
    public func isCompatible(with other: MembershipState) -> Bool {
        func shape(_ members: [Member]) -> [Member] {
            members.map { Member(name: $0.name, weight: $0.weight, zone: $0.zone) }
        }
        return partitions == other.partitions && n == other.n && shape(founders) == shape(other.founders)
    }

    /// A digest of all changes, completed or not: what the target ring follows from. Never 0.
    public var target: UInt64 {
        var digest = MD5()
        for change in changes { MembershipState.update(&digest, change.id) }
        return digest.digest().high | 1
    }

    /// A digest of everything that spreads.
    public var digest: UInt64 {
        var digest = MD5()
        digest.update(target)
        for id in completed { MembershipState.update(&digest, id) }
        for mark in marks {
            digest.updateField(Array(mark.node.utf8))
            digest.update(mark.counter)
            digest.update(mark.ready)
            digest.update(mark.clean)
            digest.update(mark.drained ? 1 : 0 as UInt64)
        }
        return digest.digest().high
    }

    private static func update(_ digest: inout MD5, _ id: MembershipChange.ID) {
        digest.update(id.number)
        digest.updateField(Array(id.node.utf8))
        digest.update(id.incarnation)
    }
}

extension MembershipState.Mark {
    /// By counter; a node that lost its disk may give one twice, and then any order will do that is the same for all.
    fileprivate static func isEarlier(_ left: Self, _ right: Self) -> Bool {
        if left.counter != right.counter { return left.counter < right.counter }
        return (left.ready, left.clean, left.drained ? 1 : 0) < (right.ready, right.clean, right.drained ? 1 : 0)
    }
}
