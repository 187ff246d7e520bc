import Checkers
import History
import Testing

/// The verdict as a whole, and as JSON.
@Suite struct VerdictTests {
    private func lostPut(key: String = "cart-7") -> History {
        var history = History()
        func event(_ time: Int64, _ process: Process, _ type: EventType, _ function: Function) -> EventDraft {
            var draft = EventDraft(time, process, type, function)
            if process.isClient {
                draft.key = key
                draft.node = type == .invoke ? "n2" : nil
            }
            return draft
        }
        var put = event(4_800_000_000, .client(3), .invoke, .put)
        put.value = "3-41"
        history.append(put)
        put = event(4_812_345_678, .client(3), .ok, .put)
        put.value = "3-41"
        history.append(put)
        var phase = event(9_000_000_000, .controller, .info, .phase)
        phase.value = "final"
        history.append(phase)
        history.append(event(9_100_000_000, .client(9), .invoke, .get))
        var get = event(9_200_000_000, .client(9), .ok, .get)
        get.list = .versions([])
        history.append(get)
        return history
    }

    @Test func jsonIsExact() {
        let message =
            "Put 3-41 on cart-7 was acknowledged at 4.812 s by n2, but the final get at 9.200 s from n2 "
            + "returned nothing, which neither has it nor saw it."
        let expected = """
            {"valid":false,"events":5,"checkers":{"siblings":{"valid":false,"anomaly_count":1,"anomalies":[\
            {"type":"lost-write","key":"cart-7","value":"3-41","ops":[0,1,4],"message":"\(message)"}]},\
            "causality":{"valid":"unknown","reason":"No event shows a dot or a clock of any write.",\
            "anomaly_count":0,"anomalies":[]}}}
            """
        #expect(check(lostPut(), checkers: [.causality, .siblings]).json == expected)
    }

    @Test func jsonEscapesWhatItMust() {
        let json = check(lostPut(key: "a\"b\\c\n\u{1}é"), checkers: [.siblings]).json
        #expect(json.contains(#""key":"a\"b\\c\n\u0001é""#))
    }

    @Test func theDefaultLeavesSessionOut() {
        #expect(check(lostPut()).checkers.map(\.name) == [.siblings, .causality, .durability, .convergence])
    }

    @Test func nothingListedIsStillCounted() {
        let result = check(lostPut(), maxAnomalies: 0)[.siblings]
        #expect(result?.anomalies == [])
        #expect(result?.anomalyCount == 1)
        #expect(result?.validity == .invalid)
    }

    @Test func theWholeIsTheWorst() {
        #expect(Validity.valid.worse(.unknown) == .unknown)
        #expect(Validity.unknown.worse(.invalid) == .invalid)
        #expect(Validity.valid.worse(.valid) == .valid)
        #expect(check(lostPut()).validity == .invalid)
        #expect(check(lostPut(), checkers: [.causality]).validity == .unknown)
        #expect(check(History()).validity == .unknown)
    }

    @Test func aTruncatedHistoryIsNeverValid() {
        var soup: UInt64 = 0
        while check(Soup(seed: soup).history, checkers: [.siblings]).validity != .valid { soup += 1 }
        var history = Soup(seed: soup).history
        history.truncation = Truncation(reason: "The last block is cut off.", bytesLost: 7)
        let verdict = check(history, checkers: [.siblings])
        #expect(verdict.validity == .unknown)
        #expect(verdict[.siblings]?.validity == .valid)
        #expect(verdict.reason == "The history is not complete: The last block is cut off.")
        var lost = lostPut()
        lost.truncation = history.truncation
        #expect(check(lost).validity == .invalid)
    }

    @Test func theSameHistoryGetsTheSameBytes() {
        for seed in UInt64(0)..<20 {
            #expect(
                check(Soup(seed: seed).history, checkers: CheckerName.contract).json
                    == check(Soup(seed: seed).history, checkers: CheckerName.contract).json)
        }
    }
}
