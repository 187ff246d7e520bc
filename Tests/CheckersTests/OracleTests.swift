import Checkers
import History
import Testing

/// The fast checkers against the rules read out slowly, over thousands of random histories.
@Suite struct OracleTests {
    /// How a fast result reads in the oracle's form.
    static func anomalies(_ result: CheckerResult) -> Set<String> {
        Set(
            result.anomalies.map {
                "\($0.type.name)|\($0.key ?? "")|\($0.value ?? "")|\($0.other ?? "")|\($0.node ?? "")"
            })
    }

    static func expected(_ soup: Soup) -> [(CheckerName, OracleResult)] {
        let oracle = Oracle(header: soup.header, events: soup.events)
        return [
            (.siblings, oracle.siblings()), (.causality, oracle.causality()), (.durability, oracle.durability()),
            (.convergence, oracle.convergence()), (.session, oracle.session()),
        ]
    }

    @Test(arguments: 0..<10) func agrees(block: Int) {
        var occurred: [String: Int] = [:]
        var validities: [CheckerName: Set<Validity>] = [:]
        for seed in UInt64(block * 1000)..<UInt64((block + 1) * 1000) {
            let soup = Soup(seed: seed)
            let verdict = check(soup.history, checkers: CheckerName.contract, maxAnomalies: 100_000)
            for (name, expected) in Self.expected(soup) {
                let result = verdict[name] ?? CheckerResult(validity: .unknown)
                let found = Self.anomalies(result)
                #expect(
                    found == expected.anomalies,
                    """
                    seed \(seed), \(name): missing \(expected.anomalies.subtracting(found).sorted()), \
                    too many \(found.subtracting(expected.anomalies).sorted())
                    """)
                #expect(result.validity == expected.validity, "seed \(seed), \(name)")
                #expect(result.anomalyCount == expected.anomalies.count, "seed \(seed), \(name)")
                validities[name, default: []].insert(result.validity)
                for anomaly in result.anomalies { occurred[anomaly.type.name, default: 0] += 1 }
            }
        }
        // The comparison is worth nothing for what never occurs.
        // `ack-below-w` is no rule of the contract: it is told by what a capture saw, which no soup has.
        for type in AnomalyType.contract where type != .ackBelowW {
            #expect(occurred[type.name, default: 0] >= 5, "\(type.name) is too rare")
        }
        for name in CheckerName.contract { #expect(validities[name]?.count == 3, "\(name) never varied") }
    }

    /// Long histories with wide reads, where the checkers ask for many writes at once.
    @Test(arguments: UInt64(0)..<40) func agreesOnWideReads(seed: UInt64) {
        let soup = Soup(seed: 1_000_000 + seed, scale: 12)
        let oracle = Oracle(header: soup.header, events: soup.events)
        let verdict = check(soup.history, checkers: [.siblings, .session], maxAnomalies: .max)
        for (name, expected) in [(CheckerName.siblings, oracle.siblings()), (.session, oracle.session())] {
            let found = verdict[name].map(Self.anomalies) ?? []
            #expect(
                found == expected.anomalies,
                """
                seed \(seed), \(name): missing \(expected.anomalies.subtracting(found).sorted()), \
                too many \(found.subtracting(expected.anomalies).sorted())
                """)
        }
    }
}
