/// Which node owns which partition of the hash space: a fixed number of equal partitions, the third of the paper's
/// strategies (DeCandia et al. 2007, §4.2 and §6.2), claimed in proportion to the members' weights.
///
/// It follows from the ordered member list alone, so nodes that agree on the list agree on the ring without a word.
public struct Ring: Sendable, Hashable {
    /// Q in the paper.
    public let partitions: Int
    private let owners: [String]
    private let preferences: [[String]]

    /// Weights and counts beyond these would only be typing errors.
    package static let mostPartitions = 65_536, mostWeight = 1_000_000

    /// - Parameter n: replicas a key; neighbouring partitions go to as many distinct nodes and zones.
    /// - Throws: ``ConfigurationError``.
    public init(members: [Member], partitions: Int, n: Int) throws(ConfigurationError) {
        try Ring.check(members, partitions: partitions, n: n)
        let claim = RingClaim(members: members, partitions: partitions, n: n)
        self.partitions = partitions
        owners = claim.owners.map { members[$0].name }
        preferences = (0..<partitions).map { Ring.walk(from: $0, owners: claim.owners, members: members) }
    }

    /// The partition in which a position lies: `position · Q / 2^128`, exactly.
    public func partition(of position: Hash128) -> Int { position.slice(of: partitions) }

    /// The owner of a partition, of `0 ..< partitions`: the first of its preference list.
    public func owner(of partition: Int) -> String { owners[partition] }

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

    /// The members in ring walk order, then dealt out in rounds that take each zone at most once.
    private static func walk(from start: Int, owners: [Int], members: [Member]) -> [String] {
        var met = Array(repeating: false, count: members.count)
        var order: [Int] = []
        for step in 0..<owners.count where order.count < members.count {
            let owner = owners[(start + step) % owners.count]
            if !met[owner] {
                met[owner] = true
                order.append(owner)
            }
        }
        // More members than partitions: those without any come last.
        order += members.indices.filter { !met[$0] }
        var dealt: [String] = []
        while !order.isEmpty {
            var zones: Set<String> = []
            var later: [Int] = []
            for member in order {
                if zones.insert(members[member].zone).inserted {
                    dealt.append(members[member].name)
                } else {
                    later.append(member)
                }
            }
            if zones.count == 1 {
                dealt += later.map { members[$0].name }
                break
            }
            order = later
        }
        return dealt
    }
}
