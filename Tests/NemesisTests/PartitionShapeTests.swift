import History
import Nemesis
import Testing
import Workload

@Suite struct PartitionShapeTests {
    private let nodes = ["n1", "n2", "n3", "n4", "n5"]

    @Test func halvesDifferByAtMostOneAndHoldEveryNode() {
        var shapes: Set<[String]> = []
        for seed in 0..<50 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let groups = FaultSpec.Shape.halves.sides(of: nodes, isolated: [], using: &generator)
            #expect(groups.count == 2)
            #expect(abs(groups[0].count - groups[1].count) <= 1)
            #expect(groups.flatMap { $0 }.sorted() == nodes)
            shapes.insert(groups[0].sorted())
        }
        #expect(shapes.count > 5, "the seed draws the sides")
    }

    @Test func majorityLeavesEveryOtherNodeAlone() {
        var generator = SeededGenerator(seed: 3)
        let groups = FaultSpec.Shape.majority.sides(of: nodes, isolated: [], using: &generator)
        #expect(groups.map(\.count) == [3, 1, 1])
    }

    @Test func aBridgeIsOneNodeThatBothHalvesSee() {
        var generator = SeededGenerator(seed: 4)
        let groups = FaultSpec.Shape.bridge.sides(of: nodes, isolated: [], using: &generator)
        #expect(groups.map(\.count) == [2, 2])
        #expect(Set(groups.flatMap { $0 }).count == 4)
    }

    @Test func theSameSeedDrawsTheSameSides() {
        var (left, right) = (SeededGenerator(seed: 9), SeededGenerator(seed: 9))
        let nodes = (1...9).map { "n\($0)" }
        #expect(
            FaultSpec.Shape.halves.sides(of: nodes, isolated: [], using: &left)
                == FaultSpec.Shape.halves.sides(of: nodes, isolated: [], using: &right))
    }

    @Test(arguments: [3, 4, 5, 6, 7, 9]) func everyNodeOfTheMajoritiesRingSeesAMajorityOfItsOwn(count: Int) {
        let nodes = (1...count).map { "n\($0)" }
        var generator = SeededGenerator(seed: 1)
        let deed = FaultSpec.Shape.majoritiesRing.deed(among: nodes, isolated: [], clientsCut: false, using: &generator)
        let cuts = Set(deed?.links ?? [])
        let seen = nodes.map { node in nodes.filter { $0 == node || !cuts.contains(DirectedLink(from: $0, to: node)) } }
        #expect(seen.allSatisfy { $0.count > count / 2 })
        if count > 3 { #expect(Set(seen).count == count) }
        #expect(cuts.allSatisfy { cuts.contains(DirectedLink(from: $0.to, to: $0.from)) })
    }

    @Test func aDirectionTellsWhichLinksOfATargetAreMeant() {
        let some = ["n1", "n2", "n3"]
        #expect(FaultSpec.Direction.out.links(of: ["n1"], among: some).map(\.to) == ["n2", "n3"])
        #expect(FaultSpec.Direction.in.links(of: ["n1"], among: some).map(\.from) == ["n2", "n3"])
        #expect(FaultSpec.Direction.both.links(of: ["n1"], among: some).count == 4)
    }
}
