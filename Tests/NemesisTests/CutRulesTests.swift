import Nemesis
import Testing

@Suite struct CutRulesTests {
    private let links = (1...5).map { NodeLink(node: "n\($0)", port: "p\($0)", address: "10.77.0.\($0)") }

    @Test func everyDirectionBetweenDifferentGroupsIsCutAndNoOther() {
        let cuts = Set(DirectedLink.between([["n1", "n2"], ["n3"], ["n4"]]))
        let nodes = ["n1", "n2", "n3", "n4", "n5"]
        let side = ["n1": 0, "n2": 0, "n3": 1, "n4": 2]
        for from in nodes {
            for to in nodes {
                let apart = side[from].flatMap { a in side[to].map { $0 != a } } ?? false
                #expect(cuts.contains(DirectedLink(from: from, to: to)) == apart, "\(from) to \(to)")
            }
        }
    }

    @Test func aCutIsOneTransactionThatReplacesTheOneBefore() {
        let text = CutRules.replace(with: DirectedLink.between([["n1"], ["n4"]]), links: links)
        #expect(
            text == """
                flush set bridge dyno cut
                flush set bridge dyno unserved
                add element bridge dyno cut { "p1" . "p4", "p4" . "p1" }

                """)
    }

    @Test func healingOnlyFlushes() {
        let text = CutRules.replace(with: [], links: links)
        #expect(!text.contains("add element"))
        #expect(text.contains("flush set bridge dyno cut"))
    }

    @Test func clientsAreCutOnlyFromTheNodesNamed() {
        let text = CutRules.replace(with: [], clientsOf: ["n2"], links: links)
        #expect(text.contains("add element bridge dyno unserved { \"p2\" }"))
    }
}
