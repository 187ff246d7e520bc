import Checkers
import History
import Testing

/// What is called certain while a history grows is in the verdict on the whole, and of the kinds that can be certain
/// nothing is missed.
@Suite struct LiveChecksTests {
    /// What the final verdict may call a violation.
    private static func names(_ type: AnomalyType) -> [String] {
        switch type {
        case .phantomValue: ["phantom-value", "future-read", "wrong-key"]
        case .duplicateDot: ["duplicate-dot", "dot-reused-after-delete"]
        default: [type.name]
        }
    }

    private static func identity(_ name: String, _ parts: [String?]) -> String {
        ([name] + parts.map { $0 ?? "" }).joined(separator: "|")
    }

    private static func identities(_ verdict: Verdict) -> Set<String> {
        Set(
            verdict.checkers.flatMap(\.result.anomalies).map {
                identity($0.type.name, [$0.key, $0.value, $0.other, $0.node])
            })
    }

    private static func live(_ history: History, parts: Int) -> [LiveViolation] {
        var checks = LiveChecks(header: history.header)
        var found: [LiveViolation] = []
        var start = 0
        while start < history.events.count {
            let end = min(history.events.count, start + parts)
            var part = history
            part.events = ContiguousArray(history.events[start..<end])
            found += checks.take(part)
            start = end
        }
        return found
    }

    @Test(arguments: 0..<3) func certainIsCertain(block: Int) {
        var occurred: [AnomalyType: Int] = [:]
        for seed in UInt64(block * 400)..<UInt64((block + 1) * 400) {
            let history = Soup(seed: seed).history
            let verdict = Self.identities(check(history, checkers: CheckerName.allCases, maxAnomalies: .max))
            let found = Self.live(history, parts: 1 + Int(seed % 50))
            for violation in found {
                let parts = [violation.key, violation.value, violation.other, violation.node]
                #expect(
                    Self.names(violation.type).contains { verdict.contains(Self.identity($0, parts)) },
                    "seed \(seed): \(violation)")
                #expect(history.events.indices.contains(violation.event) && violation.message.hasSuffix("."))
                occurred[violation.type, default: 0] += 1
            }
            #expect(Set(found).count == found.count)
        }
        let kinds: [AnomalyType] = [
            .phantomValue, .wrongKey, .failedWriteVisible, .staleSibling, .duplicateDot, .rootMismatch,
            .undeliveredHint,
            .notConverged,
        ]
        for kind in kinds { #expect(occurred[kind, default: 0] >= 5, "\(kind.name) is too rare") }
        #expect(Set(occurred.keys).isSubset(of: kinds))
    }

    @Test func nothingCertainIsMissed() {
        let kinds = [
            "failed-write-visible", "wrong-key", "root-mismatch", "undelivered-hint", "future-read", "phantom-value",
        ]
        for seed in UInt64(0)..<400 {
            let history = Soup(seed: seed).history
            let found = Set(
                Self.live(history, parts: 7).flatMap { violation in
                    Self.names(violation.type).map {
                        Self.identity($0, [violation.key, violation.value, violation.other, violation.node])
                    }
                })
            let verdict = Self.identities(check(history, maxAnomalies: .max))
            for anomaly in verdict where kinds.contains(where: { anomaly.hasPrefix($0 + "|") }) {
                #expect(found.contains(anomaly), "seed \(seed)")
            }
        }
    }

    /// What is certain after these lines, one event at a time.
    private static func certain(_ lines: [String], convergeWithin: Int = 1000) throws -> [AnomalyType] {
        let header = "{\"dyno\":1,\"converge_within_ns\":\(convergeWithin)}"
        let history = try JSONLines.parse(Array(([header] + lines).joined(separator: "\n").utf8), file: "h")
        return live(history, parts: 1).map(\.type)
    }

    private static func put(
        _ process: Int, _ key: String, _ id: String, seen: String = "", dot: String? = nil, end: String = "ok"
    ) -> [String] {
        let members = "\"time\":1,\"process\":\(process),\"f\":\"put\",\"key\":\"\(key)\",\"value\":\"\(id)\""
        let shown = dot.map { ",\"dot\":\($0)" } ?? ""
        return ["{\(members),\"type\":\"invoke\",\"seen\":[\(seen)]}", "{\(members),\"type\":\"\(end)\"\(shown)}"]
    }

    private static func get(_ key: String, _ versions: String) -> [String] {
        let members = "\"time\":1,\"process\":9,\"f\":\"get\",\"key\":\"\(key)\""
        return ["{\(members),\"type\":\"invoke\"}", "{\(members),\"type\":\"ok\",\"value\":[\(versions)]}"]
    }

    private static func replica(_ key: String, _ versions: String) -> String {
        "{\"time\":1,\"process\":\"inspector\",\"type\":\"ok\",\"f\":\"replica\",\"node\":\"n1\",\"key\":\"\(key)\",\"value\":[\(versions)]}"
    }

    private static func event(_ time: Int, _ process: String, _ rest: String) -> String {
        "{\"time\":\(time),\"process\":\"\(process)\",\"type\":\"info\",\(rest)}"
    }

    /// A dot may be shown by an acknowledgement, a read or a replica.
    @Test func dotsAreLearntWhereverTheyAreShown() throws {
        let dot = #"["n1",1]"#
        let (one, other) = (#"{"v":"0-1","dot":["n1",1]}"#, #"{"v":"1-1","dot":["n1",1]}"#)
        let writes = Self.put(0, "k", "0-1") + Self.put(1, "k", "1-1")
        #expect(
            try Self.certain(Self.put(0, "k", "0-1", dot: dot) + Self.put(1, "k", "1-1", dot: dot)) == [.duplicateDot])
        #expect(try Self.certain(writes + Self.get("k", one) + Self.get("k", other)) == [.duplicateDot])
        #expect(try Self.certain(writes + [Self.replica("k", one), Self.replica("k", other)]) == [.duplicateDot])
        #expect(try Self.certain(writes + Self.get("k", one) + [Self.replica("k", one)]).isEmpty)
        // Of another key it is another dot; and what a replica of another key holds says nothing of this one's.
        #expect(try Self.certain(Self.put(0, "k", "0-1", dot: dot) + Self.put(1, "j", "1-1", dot: dot)).isEmpty)
        let strange = Self.put(0, "k", "0-1") + Self.put(1, "k", "1-1", dot: dot) + [Self.replica("j", one)]
        #expect(try Self.certain(strange).isEmpty)
    }

    @Test func staleThroughOthers() throws {
        let writes = Self.put(0, "k", "a") + Self.put(0, "k", "b", seen: #""a""#) + Self.put(0, "k", "c", seen: #""b""#)
        #expect(try Self.certain(writes + Self.get("k", #""a","c""#)) == [.staleSibling])
        #expect(try Self.certain(writes + Self.get("k", #""c""#)).isEmpty)
    }

    @Test func failedWritesAreSeenBeforeAndAfter() throws {
        let (begun, failed) = (Self.put(0, "k", "a", end: "fail")[0], Self.put(0, "k", "a", end: "fail")[1])
        #expect(try Self.certain([begun] + Self.get("k", #""a""#) + [failed]) == [.failedWriteVisible])
        #expect(
            try Self.certain([begun, failed] + Self.get("k", #""a""#) + Self.get("k", #""a""#)) == [.failedWriteVisible]
        )
    }

    @Test func whatCountsOnlyInTheEnd() throws {
        func hints(_ time: Int, _ count: Int) -> String {
            Self.event(time, "inspector", #""f":"hints","node":"n1","count":\#(count)"#)
        }
        func root(_ time: Int, _ hash: String) -> String {
            Self.event(time, "inspector", #""f":"root","node":"n1","range":"r","hash":"\#(hash)""#)
        }
        let final = Self.event(5, "controller", #""f":"phase","value":"final""#)
        #expect(try Self.certain([hints(1, 2), root(2, "a"), root(3, "b"), final]).isEmpty)
        #expect(try Self.certain([final, hints(6, 0), root(7, "a"), root(8, "a")]).isEmpty)
        #expect(
            try Self.certain([final, hints(6, 1), root(7, "a"), root(8, "b")]) == [.undeliveredHint, .rootMismatch])
    }

    @Test func convergenceHasTimeToTheLastNanosecond() throws {
        let heal = Self.event(10, "controller", #""f":"phase","value":"heal""#)
        func converged(_ time: Int) -> String { Self.event(time, "controller", #""f":"converged""#) }
        func word(_ time: Int) -> String { Self.event(time, "watchdog", #""f":"noticed""#) }
        #expect(try Self.certain([heal, word(110)], convergeWithin: 100).isEmpty)
        #expect(try Self.certain([heal, word(111)], convergeWithin: 100) == [.notConverged])
        #expect(try Self.certain([heal, converged(110), word(900)], convergeWithin: 100).isEmpty)
        #expect(try Self.certain([heal, converged(111)], convergeWithin: 100) == [.notConverged])
    }

    @Test func aSoundHistoryGivesNothing() {
        let history = SyntheticHistory.generate(events: 20_000, keys: 20, clients: 8, seed: 5)
        #expect(Self.live(history, parts: 1000).isEmpty)
    }
}
