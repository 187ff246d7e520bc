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

    @Test func aSoundHistoryGivesNothing() {
        let history = SyntheticHistory.generate(events: 20_000, keys: 20, clients: 8, seed: 5)
        #expect(Self.live(history, parts: 1000).isEmpty)
    }
}
