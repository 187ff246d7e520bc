/// Which node owns which partition of the hash space: a fixed number of equal partitions, the third of the paper's
/// strategies (DeCandia et al. 2007, §4.2 and §6.2), claimed in proportion to the members' weights.
///
/// It follows from the ordered list of founders and the changes since, so nodes that agree on these agree on the ring
/// without a word.
public struct Ring: Sendable, Hashable {
    /// Q in the paper.
    public let partitions: Int
    /// Who shares the ring: the founders in the order given, then who joined.
    public let members: [Member]
    private let claim: RingClaim
    private let preferences: [[String]]

    /// Weights and counts beyond these would only be typing errors.
    package static let mostPartitions = 65_536, mostWeight = 1_000_000

    /// A new ring.
    ///
    /// - Parameter n: replicas a key; neighbouring partitions go to as many distinct nodes and zones.
    /// - Throws: ``ConfigurationError``.
    public init(members: [Member], partitions: Int, n: Int) throws(ConfigurationError) {
        try Ring.check(members, partitions: partitions, n: n)
        self.init(RingClaim(members: members, partitions: partitions, n: n))
    }

    private init(_ claim: RingClaim) {
        self.claim = claim
        partitions = claim.owners.count
        members = claim.members
        preferences = claim.owners.indices.map { claim.preference(from: $0).map { claim.members[$0].name } }
    }

    /// The ring after some changes, in their order. One that makes no sense (any more) changes nothing, so that nodes
    /// which learn of changes in different orders still agree: a member cannot join twice, and the last cannot leave.
    public func applying(_ changes: some Sequence<MembershipChange.Kind>) -> Ring {
        var claim = claim
        for change in changes {
            switch change {
            case .join(let member): Ring.join(member, &claim)
            case .leave(let name): Ring.leave(name, &claim)
            case .replace(let old, let member):
                let place = claim.members.firstIndex { $0.name == old }
                if claim.members.contains(where: { $0.name == member.name }) {
                    Ring.leave(old, &claim)
                } else if let place {
                    claim.replace(place, by: member)
                } else {
                    Ring.join(member, &claim)
                }
            }
        }
        return claim == self.claim ? self : Ring(claim)
    }

    private static func join(_ member: Member, _ claim: inout RingClaim) {
        let isUsable = (1...mostWeight).contains(member.weight) && !member.name.isEmpty
        if isUsable, !claim.members.contains(where: { $0.name == member.name }) { claim.join(member) }
    }

    private static func leave(_ name: String, _ claim: inout RingClaim) {
        guard claim.members.count > 1, let place = claim.members.firstIndex(where: { $0.name == name }) else { return }
        claim.leave(place)
    }

    /// The partition in which a position lies: `position · Q / 2^128`, exactly.
    public func partition(of position: Hash128) -> Int { position.slice(of: partitions) }

    /// The owner of a partition, of `0 ..< partitions`: the first of its preference list.
    public func owner(of partition: Int) -> String { members[claim.owners[partition]].name }

    public func contains(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// Every member once, in the order in which the walk along the ring meets them: the first N are homes, the rest are
    /// fallbacks (DeCandia et al. 2007, §4.3). Where there are zones, the walk skips nodes until each zone has had its
    /// turn (§4.6).
    public func preferenceList(_ partition: Int) -> [String] { preferences[partition] }

    private static func check(_ members: [Member], partitions: Int, n: Int) throws(ConfigurationError) {
        if members.isEmpty { throw .noMembers }
        var seen: Set<String> = []
        for member in members {
            if !seen.insert(member.name).inserted { throw .duplicateMember(member.name) }
            if member.weight < 1 { throw .notPositive("the weight of \(member.name)") }
            if member.weight > mostWeight { throw .tooLarge("the weight of \(member.name)", limit: mostWeight) }
        }
        if partitions < 1 { throw .notPositive("the number of partitions") }
        if partitions > mostPartitions { throw .tooLarge("the number of partitions", limit: mostPartitions) }
        if n < 1 { throw .notPositive("n") }
    }
}
