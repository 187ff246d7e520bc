import Dynamo
import Testing

/// What joins and leaves do to the ring: shares follow the weights, little moves, and zones are kept apart.
struct RingChangeTests {
    /// Five unequal nodes, none of which weighs more than a third of all.
    static let unequal = [3, 4, 5, 6, 7].enumerated().map { Member(name: "n\($0.offset + 1)", weight: $0.element) }

    /// Each member's part of all replicas, in thousandths of what its weight says.
    private func load(_ ring: Ring, n: Int) -> [String: Int] {
        var homes: [String: Int] = [:]
        for partition in 0..<ring.partitions {
            for home in ring.preferenceList(partition).prefix(n) { homes[home, default: 0] += 1 }
        }
        let weights = ring.members.map(\.weight).reduce(0, +)
        let replicas = ring.partitions * n
        return Dictionary(
            uniqueKeysWithValues: ring.members.map { member in
                (member.name, (homes[member.name] ?? 0) * weights * 1_000 / (member.weight * replicas))
            })
    }

    /// Homes that are new to their partition.
    private func moved(from old: Ring, to new: Ring, n: Int) -> Int {
        (0..<old.partitions).reduce(0) { sum, partition in
            sum
                + Set(new.preferenceList(partition).prefix(n)).subtracting(old.preferenceList(partition).prefix(n))
                .count
        }
    }

    private func expectFair(_ ring: Ring, _ what: String) {
        let load = load(ring, n: 3)
        #expect(load.values.allSatisfy { (900...1_100).contains($0) }, "\(what): \(load)")
    }

    @Test func loadFollowsWeightsThroughJoinsAndLeaves() throws {
        let founded = try Ring(members: RingChangeTests.unequal, partitions: 256, n: 3)
        expectFair(founded, "founded")
        let six = founded.applying([.join(Member(name: "n6", weight: 5))])
        expectFair(six, "a join")
        let seven = six.applying([.join(Member(name: "n7", weight: 3))])
        expectFair(seven, "two joins")
        for name in seven.members.map(\.name) { expectFair(seven.applying([.leave(name)]), "\(name) leaves seven") }
        expectFair(seven.applying([.leave("n1"), .join(Member(name: "n8", weight: 4))]), "one leaves, one joins")
        expectFair(seven.applying([.replace("n2", by: Member(name: "n9", weight: 4))]), "a replacement")
    }

    @Test(arguments: [64, 100, 256]) func aJoinMovesItsShareAndNothingElse(partitions: Int) throws {
        for count in 3...9 {
            let members = (1...count).map { Member(name: "n\($0)") }
            let old = try Ring(members: members, partitions: partitions, n: 3)
            let new = old.applying([.join(Member(name: "x"))])
            let changed = (0..<partitions).filter { old.owner(of: $0) != new.owner(of: $0) }
            #expect(changed.allSatisfy { new.owner(of: $0) == "x" })
            #expect(abs(changed.count * (count + 1) - partitions) <= count + 1)
            // Every replica that moves goes to the newcomer or follows from it: about N times its share.
            #expect(moved(from: old, to: new, n: 3) <= 3 * changed.count + 6)
        }
    }

    @Test func aLeaveMovesTheLeaversShareAndNothingElse() throws {
        for count in 4...9 {
            let members = (1...count).map { Member(name: "n\($0)") }
            let old = try Ring(members: members, partitions: 256, n: 3)
            let new = old.applying([.leave("n2")])
            #expect((0..<256).allSatisfy { old.owner(of: $0) == "n2" || old.owner(of: $0) == new.owner(of: $0) })
            let left = (0..<256).filter { old.preferenceList($0).prefix(3).contains("n2") }.count
            #expect(moved(from: old, to: new, n: 3) <= left * 5 / 4)
        }
    }

    @Test func aReplacementChangesNamesOnly() throws {
        let old = try Ring(members: RingChangeTests.unequal, partitions: 64, n: 3)
        let new = old.applying([.replace("n3", by: Member(name: "x", weight: 5))])
        for partition in 0..<64 {
            #expect(new.preferenceList(partition) == old.preferenceList(partition).map { $0 == "n3" ? "x" : $0 })
        }
    }

    @Test func zonesAreKeptApartThroughChanges() throws {
        let members = (0..<6).map { Member(name: "n\($0)", zone: "z\($0 % 3)") }
        var ring = try Ring(members: members, partitions: 64, n: 3)
        let changes: [MembershipChange.Kind] = [
            .join(Member(name: "x", zone: "z0")), .leave("n1"), .join(Member(name: "y", weight: 2, zone: "z2")),
            .replace("n0", by: Member(name: "w", zone: "z0")), .leave("n5"),
        ]
        for change in changes {
            ring = ring.applying([change])
            let zones = Dictionary(uniqueKeysWithValues: ring.members.map { ($0.name, $0.zone) })
            for partition in 0..<64 {
                let homes = ring.preferenceList(partition)
                #expect(Set(homes.prefix(3).compactMap { zones[$0] }).count == 3)
                #expect(Set(homes).count == ring.members.count)
            }
        }
    }

    /// Riak once gave two replicas to one node where the ring closes (basho/riak_core#913, #972).
    @Test func theRingClosesWithoutASeam() throws {
        for partitions in [16, 64, 100, 128, 256] {
            for count in 4...13 {
                for n in 2..<min(count, 6) {
                    let members = (1...count).map { Member(name: "n\($0)") }
                    let ring = try Ring(members: members, partitions: partitions, n: n)
                    let tight = (0..<partitions).filter { start in
                        Set((0..<n).map { ring.owner(of: (start + $0) % partitions) }).count < n
                    }
                    #expect(tight.isEmpty, "Q \(partitions), \(count) nodes, N \(n): \(tight)")
                }
            }
        }
    }

    @Test func changesThatMakeNoSenseChangeNothing() throws {
        let ring = try Ring(members: RingChangeTests.unequal, partitions: 64, n: 3)
        #expect(ring.applying([.join(Member(name: "n1"))]) == ring)
        #expect(ring.applying([.leave("nobody")]) == ring)
        #expect(ring.applying([.join(Member(name: "x", weight: 0))]) == ring)
        let last = ring.applying(["n1", "n2", "n3", "n4"].map { .leave($0) })
        #expect(last.members.map(\.name) == ["n5"])
        #expect(last.applying([.leave("n5")]) == last)
        // Both a replacement and a leave of the same node: whichever comes first, the newcomer is in.
        let newcomer = Member(name: "x", weight: 4)
        #expect(ring.applying([.leave("n2"), .replace("n2", by: newcomer)]).contains("x"))
        #expect(ring.applying([.replace("n2", by: newcomer), .leave("n2")]).contains("x"))
    }
}
