import Controller
import Nemesis
import Testing

/// Questions to several nodes: who is silent must not hold up what the others say.
@Suite struct NodePollTests {
    private let links = ["n1", "n2", "n3"].map {
        NodeLink(node: $0, port: "p-\($0)", address: "10.0.0.1")
    }

    /// As a paused node: no answer until nobody waits any more.
    private static func silence() async throws { try await Task.sleep(for: .seconds(3600)) }

    @Test func theOthersAnswersComeThoughOneNodeIsSilent() async {
        let answers = await NodePoll.all(links, within: .milliseconds(100)) { link in
            if link.node == "n1" { try await Self.silence() }
            return link.node.uppercased()
        }
        #expect(answers == ["n2": "N2", "n3": "N3"])
    }

    @Test func theFirstAnswerEndsTheAsking() async {
        let answer = await NodePoll.first(links, within: .seconds(3600)) { link in
            if link.node != "n3" { try await Self.silence() }
            return link.node
        }
        #expect(answer == "n3")
    }

    @Test func whoFailsOrHasNoneIsLeftOut() async {
        struct Refused: Error {}
        let answers = await NodePoll.all(links, within: .seconds(3600)) { link -> Int? in
            switch link.node {
            case "n1": throw Refused()
            case "n2": nil
            default: 3
            }
        }
        #expect(answers == ["n3": 3])
        let first = await NodePoll.first(links, within: .seconds(3600)) { _ -> Int? in nil }
        #expect(first == nil)
    }
}
