import Dynamo
import Testing

struct RingTests {
    struct Shape: CustomTestStringConvertible {
        var partitions: Int, n: Int, members: [Member]
        var testDescription: String { "Q \(partitions), N \(n), \(members.map { "\($0.weight)\($0.zone)" })" }
    }

    /// Many rings: sizes, weights and zones.
    static let shapes: [Shape] = {
        var generator = SplitMix64(seed: 7)
        var shapes: [Shape] = []
        for partitions in [1, 7, 16, 64, 100, 256] {
            for n in 1...5 {
                for count in [1, 2, 3, 4, 5, 8, 13] {
                    for zones in [1, 2, 3] {
                        let members = (0..<count).map { index in
                            Member(
                                name: "n\(index)", weight: zones == 2 ? Int.random(in: 1...4, using: &generator) : 1,
                                zone: zones == 1 ? "" : "z\(index % zones)")
                        }
                        shapes.append(Shape(partitions: partitions, n: n, members: members))
                    }
                }
            }
        }
        return shapes
    }()

    private static let rings = shapes.map { shape in
        (shape, Result { try Ring(members: shape.members, partitions: shape.partitions, n: shape.n) })
    }

    @Test func sharesFollowWeights() throws {
        for (shape, ring) in RingTests.rings {
            let ring = try ring.get()
            let total = shape.members.map(\.weight).reduce(0, +)
            var owned: [String: Int] = [:]
            for partition in 0..<shape.partitions { owned[ring.owner(of: partition), default: 0] += 1 }
            // Within one of the exact share: |owned - Q · weight / total| < 1.
            let fair = shape.members.allSatisfy {
                abs((owned[$0.name] ?? 0) * total - shape.partitions * $0.weight) < total
            }
            #expect(fair, "\(shape.testDescription): \(owned)")
        }
    }

    @Test func preferenceListsHoldEveryMemberOnce() throws {
        for (shape, ring) in RingTests.rings {
            let ring = try ring.get()
            let names = shape.members.map(\.name).sorted()
            let whole = (0..<shape.partitions).allSatisfy { partition in
                let list = ring.preferenceList(partition)
                return list.first == ring.owner(of: partition) && list.sorted() == names
            }
            #expect(whole, "\(shape.testDescription)")
        }
    }

    @Test func homesAreSpreadOverZones() throws {
        for (shape, ring) in RingTests.rings {
            let ring = try ring.get()
            let zones = Dictionary(uniqueKeysWithValues: shape.members.map { ($0.name, $0.zone) })
            let most = min(shape.n, Set(zones.values).count)
            let spread = (0..<shape.partitions).allSatisfy { partition in
                Set(ring.preferenceList(partition).prefix(shape.n).compactMap { zones[$0] }).count == most
            }
            #expect(spread, "\(shape.testDescription)")
        }
    }

    @Test func partitionsAreEqualShares() throws {
        for partitions in [1, 3, 64, 100] {
            let ring = try Ring(members: [Member(name: "n1")], partitions: partitions, n: 1)
            #expect(ring.partition(of: .zero) == 0)
            #expect(ring.partition(of: Hash128(high: .max, low: .max)) == partitions - 1)
            var counts = Array(repeating: 0, count: partitions)
            for number in 0..<20_000 { counts[ring.partition(of: key("k\(number)").position)] += 1 }
            #expect(counts.allSatisfy { abs($0 - 20_000 / partitions) <= 20_000 / partitions / 2 + 20 })
        }
        let two = try Ring(members: [Member(name: "n1")], partitions: 2, n: 1)
        #expect(two.partition(of: Hash128(high: .max >> 1, low: .max)) == 0)
        #expect(two.partition(of: Hash128(high: 1 << 63, low: 0)) == 1)
    }

    @Test func unusableSettingsAreRefused() {
        let one = Member(name: "n1")
        #expect(throws: ConfigurationError.noMembers) { try Ring(members: [], partitions: 8, n: 1) }
        #expect(throws: ConfigurationError.duplicateMember("n1")) {
            try Ring(members: [one, one], partitions: 8, n: 1)
        }
        #expect(throws: ConfigurationError.notPositive("the weight of n2")) {
            try Ring(members: [one, Member(name: "n2", weight: 0)], partitions: 8, n: 1)
        }
        #expect(throws: ConfigurationError.notPositive("the number of partitions")) {
            try Ring(members: [one], partitions: 0, n: 1)
        }
        #expect(throws: ConfigurationError.notPositive("n")) { try Ring(members: [one], partitions: 8, n: 0) }
    }
}
