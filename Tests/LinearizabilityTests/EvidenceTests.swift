import Linearizability
import Testing

/// Proofs are small where small ones exist, and cost little more than the decision.
@Suite struct EvidenceTests {
    /// Many clients append to one text, four of them in flight at any time, and read it; in the end a text is read and
    /// after that one that lacks its end.
    private static func texts(count: Int, inFlight: Int) -> [PlainOperation] {
        var history: [PlainOperation] = []
        var text = ""
        for number in 0..<count {
            let instant = 10 * (number + inFlight)
            // Each happens at its instant, in the middle of its time.
            let deed: Deed
            if number % 4 == 3 {
                deed = .readText(text)
            } else {
                deed = .appendText("x \(number % 50) \(number) y")
                text += "x \(number % 50) \(number) y"
            }
            history.append(
                PlainOperation(deed: deed, begin: instant - 5 * inFlight, end: instant + 5 * inFlight + 1))
        }
        let end = 10 * (count + 2 * inFlight)
        history.append(PlainOperation(deed: .readText(text), begin: end, end: end + 1))
        history.append(PlainOperation(deed: .readText(String(text.dropLast(9))), begin: end + 2, end: end + 3))
        return history
    }

    @Test(arguments: [100, 400]) func textsThatLoseTheirEnd(count: Int) {
        let history = Self.texts(count: count, inFlight: 4)
        let sound = Subject.text.check(Array(history.dropLast()))
        #expect(sound.decide(group: 0, Budget()) == .linearizable)
        let check = Subject.text.check(history)
        guard case .notLinearizable(let proof) = check.decide(group: 0, Budget()) else {
            Issue.record("found linearizable")
            return
        }
        // The two reads: no order of anything else helps, whatever was there before them.
        #expect(proof.operations == [Int32(count), Int32(count + 1)])
        #expect(check.visits < 40 * count, "\(check.visits) configurations")
    }

    /// What was read may go on from a text that was there before the cut: a proof must not forget that.
    @Test func textsFromBeforeTheCut() {
        var history = (0..<60).map { PlainOperation(deed: .appendText("\($0 % 7)"), begin: 4 * $0, end: 4 * $0 + 2) }
        let text = (0..<60).map { "\($0 % 7)" }.joined()
        history.append(PlainOperation(deed: .readText(text), begin: 1000, end: 1001))
        #expect(Subject.text.check(history).decide(group: 0, Budget()) == .linearizable)
        history.append(PlainOperation(deed: .appendText("a"), begin: 1002, end: 1003))
        history.append(PlainOperation(deed: .readText(text), begin: 1004, end: 1005))
        guard case .notLinearizable(let proof) = Subject.text.check(history).decide(group: 0, Budget()) else {
            Issue.record("found linearizable")
            return
        }
        // The append and the read without it; or that read and the one before, which the append came between.
        #expect(proof.operations.count == 2 && proof.stuck == 62)
    }

    /// What was read could have stood there had one write not come between: that write belongs to the proof.
    @Test func whatStoodBeforeBelongsToTheProof() {
        let deeds: [Deed] = [.writeText("b"), .writeText("a"), .appendText("c"), .readText("bc")]
        let history = deeds.enumerated().map { PlainOperation(deed: $1, begin: 2 * $0, end: 2 * $0 + 1) }
        guard case .notLinearizable(let proof) = Subject.text.check(history).decide(group: 0, Budget()) else {
            Issue.record("found linearizable")
            return
        }
        #expect(proof.operations.contains(1) && proof.operations.contains(3))
    }

    /// Texts that end alike and begin otherwise are not taken for each other.
    @Test func textsThatBeginOtherwise() {
        let deeds: [Deed] = [
            .writeText("a"), .appendText("b"), .readText("ab"), .writeText("a"), .appendText("x"), .readText("cx"),
        ]
        let history = deeds.enumerated().map { PlainOperation(deed: $1, begin: 2 * $0, end: 2 * $0 + 1) }
        #expect(Subject.text.check(history).decide(group: 0, Budget()) != .linearizable)
        #expect(Subject.text.check(Array(history.dropLast())).decide(group: 0, Budget()) == .linearizable)
    }
}
