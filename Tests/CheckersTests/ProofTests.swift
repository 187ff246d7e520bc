import Checkers
import History
import Testing

/// The events that an anomaly cites: in order, in range, and enough.
@Suite struct ProofTests {
    /// The cited events with the other halves of their operations, what controller and nemesis did, and nothing else.
    ///
    /// That an anomaly rests on what is absent (no later write saw it) leaves the proof valid: less can only be absent.
    private static func reduced(_ soup: Soup, to ops: [Int]) -> History {
        let pairs = soup.history.pairing()
        var kept = Set(ops)
        for op in ops where pairs[op] >= 0 { kept.insert(Int(pairs[op])) }
        var history = History()
        history.header = soup.header
        for (index, event) in soup.events.enumerated()
        where kept.contains(index) || event.process == .controller || event.process == .nemesis {
            history.append(event)
        }
        return history
    }

    @Test(arguments: 0..<4) func opsProveTheirAnomaly(block: Int) {
        var checked = 0
        for seed in UInt64(block * 100)..<UInt64((block + 1) * 100) {
            let soup = Soup(seed: seed)
            let verdict = check(soup.history, checkers: CheckerName.contract, maxAnomalies: 25)
            for (name, result) in verdict.checkers {
                for anomaly in result.anomalies {
                    let again = check(Self.reduced(soup, to: anomaly.ops), checkers: [name], maxAnomalies: 10_000)
                    let found = again.checkers[0].result.anomalies.contains {
                        $0.key == anomaly.key && $0.value == anomaly.value && $0.other == anomaly.other
                            && $0.node == anomaly.node && $0.type == anomaly.type
                    }
                    #expect(found, "seed \(seed): \(anomaly)")
                    checked += 1
                }
            }
        }
        #expect(checked > 500)
    }

    @Test func opsAreSortedAndCiteTheWriteAndTheObserver() {
        for seed in UInt64(5000)..<5200 {
            let soup = Soup(seed: seed)
            let verdict = check(soup.history, checkers: CheckerName.contract, maxAnomalies: 50)
            for anomaly in verdict.checkers.flatMap(\.result.anomalies) {
                #expect(!anomaly.ops.isEmpty && anomaly.ops == Set(anomaly.ops).sorted(), "\(anomaly)")
                #expect(anomaly.ops.allSatisfy { soup.events.indices.contains($0) }, "\(anomaly)")
                #expect(anomaly.message.hasSuffix(".") && anomaly.message.contains(" s"), "\(anomaly)")
                if let value = anomaly.value, anomaly.type != .phantomValue {
                    #expect(anomaly.ops.contains { soup.events[$0].value == value }, "\(anomaly)")
                    #expect(anomaly.message.contains(value), "\(anomaly)")
                }
                if let node = anomaly.node {
                    #expect(anomaly.ops.contains { soup.events[$0].node == node }, "\(anomaly)")
                    #expect(anomaly.message.contains(node), "\(anomaly)")
                }
            }
        }
    }

    @Test func listedAnomaliesAreTheFirstOfTheCounted() {
        var seed: UInt64 = 0
        while (check(Soup(seed: seed).history, maxAnomalies: 0)[.siblings]?.anomalyCount ?? 0) < 5 { seed += 1 }
        let history = Soup(seed: seed).history
        let all = check(history, checkers: CheckerName.contract, maxAnomalies: .max)
        let few = check(history, checkers: CheckerName.contract, maxAnomalies: 2)
        for (one, two) in zip(all.checkers, few.checkers) {
            #expect(one.result.anomalyCount == one.result.anomalies.count)
            #expect(one.result.anomalyCount == two.result.anomalyCount)
            #expect(Array(one.result.anomalies.prefix(2)) == two.result.anomalies)
            #expect(one.result.validity == two.result.validity)
        }
        #expect(all.checkers.contains { $0.result.anomalyCount > 2 })
    }
}
