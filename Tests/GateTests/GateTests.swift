import Checkers
import Gate
import History
import Testing

/// A gate passes a good run, and nothing that lacks anything of it.
@Suite struct GateTests {
    private let good = Histories.facts(Histories.good())

    @Test func aGoodRunPasses() {
        let decision = Histories.decide(Histories.policy(), [.run(good)])
        #expect(decision.outcome == .pass)
        #expect(decision.reasons.isEmpty)
    }

    @Test func noRunsAreInconclusive() {
        #expect(Histories.decide(Histories.policy(), []).outcome == .inconclusive)
    }

    @Test func aHistoryThatCannotBeReadIsInconclusive() {
        let decision = Histories.decide(
            Histories.policy(), [.run(good), .unusable(path: "runs/2", reason: "runs/2: it has form 2")])
        #expect(decision.outcome == .inconclusive)
        #expect(decision.reasons.contains { $0.subject == "runs/2" })
    }

    @Test func aMissingWorkloadOrTooFewSeedsAreInconclusive() {
        let policy = Histories.policy { $0.workloads.append(Policy.WorkloadRule(workload: "other")) }
        #expect(Histories.decide(policy, [.run(good)]).outcome == .inconclusive)
        let seeds = Histories.policy { $0.workloads[0].seeds = 2 }
        // The same seed twice is one seed.
        #expect(Histories.decide(seeds, [.run(good), .run(good)]).outcome == .inconclusive)
        let second = Histories.facts(Histories.good(seed: 6), path: "runs/2")
        #expect(Histories.decide(seeds, [.run(good), .run(second)]).outcome == .pass)
    }

    @Test func aTruncatedHistoryIsInconclusive() {
        var history = Histories.good()
        history.truncation = Truncation(reason: "the file ends within a block", bytesLost: 9)
        let decision = Histories.decide(Histories.policy(), [.run(Histories.facts(history))])
        #expect(decision.outcome == .inconclusive)
        #expect(decision.reasons.contains { $0.rule == "history" })
    }

    @Test func aHistoryCutBetweenTwoLinesIsInconclusive() {
        let decision = Histories.decide(
            Histories.policy(), [.run(Histories.facts(Histories.good(isWhole: false)))])
        #expect(decision.outcome == .inconclusive)
        #expect(decision.reasons.map(\.rule) == ["history"])
    }

    @Test func anEmptyHistoryIsInconclusive() {
        var history = History()
        history.header.extras = Histories.good().header.extras
        #expect(Histories.decide(Histories.policy(), [.run(Histories.facts(history))]).outcome == .inconclusive)
    }

    @Test func faultsWithoutWitnessAreInconclusive() {
        let without = Histories.facts(Histories.good(witnesses: []))
        #expect(!without.unwitnessed.isEmpty)
        #expect(Histories.decide(Histories.policy(), [.run(without)]).outcome == .inconclusive)
        let refuted = Histories.facts(
            Histories.good(witnesses: [Histories.witness(proven: true), Histories.witness(proven: false)]))
        #expect(Histories.decide(Histories.policy(), [.run(refuted)]).outcome == .inconclusive)
        // A witness of another time proves nothing.
        let elsewhere = Histories.facts(Histories.good(witnesses: [Histories.witness(proven: true, end: 1)]))
        #expect(Histories.decide(Histories.policy(), [.run(elsewhere)]).outcome == .inconclusive)
        // Histories tell whole microseconds, witnesses nanoseconds.
        let first = Histories.good().events.first { $0.process == .nemesis }?.time ?? 0
        let later =
            "{\"fault\":\"kill\",\"nodes\":[\"n1\"],\"begin\":\(first + 900),\"end\":\(Int64.max),"
            + "\"effect_ns\":0,\"proven\":true,\"sentence\":\"ended\"}"
        #expect(Histories.facts(Histories.good(witnesses: [later])).unwitnessed.isEmpty)
        let lenient = Histories.policy { $0.demandsWitnesses = false }
        #expect(Histories.decide(lenient, [.run(without)]).outcome == .pass)
    }

    @Test func aRunOfAnotherBuildOrWithAFlawIsInconclusive() {
        for history in [
            Histories.good(build: "build-2"), Histories.good(build: nil), Histories.good(flaw: "forget-hints"),
        ] {
            #expect(Histories.decide(Histories.policy(), [.run(Histories.facts(history))]).outcome == .inconclusive)
        }
        let any = Histories.policy { $0.demandsSameBuild = false }
        #expect(Histories.decide(any, [.run(Histories.facts(Histories.good(build: "build-2")))]).outcome == .pass)
    }

    @Test func aVacuousCheckerIsInconclusive() {
        var bare = History()
        bare.header = Histories.good().header
        var draft = EventDraft(0, .controller, .info, .phase)
        draft.value = "load"
        bare.append(draft)
        let decision = Histories.decide(Histories.policy(), [.run(Histories.facts(bare))])
        #expect(decision.outcome == .inconclusive)
        #expect(decision.reasons.contains { $0.rule == "checker durability" })
    }

    @Test func floorsAndCeilings() {
        let tooFew = Histories.policy { $0.everywhere.floors["operations"] = 1_000_000 }
        #expect(Histories.decide(tooFew, [.run(good)]).outcome == .inconclusive)
        let enough = Histories.policy { $0.everywhere.floors["operations"] = 100 }
        #expect(Histories.decide(enough, [.run(good)]).outcome == .pass)
        let tooSlow = Histories.policy { $0.everywhere.ceilings.p999 = 0 }
        #expect(Histories.decide(tooSlow, [.run(good)]).outcome == .fail)
        let fastEnough = Histories.policy { $0.everywhere.ceilings.p999 = .max }
        #expect(Histories.decide(fastEnough, [.run(good)]).outcome == .pass)
    }

    @Test func aSlowerRunThanTheBaselineFails() {
        let policy = Histories.policy {
            var baseline = Policy.Baseline(run: "baseline")
            baseline.convergence = 150
            $0.workloads[0].baseline = baseline
        }
        var slower = good, within = good
        guard let convergence = good.exercise.convergence else {
            Issue.record("the synthetic history does not converge")
            return
        }
        slower.exercise.convergence = convergence * 2
        within.exercise.convergence = convergence * 3 / 2
        let baselines = ["baseline": Gate.Submission.run(good)]
        #expect(Histories.decide(policy, [.run(slower)], baselines: baselines).outcome == .fail)
        #expect(Histories.decide(policy, [.run(within)], baselines: baselines).outcome == .pass)
        #expect(Histories.decide(policy, [.run(good)]).outcome == .inconclusive)
    }
}
