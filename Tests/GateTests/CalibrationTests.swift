import Foundation
import Gate
import Testing

/// A release needs a bench that was seen to go red, lately, in the very build that judged it.
@Suite struct CalibrationTests {
    private func decide(
        build: String = Histories.build, finished: String = "\(Histories.today)T03:00:00Z", found: Bool = true,
        falseAlarms: Int = 0
    ) throws -> Outcome {
        let text = """
            {"build":"\(build)","finished":"\(finished)","flaws":[{"flaw":"forget-hints","found":\(found)}],\
            "sound":{"runs":3,"falseAlarms":\(falseAlarms)},"more":1}
            """
        let calibration = try JSONDecoder().decode(Calibration.self, from: Data(text.utf8))
        let policy = Histories.policy { $0.calibration = Policy.CalibrationRule(file: "c.json", withinDays: 14) }
        return Histories.decide(
            policy, [.run(Histories.facts(Histories.good()))], calibration: .read(calibration)
        ).outcome
    }

    @Test func aFreshAndCompleteOnePasses() throws {
        #expect(try decide() == .pass)
        #expect(try decide(finished: "\(CivilDate(day: Histories.today.day - 14))T23:59:59Z") == .pass)
    }

    @Test func anyOtherIsInconclusive() throws {
        #expect(try decide(build: "build-2") == .inconclusive)
        #expect(try decide(finished: "\(CivilDate(day: Histories.today.day - 15))T00:00:00Z") == .inconclusive)
        #expect(try decide(finished: "yesterday") == .inconclusive)
        #expect(try decide(found: false) == .inconclusive)
        #expect(try decide(falseAlarms: 1) == .inconclusive)
    }

    @Test func oneThatCannotBeReadIsInconclusive() {
        let policy = Histories.policy { $0.calibration = Policy.CalibrationRule(file: "c.json", withinDays: 14) }
        let run = Gate.Submission.run(Histories.facts(Histories.good()))
        #expect(Histories.decide(policy, [run], calibration: .unusable("no such file")).outcome == .inconclusive)
        #expect(Histories.decide(policy, [run]).outcome == .inconclusive)
    }
}
