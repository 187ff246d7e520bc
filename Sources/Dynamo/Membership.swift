/// The membership as one node holds it: what it may speak of, what follows from it, and what the others last said that
/// they know.
struct Membership {
    /// On disk, and therefore what this node speaks of and acts by.
    private(set) var state: MembershipState
    /// In the store, perhaps not on disk yet.
    var recorded: MembershipState
    /// The ring by which requests go, and the one towards which data moves. Equal when nothing is pending.
    private(set) var current: Ring
    private(set) var target: Ring
    private(set) var digest: MembershipDigest
    /// What peers said last.
    var told: [String: MembershipDigest] = [:]
    private let founding: Ring

    init(_ state: MembershipState) throws(ConfigurationError) {
        self.state = state
        recorded = state
        founding = try Ring(members: state.founders, partitions: state.partitions, n: state.n)
        (current, target) = Membership.rings(founding, state)
        digest = MembershipDigest(state)
    }

    /// Takes what is now on disk; false when it is no news.
    mutating func adopt(_ news: MembershipState) -> Bool {
        let merged = state.merging(news)
        if merged == state { return false }
        let movesRings = merged.changes != state.changes || merged.completed != state.completed
        state = merged
        digest = MembershipDigest(state)
        if movesRings { (current, target) = Membership.rings(founding, state) }
        return true
    }

    private static func rings(_ founding: Ring, _ state: MembershipState) -> (current: Ring, target: Ring) {
        let completed = Set(state.completed)
        let current = founding.applying(state.changes.filter { completed.contains($0.id) }.map(\.kind))
        if completed.count == state.changes.count { return (current, current) }
        return (current, founding.applying(state.changes.map(\.kind)))
    }

    func isMember(_ name: String) -> Bool { current.contains(name) || target.contains(name) }

    /// Whether a node has to do with data: a member, one that comes, or one that left but may still have something to
    /// hand over.
    func isAcquainted(with name: String) -> Bool { isMember(name) || state.mark(of: name)?.drained != true }

    var acquaintances: [Member] { state.everybody.filter { isAcquainted(with: $0.name) } }

    /// Whether a node has left, has handed everything over and has said so.
    func isGone(_ name: String) -> Bool {
        !isMember(name) && state.mark(of: name)?.drained == true && state.everybody.contains { $0.name == name }
    }

    /// The homes of a partition's keys in the target ring that are not homes yet.
    func coming(partition: Int, n: Int) -> [String] {
        if state.changes.count == state.completed.count { return [] }
        let homes = current.preferenceList(partition).prefix(n)
        return target.preferenceList(partition).prefix(n).filter { !homes.contains($0) }
    }

    /// The partitions that a node gains, for keys with so many replicas.
    func gained(by node: String, n: Int) -> [Int] {
        (0..<current.partitions).filter { coming(partition: $0, n: n).contains(node) }
    }

    /// Everybody who gains anything.
    func gainers(replicaCounts: [Int]) -> Set<String> {
        var gainers: Set<String> = []
        for n in replicaCounts {
            for partition in 0..<current.partitions { gainers.formUnion(coming(partition: partition, n: n)) }
        }
        return gainers
    }
}

/// What a node knows of the membership, in two numbers: equal ones mean equal knowledge.
public struct MembershipDigest: Hashable, Sendable {
    /// Of everything that spreads.
    public var state: UInt64
    /// Of the changes alone; see ``MembershipState/target``.
    public var target: UInt64

    public init(state: UInt64, target: UInt64) {
        self.state = state
        self.target = target
    }

    package init(_ state: MembershipState) {
        self.init(state: state.digest, target: state.target)
    }
}
