import Causality
import Testing

extension Choices {
    mutating func actor() -> Actor { Actor(node: element(of: ["a", "b", "c"]), incarnation: UInt64(below(3))) }

    mutating func vector() -> VersionVector {
        VersionVector(
            entries: (0..<below(5)).map { _ in VersionVector.Entry(actor: actor(), counter: UInt64(below(4))) })
    }
}

struct VersionVectorTests {
    private let n1 = Actor(node: "n1", incarnation: 7), n2 = Actor(node: "n2", incarnation: 3)

    @Test func anyInputIsNormalised() {
        let vector = VersionVector(entries: [
            .init(actor: n1, counter: 2), .init(actor: n2, counter: 0), .init(actor: n1, counter: 5),
            .init(actor: n2, counter: 1),
        ])
        #expect(vector.entries == [.init(actor: n2, counter: 1), .init(actor: n1, counter: 5)])
        #expect(vector.description == "{n2.3:1, n1.7:5}")
    }

    @Test func entriesStayNormal() {
        forAll { choices throws(Falsified) in
            var vector = choices.vector().merging(choices.vector())
            vector.insert(Dot(actor: choices.actor(), counter: UInt64(choices.below(4))))
            try require(vector == VersionVector(entries: vector.entries.reversed()), "\(vector)")
        }
    }

    @Test func mergingIsALattice() {
        forAll { choices throws(Falsified) in
            let (x, y, z) = (choices.vector(), choices.vector(), choices.vector())
            try require(x.merging(y) == y.merging(x), "commutative: \(x) \(y)")
            try require(x.merging(y).merging(z) == x.merging(y.merging(z)), "associative: \(x) \(y) \(z)")
            try require(x.merging(x) == x, "idempotent: \(x)")
            try require(x.merging(y).descends(from: x), "upper bound: \(x) \(y)")
            try require(x.descends(from: y) == (x.merging(y) == x), "order: \(x) \(y)")
            var merged = x
            merged.merge(y)
            try require(merged == x.merging(y), "in place: \(x) \(y)")
        }
    }

    @Test func aDotIsContainedWithItsPast() {
        forAll { choices throws(Falsified) in
            var vector = choices.vector()
            let dot = Dot(actor: choices.actor(), counter: UInt64(1 + choices.below(4)))
            let before = vector
            try require(vector.contains(dot) == (vector[dot.actor] >= dot.counter), "\(vector) \(dot)")
            vector.insert(dot)
            for counter in 1...dot.counter {
                try require(vector.contains(Dot(actor: dot.actor, counter: counter)), "\(vector) \(dot)")
            }
            try require(vector.descends(from: before), "\(vector) \(before)")
            try require(!vector.contains(Dot(actor: dot.actor, counter: 0)), "there is no event zero")
        }
    }
}
