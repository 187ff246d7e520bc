import Linearizability
import Testing

/// The fast decisions against every order tried in turn.
@Suite struct OracleTests {
    @Test(arguments: Subject.allCases) func agreesWithEveryOrder(subject: Subject) {
        var counts = [false: 0, true: 0]
        for seed in UInt64(0)..<6000 {
            var histories = RandomHistories(subject, seed: seed)
            let history = histories.history(count: 1 + Int(seed % 7), processes: 2 + Int(seed % 3))
            let expected = BruteForce.isLinearizable(history)
            let verdict = subject.check(history).decide(group: 0, Budget())
            #expect((verdict == .linearizable) == expected, "\(subject) seed \(seed)")
            counts[expected, default: 0] += 1
            guard case .notLinearizable(let proof) = verdict else { continue }
            #expect(!proof.operations.isEmpty, "\(subject) seed \(seed)")
        }
        // The comparison is worth nothing for what hardly occurs.
        #expect(counts.values.allSatisfy { $0 > 200 }, "\(subject): \(counts)")
    }

    /// Longer ones, too long for every order: the path for unique values against the search.
    @Test(arguments: [Subject.uniqueRegister, .uniqueText]) func pathsAgree(subject: Subject) {
        var counts = [false: 0, true: 0]
        for seed in UInt64(0)..<4000 {
            var histories = RandomHistories(subject, seed: seed)
            let history = histories.history(count: 8 + Int(seed % 20), processes: 2 + Int(seed % 4))
            let fast = subject.check(history).decide(group: 0, Budget())
            let slow = subject.check(history, usesUniqueValues: false).decide(group: 0, Budget())
            #expect((fast == .linearizable) == (slow == .linearizable), "\(subject) seed \(seed)")
            counts[fast == .linearizable, default: 0] += 1
        }
        #expect(counts.values.allSatisfy { $0 > 200 }, "\(subject): \(counts)")
    }

    /// A proof stands by itself, behind what came before it: when all else that changes the object and began before the end of it may have happened
    /// at any time, or never, and all other answers are passed over, there still is no order.
    @Test(arguments: Subject.allCases) func proofsStandAlone(subject: Subject) {
        var proofs = 0
        for seed in UInt64(0)..<1500 {
            var histories = RandomHistories(subject, seed: seed)
            let history = histories.history(count: 7, processes: 3)
            guard case .notLinearizable(let proof) = subject.check(history).decide(group: 0, Budget()) else { continue }
            // Operations are numbered by their beginnings.
            let order = history.indices.sorted { history[$0].begin < history[$1].begin }
            let cited = Set(proof.operations.map { order[Int($0)] })
            let first = cited.map { history[$0].begin }.min() ?? 0
            let stuck = history[order[Int(proof.stuck)]].end ?? .max
            let loosened = history.indices.compactMap { index -> PlainOperation? in
                var operation = history[index]
                if let end = operation.end, end < first { return operation }
                if cited.contains(index) { return operation }
                if Self.isObserver(operation.deed) || operation.begin > stuck { return nil }
                // What was still in flight at the end of the proof may come late, but not before its beginning.
                if let end = operation.end, end < stuck { operation.begin = -1 - index }
                operation.end = nil
                return operation
            }
            #expect(!BruteForce.isLinearizable(loosened), "\(subject) seed \(seed)")
            proofs += 1
        }
        #expect(proofs > 50, "\(subject): \(proofs)")
    }

    private static func isObserver(_ deed: Deed) -> Bool {
        switch deed {
        case .read, .refusedCas, .readText, .contains, .readSet, .readSum: true
        case .transaction(let accesses): accesses.allSatisfy { !$0.isWrite }
        default: false
        }
    }

    /// Hundreds of operations that never ended keep their slots for ever: every width of the window.
    @Test(arguments: [12, 100, 500, 2000]) func manyLostOperations(lost: Int) {
        var history = (0..<lost).map { PlainOperation(deed: .write(Int64(1 + $0 % 7)), begin: $0, end: nil) }
        var now = lost
        for round in 0..<20 {
            history.append(PlainOperation(deed: .write(100 + Int64(round)), begin: now, end: now + 2))
            history.append(PlainOperation(deed: .read(Int64(1 + round % 7)), begin: now + 1, end: now + 3))
            now += 4
        }
        // Each read needs a lost write of its value.
        let isPossible = Subject.casRegister.check(history).decide(group: 0, Budget()) == .linearizable
        #expect(isPossible == (lost >= 20))
        history.append(PlainOperation(deed: .read(8), begin: now, end: now + 1))
        let verdict = Subject.casRegister.check(history, usesUniqueValues: false).decide(group: 0, Budget())
        guard case .notLinearizable(let proof) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(!proof.operations.isEmpty)
        // The wider the window, the fewer attempts there are to make the proof small.
        if isPossible, lost <= 500 { #expect(proof.operations.count == 1) }
    }

    @Test func tooManyInFlight() {
        let history = (0..<5000).map { PlainOperation(deed: .write(Int64($0 % 3)), begin: $0, end: 9000 + $0) }
        #expect(
            Subject.register.check(history).decide(group: 0, Budget()) == .unknown(.concurrency(5000)))
    }

    @Test func givesUpInsteadOfGuessing() {
        var histories = RandomHistories(.text, seed: 7)
        let history = histories.history(count: 2000, processes: 40)
        let check = Subject.text.check(history)
        #expect(check.decide(group: 0, Budget(bytes: 1 << 12)) == .unknown(.memory))
        #expect(check.decide(group: 0, Budget(isTimeUp: { true })) == .unknown(.time))
    }
}
