import Checkers
import History
import Testing

private typealias H = FieldHistory

/// Corners of the field's checkers: each is a history that a small change of a rule would judge otherwise.
@Suite struct FieldEdgeTests {
    // MARK: set-full

    @Test func setFullReadsThatOverlap() throws {
        let add = H.done(0, "add", "\"value\":7")
        // The read that lacks it began last, though the one with it ended last.
        let crossed =
            add + [
                H.begin(1, "read"), H.begin(2, "read"), H.ok(2, "read", "\"value\":[]"),
                H.ok(1, "read", "\"value\":[7]"),
            ]
        #expect(try result(.setFull, crossed).brief == ["lost-element 7 @0,1,3,4"])
        let missed = try result(.setFull, add + H.done(1, "read", answer: "\"value\":[]"))
        #expect(missed.validity == .invalid && missed.figure("never_read") == 0)
        let unread = try result(.setFull, H.done(1, "read", answer: "\"value\":[]") + add)
        #expect(unread.figure("never_read") == 1)
    }

    @Test func setFullAdditions() throws {
        let failed = [H.begin(0, "add", "\"value\":7"), H.event(0, "fail", "add")]
        let present = H.done(1, "read", answer: "\"value\":[7]")
        #expect(try result(.setFull, failed + present).brief == ["phantom-element 7 @2,3"])
        // Added again after it failed, and added twice: the first that may have happened counts.
        let add = H.done(0, "add", "\"value\":7")
        #expect(try result(.setFull, failed + add + present).validity == .valid)
        let absent = H.done(1, "read", answer: "\"value\":[]")
        #expect(try result(.setFull, add + add + present + absent).brief == ["lost-element 7 @0,1,6,7"])
        // A read that failed shows nothing, whatever it says.
        let refused = [H.begin(1, "read"), H.event(1, "fail", "read", "\"value\":[]"), H.begin(1, "read")]
        #expect(try result(.setFull, add + refused).validity == .unknown)
    }

    @Test func setFullOfTwoKeys() throws {
        // The seven that is in one set says nothing of the other.
        let lines =
            H.done(0, "add", "\"key\":\"a\",\"value\":7") + H.done(1, "read", "\"key\":\"b\"", answer: "\"value\":[7]")
        #expect(try result(.setFull, lines).brief == ["phantom-element 7 @2,3"])
    }

    // MARK: counter

    @Test func counterWhileReading() throws {
        let during = [H.begin(1, "read")] + H.done(0, "add", "\"value\":5") + [H.ok(1, "read", "\"value\":5")]
        #expect(try result(.counter, during).validity == .valid)
        let taken = H.done(0, "add", "\"value\":1") + [H.begin(2, "add", "\"value\":-5")]
        #expect(try result(.counter, taken + H.done(1, "read", answer: "\"value\":-4")).validity == .valid)
        #expect(try result(.counter, taken + H.done(1, "read", answer: "\"value\":1")).validity == .valid)
        #expect(try result(.counter, taken + H.done(1, "read", answer: "\"value\":-5")).validity == .invalid)
        let keys =
            H.done(0, "add", "\"key\":\"a\",\"value\":1") + H.done(1, "read", "\"key\":\"b\"", answer: "\"value\":0")
        #expect(try result(.counter, keys).validity == .unknown)
    }

    // MARK: unique-ids

    @Test func whatCountsAsAnID() throws {
        let refused = [H.begin(0, "generate"), H.event(0, "fail", "generate", "\"value\":17")]
        let one = H.done(0, "generate", answer: "\"value\":17")
        #expect(try result(.uniqueIDs, refused + one).validity == .unknown)
        let reads = H.done(0, "read", answer: "\"value\":17") + H.done(0, "read", answer: "\"value\":17")
        #expect(try result(.uniqueIDs, reads).validity == .unknown)
        #expect(try result(.uniqueIDs, one + one).validity == .invalid)
    }

    // MARK: availability

    @Test(arguments: ["kill", "pause", "wipe"]) func everyFaultOfANode(fault: String) throws {
        let write = [
            H.begin(0, "put", "\"key\":\"x\",\"value\":\"a\",\"node\":\"n2\""),
            H.ok(0, "put", "\"key\":\"x\",\"value\":\"a\""),
        ]
        let lines = [H.nemesis(fault, "\"n1\"")] + write
        #expect(try result(.availability, lines).validity == .valid)
    }

    @Test func partitions() throws {
        let cut = [H.nemesis("partition", "[\"n1\"],[\"n2\",\"n3\"]")]
        let refused = [
            H.begin(0, "put", "\"key\":\"x\",\"value\":\"a\",\"node\":\"n1\""),
            H.event(0, "fail", "put", "\"key\":\"x\",\"value\":\"a\""),
        ]
        // Cut off itself, so it says nothing of the others; but a write was made under a fault.
        let found = try result(.availability, cut + refused)
        #expect(found.validity == .unknown && found.figure("writes_under_fault") == 1)
        #expect(found.figure("succeeded_percent") == 0)
    }

    @Test func faultsDuringAWrite() throws {
        let begin = H.begin(0, "put", "\"key\":\"x\",\"value\":\"a\",\"node\":\"n1\"")
        let end = H.event(0, "fail", "put", "\"key\":\"x\",\"value\":\"a\"")
        let failed = [begin, H.nemesis("kill", "\"n1\""), end]
        #expect(try result(.availability, failed).validity == .unknown)
        let foreign = [
            H.nemesis("kill", "\"n1\""), H.begin(0, "write", "\"key\":\"x\",\"node\":\"n2\",\"value\":1"),
            H.event(0, "fail", "write"),
        ]
        #expect(try result(.availability, foreign).brief == ["refused-write - @1,2"])
    }

    // MARK: staleness

    @Test func stalenessCountsAllThatIsMissed() throws {
        let two = H.put(0, "x", "a") + H.put(1, "x", "b") + H.get(2, "x", [])
        let found = try result(.staleness, two) { $0.mostVersionsBehind = 1 }
        #expect(found.figure("versions_behind_max") == 2)
        // The older was acknowledged three milliseconds before the get began.
        #expect(found.figure("behind_ms_max") == 3 && found.brief == ["stale-read a @0,1,4,5"])
        #expect(found.figure("visible_within_3ms_percent") == 0)
        let during =
            [H.begin(2, "get", "\"key\":\"x\"")] + H.put(0, "x", "a") + [H.ok(2, "get", "\"key\":\"x\",\"value\":[]")]
        #expect(try result(.staleness, during) { $0.mostVersionsBehind = 0 }.figure("reads") == 0)
    }

    // MARK: causal

    @Test func causalOncePerRead() throws {
        // What a get shows teaches for the gets behind it, not for itself.
        let blind = H.put(0, "x", "a") + H.put(0, "x", "b") + H.get(1, "x", ["b"])
        #expect(try result(.causal, blind).validity == .unknown)
        #expect(try result(.causal, blind + H.get(1, "x", ["b"])).brief == ["monotonic-writes a @0,1,5,6,7"])
        let twice = try result(.causal, H.put(0, "x", "a") + H.get(0, "x", []) + H.get(0, "x", []))
        #expect(twice.anomalyCount == 1)
    }

    @Test func causalLossesAreToldOnce() throws {
        func lost(_ process: Int) -> [String] { H.get(process, "x", ["a"]) + H.get(process, "x", []) }
        let both = try result(.causal, H.put(0, "x", "a") + lost(1) + lost(2))
        #expect(both.brief == ["monotonic-reads a @0,1,3,4,5"] && both.anomalyCount == 1)
        // By another rule it is another loss.
        let own = try result(.causal, H.put(0, "x", "a") + lost(1) + H.get(0, "x", []))
        #expect(own.anomalyCount == 2)
    }

    // MARK: cart

    @Test func cartDeletes() throws {
        // The delete did not read the version with milk, but one that was made of it, and does not say what is in it.
        let made = Self.milk + H.put(1, "k", "b", seen: ["a"])
        let delete = H.done(1, "delete", "\"key\":\"k\",\"value\":\"d\",\"seen\":[\"b\"]", answer: "\"key\":\"k\"")
        #expect(try result(.cart, made + delete + [H.final] + H.get(2, "k", [])).validity == .valid)
        #expect(try result(.cart, made + [H.final] + H.get(2, "k", [])).brief == ["lost-item milk @0,1,5,6"])
    }

    private static let milk = H.put(0, "k", "a", extra: ",\"items\":[\"milk\"]")
    private static let without = H.put(1, "k", "c", seen: ["a"], extra: ",\"items\":[]")

    @Test func cartAdditions() throws {
        let read = H.get(2, "k", [])
        #expect(try result(.cart, [Self.milk[0], H.final] + read).validity == .unknown)
        #expect(try result(.cart, [H.final, read[0]] + Self.milk + [read[1]]).validity == .unknown)
        // Put in again by somebody who never heard what became of it.
        let again = H.begin(1, "put", "\"key\":\"k\",\"value\":\"b\",\"items\":[\"milk\"]")
        let lost = try result(.cart, Self.milk + [again, H.final] + read + read)
        #expect(lost.brief == ["lost-item milk @0,1,4,5"] && lost.anomalyCount == 1)
    }

    @Test func cartRemovals() throws {
        let read = H.get(2, "k", [])
        let end = [H.final]
        #expect(try result(.cart, Self.milk + end + read + Self.without).validity == .invalid)
        let deleted = H.done(1, "delete", "\"key\":\"k\",\"value\":\"d\",\"seen\":[\"a\"]", answer: "\"key\":\"k\"")
        #expect(try result(.cart, Self.milk + end + read + deleted).validity == .invalid)
        let failed = [Self.without[0], H.event(1, "fail", "put", "\"key\":\"k\",\"value\":\"c\"")]
        #expect(try result(.cart, Self.milk + failed + end + read).validity == .invalid)
        // Nobody knows whether it was taken out, so it did not come back.
        let open = try result(.cart, Self.milk + [Self.without[0]] + end + H.get(2, "k", ["a"]))
        #expect(open.validity == .valid && open.figure("items_resurfaced") == 0)
    }

    // MARK: linearizable

    @Test func ownOperationsAsARegister() throws {
        let two = H.put(0, "x", "a") + H.put(0, "x", "b", seen: ["a"])
        // Several versions are no value that anybody wrote, whichever comes first.
        var options: (inout CheckOptions) -> Void { { $0.model = .register } }
        #expect(try result(.linearizable, two + H.get(1, "x", ["b", "a"]), options).validity == .invalid)
        let gone =
            H.put(0, "x", "a")
            + H.done(0, "delete", "\"key\":\"x\",\"value\":\"d\",\"seen\":[\"a\"]", answer: "\"key\":\"x\"")
        let tombstone = [
            H.begin(1, "get", "\"key\":\"x\""),
            H.ok(1, "get", "\"key\":\"x\",\"value\":[{\"v\":\"d\",\"tombstone\":true}]"),
        ]
        #expect(try result(.linearizable, gone + tombstone, options).validity == .valid)
        let keys =
            H.done(0, "write", "\"key\":\"x\",\"value\":1")
            + H.done(1, "read", "\"key\":\"y\"", answer: "\"value\":null")
        #expect(try result(.linearizable, keys, options).validity == .valid)
    }
}
