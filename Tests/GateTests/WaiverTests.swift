import Checkers
import Gate
import History
import Testing

/// Anomalies may be waived by who answers for them, until the day on which that ends.
@Suite struct WaiverTests {
    private let anomaly = Anomaly(type: .lostWrite, key: "key-41", value: "3-1", message: "It is gone.")

    private var red: RunFacts {
        var facts = Histories.facts(Histories.good())
        guard let index = facts.verdict.checkers.firstIndex(where: { $0.name == .siblings }) else { return facts }
        facts.verdict.checkers[index].result = CheckerResult(
            validity: .invalid, anomalyCount: 1, anomalies: [anomaly])
        facts.verdict.validity = .invalid
        return facts
    }

    private func waiver(key: String? = nil, workload: String? = nil, day: Int = 20_000) -> Waiver {
        Waiver(
            anomaly: "lost-write", workload: workload, key: key, node: nil, owner: "ann", reason: "known",
            expires: CivilDate(day: day), line: 7)
    }

    private func outcome(_ waivers: [Waiver], _ facts: RunFacts) -> Outcome {
        Histories.decide(Histories.policy { $0.waivers = waivers }, [.run(facts)]).outcome
    }

    @Test func anAnomalyFailsUnlessWaived() {
        #expect(outcome([], red) == .fail)
        #expect(outcome([waiver()], red) == .pass)
        #expect(outcome([waiver(key: "key-4*")], red) == .pass)
        #expect(outcome([waiver(key: "key-5*")], red) == .fail)
        #expect(outcome([waiver(workload: "test")], red) == .pass)
        #expect(outcome([waiver(workload: "other")], red) == .fail)
    }

    @Test func anExpiredWaiverCoversNothingAndIsItselfRefused() {
        #expect(outcome([waiver(day: 19_999)], red) == .fail)
        #expect(outcome([waiver(day: 19_999)], Histories.facts(Histories.good())) == .inconclusive)
    }

    @Test func anomaliesThatAreNotListedAreNotWaived() {
        var facts = red
        guard let index = facts.verdict.checkers.firstIndex(where: { $0.name == .siblings }) else {
            Issue.record("siblings did not decide")
            return
        }
        facts.verdict.checkers[index].result.anomalyCount = 2
        #expect(outcome([waiver()], facts) == .fail)
    }

    @Test(arguments: [
        ("key-41", "*", true), ("key-41", "key-4*", true), ("key-41", "*41", true), ("key-41", "k*y*1", true),
        ("key-41", "key-4", false), ("key-41", "", false), ("", "*", true), ("aab", "a*ab", true),
        ("ab", "a*ab", false),
    ])
    func patterns(_ text: String, _ pattern: String, _ matches: Bool) {
        let waiver = waiver(key: pattern)
        var facts = red
        guard let index = facts.verdict.checkers.firstIndex(where: { $0.name == .siblings }) else { return }
        facts.verdict.checkers[index].result.anomalies[0].key = text
        #expect(outcome([waiver], facts) == (matches ? .pass : .fail))
    }
}
