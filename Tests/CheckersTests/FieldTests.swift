import Checkers
import History
import Testing

private typealias H = FieldHistory

/// The checkers of the rest of the field, each on the smallest histories that make it say each thing it can say.
@Suite struct FieldTests {
    // MARK: set-full

    @Test func setFull() throws {
        let add = H.done(0, "add", "\"value\":7")
        let present = H.done(1, "read", answer: "\"value\":[7]")
        let absent = H.done(1, "read", answer: "\"value\":[]")
        #expect(try result(.setFull, add + present).validity == .valid)
        #expect(try result(.setFull, present + add).validity == .unknown)
        #expect(try result(.setFull, add).validity == .unknown)
        let lost = try result(.setFull, add + present + absent)
        #expect(lost.validity == .invalid && lost.brief == ["lost-element 7 @0,1,4,5"])
        let stale = try result(.setFull, add + absent + present)
        #expect(stale.validity == .valid && stale.figure("stale") == 1)
        #expect(stale.figure("stale_ms_max") == 1)
        #expect(stale.figure("attempts") == 1 && stale.figure("reads") == 2)
    }

    @Test func setFullOddities() throws {
        let twice = H.done(0, "add", "\"value\":7") + H.done(1, "read", answer: "\"value\":[7,7]")
        #expect(try result(.setFull, twice).brief == ["duplicated-element 7 @2,3"])
        let phantom = H.done(0, "add", "\"value\":7") + H.done(1, "read", answer: "\"value\":[7,\"x\"]")
        #expect(try result(.setFull, phantom).brief == ["phantom-element \"x\" @2,3"])
        // Of an element that may not have been added nothing is known until it is read.
        let lost = [H.begin(0, "add", "\"value\":7")]
        #expect(try result(.setFull, lost + H.done(1, "read", answer: "\"value\":[]")).validity == .unknown)
        let seen = lost + H.done(1, "read", answer: "\"value\":[7]") + H.done(1, "read", answer: "\"value\":[]")
        #expect(try result(.setFull, seen).brief == ["lost-element 7 @0,2,3,4"])
        // A read that began before the add was acknowledged may miss it.
        let early = [H.begin(1, "read")] + H.done(0, "add", "\"value\":7") + [H.ok(1, "read", "\"value\":[]")]
        #expect(try result(.setFull, early).validity == .unknown)
        let keys =
            H.done(0, "add", "\"key\":\"a\",\"value\":7") + H.done(1, "read", "\"key\":\"b\"", answer: "\"value\":[]")
        #expect(try result(.setFull, keys).validity == .unknown)
    }

    // MARK: counter

    @Test(arguments: [(0, false), (1, true), (2, true), (3, true), (4, false)])
    func counterBounds(seen: Int, isPossible: Bool) throws {
        // One for certain, two more that nobody knows of; minus nothing.
        let lines =
            H.done(0, "add", "\"value\":1") + [H.begin(2, "add", "\"value\":2")]
            + H.done(1, "read", answer: "\"value\":\(seen)")
        let found = try result(.counter, lines)
        #expect(found.validity == (isPossible ? .valid : .invalid))
        #expect(found.brief == (isPossible ? [] : ["counter-out-of-bounds \(seen) @3,4"]))
    }

    @Test func counterInFlight() throws {
        // Begun before the read ended, so it may be in it; one that failed may not.
        let during = [H.begin(1, "read")] + H.done(0, "add", "\"value\":-5") + [H.ok(1, "read", "\"value\":-5")]
        #expect(try result(.counter, during).validity == .valid)
        let none = [H.begin(1, "read")] + H.done(0, "add", "\"value\":-5") + [H.ok(1, "read", "\"value\":0")]
        #expect(try result(.counter, none).validity == .valid)
        let failed =
            [H.begin(0, "add", "\"value\":3"), H.event(0, "fail", "add")] + H.done(0, "add", "\"value\":1")
            + H.done(1, "read", answer: "\"value\":4")
        #expect(try result(.counter, failed).validity == .invalid)
        #expect(try result(.counter, H.done(1, "read", answer: "\"value\":0")).validity == .unknown)
        let after = H.done(0, "add", "\"value\":-5") + H.done(1, "read", answer: "\"value\":0")
        #expect(try result(.counter, after).validity == .invalid)
    }

    // MARK: unique-ids

    @Test func uniqueIDs() throws {
        let one = H.done(0, "generate", answer: "\"value\":17")
        #expect(try result(.uniqueIDs, one).validity == .unknown)
        #expect(try result(.uniqueIDs, one + H.done(0, "generate", answer: "\"value\":\"17\"")).validity == .valid)
        let thrice = try result(.uniqueIDs, one + one + one)
        #expect(thrice.brief == ["duplicate-id 17 @1,3,5"] && thrice.anomalyCount == 1)
    }

    // MARK: availability

    private static func write(_ node: String, _ type: String) -> [String] {
        [
            H.begin(0, "put", "\"key\":\"x\",\"value\":\"\(node)-\(type)\",\"node\":\"\(node)\""),
            H.event(0, type, "put", "\"key\":\"x\",\"value\":\"\(node)-\(type)\""),
        ]
    }

    @Test func availability() throws {
        let kill = [H.nemesis("kill", "\"n1\"")]
        #expect(try result(.availability, kill + Self.write("n2", "ok")).validity == .valid)
        // Nothing happened, so nothing was shown.
        #expect(try result(.availability, Self.write("n2", "ok")).validity == .unknown)
        let refused = try result(.availability, kill + Self.write("n2", "fail"))
        #expect(refused.brief == ["refused-write n2-fail @1,2"] && refused.anomalies.first?.node == "n2")
        #expect(try result(.availability, kill + Self.write("n2", "info")).validity == .invalid)
        // The node that was asked was itself dead.
        #expect(try result(.availability, kill + Self.write("n1", "fail")).validity == .unknown)
        let lost = kill + Self.write("n2", "ok") + [H.begin(1, "put", "\"key\":\"x\",\"value\":\"v\",\"node\":\"n3\"")]
        #expect(try result(.availability, lost).brief == ["refused-write v @3"])
    }

    @Test func serviceLevel() throws {
        let lines = [H.nemesis("kill", "\"n1\"")] + Self.write("n2", "ok")
        #expect(try result(.availability, lines) { $0.serviceLevel = 1_000_000 }.validity == .valid)
        let slow = try result(.availability, lines) { $0.serviceLevel = 999_999 }
        #expect(slow.brief == ["service-level-missed - @1,2"])
        #expect(slow.figure("latency_ms_p99.9") == 1)
        #expect(slow.figure("succeeded_percent") == 100)
    }

    // MARK: staleness

    @Test func staleness() throws {
        let lines = H.put(0, "x", "a") + H.put(0, "x", "b", seen: ["a"]) + H.get(1, "x", ["a"]) + H.get(1, "x", ["b"])
        let free = try result(.staleness, lines)
        #expect(free.validity == .unknown && free.figure("versions_behind_max") == 1)
        #expect(free.figure("versions_behind_p50") == 0 && free.figure("behind_ms_max") == 1)
        #expect(try result(.staleness, lines) { $0.mostVersionsBehind = 1 }.validity == .valid)
        let bounded = try result(.staleness, lines) { $0.mostVersionsBehind = 0 }
        #expect(bounded.brief == ["stale-read b @2,3,4,5"])
        #expect(try result(.staleness, lines) { $0.longestStaleness = 1_000_000 }.validity == .valid)
        #expect(try result(.staleness, lines) { $0.longestStaleness = 999_999 }.validity == .invalid)
        // The first get came a millisecond after the newest write and missed it, the second after three and did not.
        #expect(free.figure("visible_within_3ms_percent") == 0)
        #expect(free.figure("visible_within_10ms_percent") == 100)
        #expect(try result(.staleness, H.get(1, "x", [])) { $0.mostVersionsBehind = 1 }.validity == .unknown)
        let deleted =
            H.put(0, "x", "a")
            + H.done(0, "delete", "\"key\":\"x\",\"value\":\"d\",\"seen\":[\"a\"]", answer: "\"key\":\"x\"")
        #expect(try result(.staleness, deleted + H.get(1, "x", [])) { $0.mostVersionsBehind = 0 }.validity == .valid)
    }

    // MARK: causal

    @Test func causalOwnKey() throws {
        #expect(try result(.causal, H.put(0, "x", "a") + H.get(0, "x", ["a"])).validity == .valid)
        #expect(try result(.causal, H.put(0, "x", "a") + H.get(1, "x", [])).validity == .unknown)
        let own = try result(.causal, H.put(0, "x", "a") + H.get(0, "x", []))
        #expect(own.brief == ["read-your-writes a @0,1,2,3"])
        let back = try result(.causal, H.put(0, "x", "a") + H.get(1, "x", ["a"]) + H.get(1, "x", []))
        #expect(back.brief == ["monotonic-reads a @0,1,3,4,5"])
    }

    @Test func causalAcrossKeys() throws {
        let order = H.put(0, "x", "a") + H.put(0, "y", "b") + H.get(1, "y", ["b"])
        #expect(try result(.causal, order + H.get(1, "x", [])).brief == ["monotonic-writes a @0,1,5,6,7"])
        #expect(try result(.causal, order + H.get(1, "x", ["a"])).validity == .valid)
        // Somebody who has not read b need not see a.
        #expect(try result(.causal, order + H.get(2, "x", [])).validity == .unknown)
        let chain = H.put(0, "x", "a") + H.get(1, "x", ["a"]) + H.put(1, "y", "b") + H.get(2, "y", ["b"])
        #expect(try result(.causal, chain + H.get(2, "x", [])).brief == ["writes-follow-reads a @0,1,7,8,9"])
        // Written over with knowledge of it: not missed.
        let covered = chain + H.put(3, "x", "c", seen: ["a"]) + H.get(2, "x", ["c"])
        #expect(try result(.causal, covered).validity == .valid)
    }

    // MARK: cart

    @Test func cart() throws {
        let milk = H.put(0, "k", "a", extra: ",\"items\":[\"milk\"]")
        let tea = H.put(1, "k", "b", extra: ",\"items\":[\"tea\"]")
        let end = [H.final]
        #expect(try result(.cart, milk + tea + end + H.get(2, "k", ["a", "b"])).validity == .valid)
        let lost = try result(.cart, milk + tea + end + H.get(2, "k", ["b"]))
        #expect(lost.brief == ["lost-item milk @0,1,5,6"] && lost.anomalies.first?.other == "a")
        #expect(try result(.cart, milk + H.get(2, "k", [])).validity == .unknown)
        #expect(try result(.cart, H.put(0, "k", "a") + end + H.get(2, "k", [])).validity == .unknown)
        let removed = milk + H.put(1, "k", "c", seen: ["a"], extra: ",\"items\":[]") + end
        #expect(try result(.cart, removed + H.get(2, "k", ["c"])).validity == .valid)
        let back = try result(.cart, removed + H.get(2, "k", ["a"]))
        #expect(back.validity == .valid && back.figure("items_resurfaced") == 1)
        // A delete takes out only what it had seen.
        let deleted =
            milk + H.done(1, "delete", "\"key\":\"k\",\"value\":\"d\",\"seen\":[\"a\"]", answer: "\"key\":\"k\"") + end
        #expect(try result(.cart, deleted + H.get(2, "k", [])).validity == .valid)
        let blind =
            milk + tea + H.done(1, "delete", "\"key\":\"k\",\"value\":\"d\",\"seen\":[\"b\"]", answer: "\"key\":\"k\"")
            + end
        #expect(try result(.cart, blind + H.get(2, "k", [])).brief == ["lost-item milk @0,1,7,8"])
    }

    // MARK: the verdict's text

    @Test func figuresAreInTheJSON() throws {
        let history = try H(H.done(0, "generate", answer: "\"value\":1")).history
        let json = check(history, checkers: [.uniqueIDs]).json
        #expect(json.contains("\"figures\":{\"generated\":1},\"anomaly_count\":0"))
        #expect(
            [0.5, -2, 1.00004, 1_234.56789, 0].map { Figure("", $0).text } == ["0.5", "-2", "1", "1234.5679", "0"])
    }
}
