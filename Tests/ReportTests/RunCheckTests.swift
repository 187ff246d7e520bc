import Checkers
import History
import Report
import Testing

/// A green verdict must mean something: what was not exercised or not witnessed makes it unknown.
@Suite struct RunCheckTests {
    /// A history that all four checkers find valid, with a header and a last event of a run of ours.
    private func history(require: String = "{}", witness: String? = nil, counters: String? = nil, wire: String? = nil)
        -> History
    {
        var history = SyntheticHistory.generate(events: 3000, keys: 20, clients: 8, seed: 5)
        history.header.extras = "\"workload\":\"test\",\"require\":\(require)"
        let last = history.events.last?.time ?? 0
        for (name, value) in [("witness", witness), ("counters", counters), ("wire", wire)] {
            guard let value else { continue }
            var draft = EventDraft(last, .controller, .info, .other)
            draft.name = name
            draft.extras = "\"value\":\(value)"
            history.append(draft)
        }
        return history
    }

    private func witness(proven: Bool) -> String {
        "{\"fault\":\"partition\",\"groups\":[[\"n1\"],[\"n2\"]],\"begin\":1000000,\"end\":2000000,\"effect_ns\":5,"
            + "\"proven\":\(proven),\"sentence\":\"3 packets of n1 reached n2 inside the cut\",\"packets_stopped\":0}"
    }

    @Test func aForeignHistoryIsJudgedByTheContractAlone() {
        let verdict = RunCheck.verdict(
            on: SyntheticHistory.generate(events: 3000, keys: 20, clients: 8, seed: 5), checkers: [])
        #expect(verdict.validity == .valid)
        #expect(verdict.exercise == nil)
        #expect(!verdict.json.contains("exercise"))
    }

    @Test func floorsThatWereReachedLeaveTheVerdictValid() {
        let verdict = RunCheck.verdict(on: history(require: "{\"operations\":100,\"kills\":1}"), checkers: [])
        #expect(verdict.exercise?.validity == .valid)
        #expect(verdict.validity == .valid)
    }

    @Test func aFloorThatWasNotReachedMakesItUnknownAndIsNamed() {
        let verdict = RunCheck.verdict(on: history(require: "{\"operations\":1000000}"), checkers: [])
        #expect(verdict.validity == .unknown)
        #expect(verdict.exercise?.reason?.contains("operations") == true)
        #expect(verdict.json.contains("\"exercise\":{\"valid\":\"unknown\""))
    }

    @Test func countsOfTheStoreAreFloorsToo() {
        let counters =
            "{\"hints_stored\":9,\"hints_delivered\":7,\"keys_repaired\":0,\"read_repairs\":0,\"packets\":1,\"bytes\":1}"
        let enough = history(require: "{\"hints-delivered\":7}", counters: counters)
        let tooFew = history(require: "{\"hints-delivered\":8}", counters: counters)
        #expect(RunCheck.verdict(on: enough, checkers: []).validity == .valid)
        #expect(RunCheck.verdict(on: tooFew, checkers: []).validity == .unknown)
        #expect(RunCheck.verdict(on: history(require: "{\"hints-delivered\":1}"), checkers: []).validity == .unknown)
    }

    @Test func aFloorThatNobodyCanCountMakesItUnknown() {
        #expect(RunCheck.verdict(on: history(require: "{\"moons\":1}"), checkers: []).validity == .unknown)
    }

    @Test func aFaultThatIsNotProvenMakesItUnknownAndIsNamed() {
        let inert = RunCheck.verdict(on: history(witness: witness(proven: false)), checkers: [])
        #expect(inert.validity == .unknown)
        #expect(inert.exercise?.reason?.contains("n1 | n2") == true)
        #expect(RunCheck.verdict(on: history(witness: witness(proven: true)), checkers: []).validity == .valid)
    }

    private func wire(dropped: Int, judged: Int) -> String {
        "{\"packets\":100,\"dropped\":\(dropped),\"gaps\":0,\"judged\":\(judged),\"belowW\":0,\"unjudged\":2,"
            + "\"hintsAcknowledged\":0,\"objectsRepaired\":0}"
    }

    @Test func packetsThatTheCaptureLostMakeItUnknown() {
        let require = "{\"operations\":100}"
        let whole = RunCheck.verdict(on: history(require: require, wire: wire(dropped: 0, judged: 7)), checkers: [])
        #expect(whole.validity == .valid)
        let lossy = RunCheck.verdict(on: history(require: require, wire: wire(dropped: 3, judged: 7)), checkers: [])
        #expect(lossy.validity == .unknown)
        #expect(lossy.exercise?.reason?.contains("lost 3 of 103 packets") == true)
    }

    @Test func acknowledgementsJudgedOnTheWireAreAFloorToo() {
        let require = "{\"acknowledgements-judged\":7}"
        #expect(
            RunCheck.verdict(on: history(require: require, wire: wire(dropped: 0, judged: 7)), checkers: []).validity
                == .valid)
        #expect(
            RunCheck.verdict(on: history(require: require, wire: wire(dropped: 0, judged: 6)), checkers: []).validity
                == .unknown)
        #expect(RunCheck.verdict(on: history(require: require), checkers: []).validity == .unknown)
    }

    @Test func anAnomalyOutweighsWhatWasNotExercised() {
        var broken = history(require: "{\"operations\":1000000}")
        var draft = EventDraft(broken.events.last?.time ?? 0, .inspector, .ok, .hints)
        draft.node = "n1"
        draft.number = 3
        broken.append(draft)
        #expect(RunCheck.verdict(on: broken, checkers: []).validity == .invalid)
    }
}
